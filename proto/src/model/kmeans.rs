//! Clusters in `model.json`, and the assignment of one customer to them.

use serde::{Deserialize, Serialize};

use super::{FeatureTransform, GRID};
use crate::{Error, Result};

/// A k-means segmentation: all that is needed to assign a new customer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KmeansModel {
    /// The segmentation's name.
    pub segmentation: String,
    /// SQL that says who is in scope, as in the job.
    pub filter: Option<String>,
    /// The features in the order of the centroids' coordinates.
    pub features: Vec<FeatureTransform>,
    /// The clusters, by key.
    pub clusters: Vec<ClusterModel>,
}

/// One cluster.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClusterModel {
    /// `c01`, `c02`, …: by falling size, ties by the smallest customer id.
    pub key: String,
    /// Shown to people.
    pub name: String,
    /// Customers when it was fitted.
    pub customers: u64,
    /// A customer equally far from several clusters goes to the lowest `tie_rank`.
    pub tie_rank: u32,
    /// √(Σd² / customers) with the distances d of its customers to the centroid when it was fitted, in scaled space; 0
    /// where they all lie on it.
    pub rms_distance: f64,
    /// The centroid in grid units of 2⁻²⁰: what decides.
    pub centroid_units: Vec<i32>,
    /// The centroid, scaled: units · 2⁻²⁰.
    pub centroid_scaled: Vec<f64>,
    /// The centroid in original units: scaling and transform undone, so a kind of typical value and not the mean.
    pub centroid_original: Vec<f64>,
}

/// Where a customer belongs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Assignment {
    /// Index into [`KmeansModel::clusters`].
    pub cluster: usize,
    /// Euclidean distance to the centroid, in scaled space.
    pub distance: f32,
    /// (d2 − d1) / d2 with the distance d2 to the second nearest centroid: 0 (between two) to 1.
    pub margin: f32,
}

impl KmeansModel {
    /// Makes the model of a fit.
    ///
    /// `centroids` (k × features, in the fit's order), `counts` and `smallest_ids` (empty: no customer) belong together.
    pub fn new(
        segmentation: &str,
        features: Vec<FeatureTransform>,
        centroids: &[Vec<i32>],
        counts: &[u64],
        smallest_ids: &[String],
    ) -> Self {
        let mut order: Vec<usize> = (0..centroids.len()).collect();
        // The fit's order comes last: it decides only between empty clusters.
        order.sort_by_key(|&cluster| (std::cmp::Reverse(counts[cluster]), &smallest_ids[cluster], cluster));
        let clusters = order
            .into_iter()
            .enumerate()
            .map(|(position, cluster)| {
                let units = centroids[cluster].clone();
                let scaled: Vec<f64> = units.iter().map(|unit| f64::from(*unit) / GRID).collect();
                let original =
                    features.iter().zip(&scaled).map(|(feature, scaled)| feature.original(*scaled)).collect();
                let key = format!("c{:02}", position + 1);
                ClusterModel {
                    name: key.clone(),
                    key,
                    customers: counts[cluster],
                    tie_rank: cluster as u32,
                    rms_distance: 0.0,
                    centroid_units: units,
                    centroid_scaled: scaled,
                    centroid_original: original,
                }
            })
            .collect();
        Self { segmentation: segmentation.to_owned(), filter: None, features, clusters }
    }

    /// Takes √(Σd² / customers) of every cluster, in the fit's order.
    pub fn with_rms_distances(mut self, distances: &[f64]) -> Self {
        for cluster in &mut self.clusters {
            cluster.rms_distance = distances.get(cluster.tie_rank as usize).copied().unwrap_or_default();
        }
        self
    }

    /// Gives the outlier score of a customer of a cluster: its distance over the cluster's `rms_distance`, so 1 is usual.
    ///
    /// `None` where all customers lay on the centroid, so that there is no usual distance.
    pub fn outlier_score(&self, cluster: usize, distance: f32) -> Option<f32> {
        let usual = self.clusters.get(cluster)?.rms_distance;
        (usual > 0.0).then(|| (f64::from(distance) / usual) as f32)
    }

    /// Gives the indices of the clusters by rising tie rank: the order in which centroids must be compared.
    pub fn by_tie_rank(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.clusters.len()).collect();
        order.sort_by_key(|index| self.clusters[*index].tie_rank);
        order
    }

    /// Assigns one customer; `values` in original units, in the order of the features.
    ///
    /// Fails on another number of values, or on a model without clusters.
    pub fn assign(&self, values: &[Option<f64>]) -> Result<Assignment> {
        if values.len() != self.features.len() {
            return Err(Error::bug(format!("{} values for {} features", values.len(), self.features.len())));
        }
        let row: Vec<i32> = self.features.iter().zip(values).map(|(feature, value)| feature.apply(*value)).collect();
        let mut nearest: Option<(usize, u64)> = None;
        let mut second: Option<u64> = None;
        for cluster in self.by_tie_rank() {
            let distance = squared_distance(&row, &self.clusters[cluster].centroid_units);
            match nearest {
                Some((_, best)) if distance >= best => {
                    second = Some(second.map_or(distance, |known| known.min(distance)))
                }
                _ => {
                    second = nearest.map(|(_, best)| best);
                    nearest = Some((cluster, distance));
                }
            }
        }
        let (cluster, first) = nearest.ok_or_else(|| Error::bug("a k-means model without clusters"))?;
        Ok(Assignment { cluster, distance: distance_of(first), margin: margin_of(first, second) })
    }
}

/// Gives the distance in scaled space of an exact squared distance in grid units.
pub fn distance_of(squared: u64) -> f32 {
    ((squared as f64).sqrt() / GRID) as f32
}

/// Gives (d2 − d1) / d2 of exact squared distances; 0 if d2 is 0, 1 if there is no second centroid.
pub fn margin_of(first: u64, second: Option<u64>) -> f32 {
    match second {
        None => 1.0,
        Some(0) => 0.0,
        Some(second) => {
            let (first, second) = ((first as f64).sqrt(), (second as f64).sqrt());
            ((second - first) / second) as f32
        }
    }
}

fn squared_distance(left: &[i32], right: &[i32]) -> u64 {
    left.iter().zip(right).map(|(l, r)| (i64::from(*l) - i64::from(*r)).unsigned_abs().pow(2)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::AppliedScale;

    fn model(centroids: &[i32], counts: &[u64], ids: &[&str]) -> KmeansModel {
        let feature =
            FeatureTransform { name: "x".into(), scale: 1.0, scaling: AppliedScale::Zscore, ..Default::default() };
        let centroids: Vec<_> = centroids.iter().map(|c| vec![c << 20]).collect();
        let ids: Vec<_> = ids.iter().map(|id| (*id).to_owned()).collect();
        KmeansModel::new("behaviour", vec![feature], &centroids, counts, &ids)
    }

    #[test]
    fn keys_follow_size_and_then_the_smallest_id() {
        let model = model(&[0, 1, 2, 3], &[5, 9, 5, 0], &["b", "c", "a", ""]);
        let by_key: Vec<_> = model.clusters.iter().map(|c| (c.key.as_str(), c.tie_rank)).collect();
        assert_eq!(by_key, [("c01", 1), ("c02", 2), ("c03", 0), ("c04", 3)]);
        assert_eq!(model.clusters[1].centroid_original, [2.0]);
    }

    #[test]
    fn a_customer_goes_to_the_nearest_and_on_ties_to_the_lowest_rank() {
        let model = model(&[0, 2, -4], &[1, 9, 1], &["a", "b", "c"]);
        let near = model.assign(&[Some(1.5)]).unwrap();
        assert_eq!((near.cluster, near.distance), (0, 0.5));
        assert!((near.margin - 2.0 / 3.0).abs() < 1e-6);
        // Between the centroids 0 (rank 0, key c02) and 2 (rank 1, key c01).
        let tie = model.assign(&[Some(1.0)]).unwrap();
        assert_eq!((tie.cluster, tie.distance, tie.margin), (1, 1.0, 0.0));
        assert!(model.assign(&[]).is_err());
    }

    #[test]
    fn an_outlier_is_told_by_the_usual_distance_of_its_cluster() {
        let model = model(&[0, 9], &[1, 2], &["a", "b"]).with_rms_distances(&[0.5, 0.0]);
        // The key c01 goes to the second of the fit.
        assert_eq!((model.clusters[1].rms_distance, model.outlier_score(1, 2.0)), (0.5, Some(4.0)));
        assert_eq!((model.outlier_score(0, 2.0), model.outlier_score(7, 2.0)), (None, None));
    }

    #[test]
    fn margins_stay_within_bounds() {
        assert_eq!((margin_of(0, Some(0)), margin_of(0, Some(9)), margin_of(7, None)), (0.0, 1.0, 1.0));
    }
}
