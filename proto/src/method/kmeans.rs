//! Clusters: what the job says, what `model.json` has, and the assignment of one customer.

use super::{
    ClusterCount, ClusterSpace, MethodSpec, Model, SegmentName,
    key::{Cluster, give_keys, written_key},
    rest_key,
};
use crate::{
    Error, Result,
    model::{CategoryFeature, FeatureDimensions, FeatureModel, GRID, Value, feature_dimensions, place_of},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// k-means.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KmeansMethod {
    /// Where it looks.
    #[serde(flatten)]
    pub space: ClusterSpace,
    /// The number of clusters.
    pub k: ClusterCount,
}

impl MethodSpec for KmeansMethod {
    fn space(&self) -> Option<&ClusterSpace> {
        Some(&self.space)
    }
}

/// A k-means segmentation: all that is needed to assign a new customer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KmeansModel {
    /// The segmentation's name.
    pub segmentation: String,
    /// SQL that says who is in scope, as in the job.
    pub filter: Option<String>,
    /// The features in the order of the job; the centroids have their numbers first, then their levels.
    pub features: Vec<FeatureModel>,
    /// The clusters, by key.
    pub clusters: Vec<ClusterModel>,
    /// The number of the next cluster that is none of those along the chain of runs.
    #[serde(default)]
    pub next_key: u32,
}

/// One cluster.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClusterModel {
    /// `c01`, `c02`, …: in a first run by falling size, ties by the smallest customer id; later the key of the earlier cluster that it is.
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
    /// The centroid in grid units of 2⁻²⁰, a dimension a number and one a level: what decides.
    pub centroid_units: Vec<i32>,
    /// The centroid, scaled and weighted: units · 2⁻²⁰.
    pub centroid_scaled: Vec<f64>,
    /// The centroid, one a feature in their order.
    pub centroid_original: Vec<CentroidValue>,
}

/// What a centroid has of one feature, in original units.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum CentroidValue {
    /// Scaling and transform undone, so a kind of typical value and not the mean.
    Number(f64),
    /// The same of a number with an indicator; the value is with what was imputed.
    Imputed {
        /// See [`Self::Number`].
        value: f64,
        /// Share of the cluster without a value.
        missing_share: f64,
    },
    /// Of a category.
    Levels {
        /// Share of the cluster by level.
        shares: BTreeMap<String, f64>,
    },
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

impl Model for KmeansModel {
    fn segmentation(&self) -> &str {
        &self.segmentation
    }

    fn segments(&self) -> Vec<SegmentName> {
        let named = self.clusters.iter().map(|cluster| SegmentName::new(&cluster.key, &cluster.name));
        named.chain([SegmentName::reserved(rest_key(self.filter.is_some()))]).collect()
    }

    fn filter(&self) -> Option<&str> {
        self.filter.as_deref()
    }

    fn next_key(&self) -> Option<u32> {
        Some(self.next_key)
    }

    fn fitted(&self) -> Option<(&[FeatureModel], u64)> {
        Some((&self.features, self.clusters.iter().map(|cluster| cluster.customers).sum()))
    }
}

impl Cluster for ClusterModel {
    fn key(&self) -> &String {
        &self.key
    }

    fn set_key(&mut self, key: &str) {
        key.clone_into(&mut self.key);
        key.clone_into(&mut self.name);
    }
}

impl KmeansModel {
    /// Gives the clusters the keys that `keys` has for theirs, before they are named; the next one gets the number `next_key`.
    pub fn give_keys(&mut self, keys: &BTreeMap<String, String>, next_key: u32) {
        give_keys(&mut self.clusters, keys);
        self.next_key = next_key;
    }

    /// Makes the model of a fit.
    ///
    /// `centroids` (k × dimensions of the features, in the fit's order), `counts` and `smallest_ids` (empty: no customer) belong together.
    pub fn new(
        segmentation: &str,
        features: Vec<FeatureModel>,
        centroids: &[Vec<i32>],
        counts: &[u64],
        smallest_ids: &[String],
    ) -> Self {
        let mut order: Vec<usize> = (0..centroids.len()).collect();
        // The fit's order comes last: it decides only between empty clusters.
        order.sort_by_key(|&cluster| (std::cmp::Reverse(counts[cluster]), &smallest_ids[cluster], cluster));
        let clusters: Vec<ClusterModel> = order
            .into_iter()
            .enumerate()
            .map(|(position, cluster)| {
                let units = centroids[cluster].clone();
                let scaled: Vec<f64> = units.iter().map(|unit| f64::from(*unit) / GRID).collect();
                let key = written_key(position as u32 + 1);
                ClusterModel {
                    name: key.clone(),
                    key,
                    customers: counts[cluster],
                    tie_rank: cluster as u32,
                    rms_distance: 0.0,
                    centroid_original: centroid_values(&features, &units),
                    centroid_units: units,
                    centroid_scaled: scaled,
                }
            })
            .collect();
        let next_key = clusters.len() as u32 + 1;
        Self { segmentation: segmentation.to_owned(), filter: None, features, clusters, next_key }
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

    /// Assigns one customer; `values` in the order of the features, numbers in original units.
    ///
    /// Fails on values that do not fit the features in number or kind, or on a model without clusters.
    pub fn assign(&self, values: &[Option<Value<'_>>]) -> Result<Assignment> {
        let row = place_of(&self.features, values)?;
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

/// Gives what a centroid in grid units has of each feature, in original units.
pub fn centroid_values(features: &[FeatureModel], units: &[i32]) -> Vec<CentroidValue> {
    let dimensions = feature_dimensions(features);
    features.iter().zip(&dimensions).map(|(feature, at)| original(feature, at, units)).collect()
}

fn original(feature: &FeatureModel, at: &FeatureDimensions, units: &[i32]) -> CentroidValue {
    let levels = units.get(at.levels.clone()).unwrap_or_default();
    match feature {
        FeatureModel::Category(category) => CentroidValue::Levels { shares: shares(category, levels) },
        FeatureModel::Number(number) => {
            let place = at.number.and_then(|at| units.get(at)).copied().unwrap_or_default();
            let value = number.original(f64::from(place) / GRID);
            match (&number.indicator, levels) {
                (Some(indicator), [_, missing]) => {
                    CentroidValue::Imputed { value, missing_share: f64::from(*missing) / f64::from(indicator.units) }
                }
                _ => CentroidValue::Number(value),
            }
        }
    }
}

/// A centroid's value of a level is the mean of `units` of those who have it and 0 of the others.
fn shares(category: &CategoryFeature, units: &[i32]) -> BTreeMap<String, f64> {
    let share = |of: &i32, all: f64| if category.units == 0 { all } else { f64::from(*of) / f64::from(category.units) };
    let levels = category.levels.iter().zip(units);
    levels.map(|(level, units)| (level.name.clone(), share(units, level.share))).collect()
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

pub(super) fn squared_distance(left: &[i32], right: &[i32]) -> u64 {
    left.iter().zip(right).map(|(l, r)| (i64::from(*l) - i64::from(*r)).unsigned_abs().pow(2)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{AppliedScale, FeatureTransform, Indicator, LevelShare};

    fn model(centroids: &[i32], counts: &[u64], ids: &[&str]) -> KmeansModel {
        let feature =
            FeatureTransform { name: "x".into(), scale: 1.0, scaling: AppliedScale::Zscore, ..Default::default() };
        let feature = FeatureModel::Number(feature);
        let centroids: Vec<_> = centroids.iter().map(|c| vec![c << 20]).collect();
        let ids: Vec<_> = ids.iter().map(|id| (*id).to_owned()).collect();
        KmeansModel::new("behaviour", vec![feature], &centroids, counts, &ids)
    }

    #[test]
    fn keys_follow_size_and_then_the_smallest_id() {
        let model = model(&[0, 1, 2, 3], &[5, 9, 5, 0], &["b", "c", "a", ""]);
        let by_key: Vec<_> = model.clusters.iter().map(|c| (c.key.as_str(), c.tie_rank)).collect();
        assert_eq!(by_key, [("c01", 1), ("c02", 2), ("c03", 0), ("c04", 3)]);
        assert_eq!(model.clusters[1].centroid_original, [CentroidValue::Number(2.0)]);
    }

    #[test]
    fn a_customer_goes_to_the_nearest_and_on_ties_to_the_lowest_rank() {
        let model = model(&[0, 2, -4], &[1, 9, 1], &["a", "b", "c"]);
        let near = model.assign(&[Some(Value::Number(1.5))]).unwrap();
        assert_eq!((near.cluster, near.distance), (0, 0.5));
        assert!((near.margin - 2.0 / 3.0).abs() < 1e-6);
        // Between the centroids 0 (rank 0, key c02) and 2 (rank 1, key c01).
        let tie = model.assign(&[Some(Value::Number(1.0))]).unwrap();
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
    fn a_model_of_mixed_features_tells_shares_and_is_the_same_when_read() {
        let level = |name: &str| LevelShare { name: name.to_owned(), share: 0.5 };
        let levels = vec![level("Kraków"), level("(other)")];
        let city = CategoryFeature { name: "city".into(), levels, units: 8, weight: 1.0, ..Default::default() };
        let indicator = Some(Indicator { units: 4, missing_share: 0.25 });
        let income = FeatureTransform { name: "income".into(), scale: 1.0, indicator, ..Default::default() };
        let features = vec![FeatureModel::Category(city), FeatureModel::Number(income)];
        let centroids = [vec![1 << 20, 6, 2, 3, 1], vec![0, 0, 8, 4, 0]];
        let model = KmeansModel::new("s", features, &centroids, &[2, 1], &["a".into(), "b".into()]);
        let shares = BTreeMap::from([("(other)".to_owned(), 0.25), ("Kraków".to_owned(), 0.75)]);
        let imputed = CentroidValue::Imputed { value: 1.0, missing_share: 0.25 };
        assert_eq!(model.clusters[0].centroid_original, [CentroidValue::Levels { shares }, imputed]);
        let text = serde_json::to_string(&model).unwrap();
        assert_eq!(serde_json::from_str::<KmeansModel>(&text).unwrap(), model);
        assert_eq!(model.assign(&[Some(Value::Text("Radom")), Some(Value::Number(0.0))]).unwrap().cluster, 1);
    }

    #[test]
    fn margins_stay_within_bounds() {
        assert_eq!((margin_of(0, Some(0)), margin_of(0, Some(9)), margin_of(7, None)), (0.0, 1.0, 1.0));
    }
}
