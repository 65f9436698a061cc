//! A mixture of Gaussians: what the job says, what `model.json` has, and the assignment of one customer.

use super::{
    ClusterCount, ClusterSpace, MethodSpec, Model, SegmentName,
    key::{Cluster, give_keys, written_key},
    rest_key,
};
use crate::{
    Error, Result,
    model::{Density, FeatureModel, GRID, Posterior, SHARE_UNITS, Value, place_of, posterior},
};
use serde::{Deserialize, Serialize};
use std::{cmp::Reverse, collections::BTreeMap};

/// A mixture of Gaussians with diagonal covariances.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MixtureMethod {
    /// Where it looks; numbers only, without weights.
    #[serde(flatten)]
    pub space: ClusterSpace,
    /// The number of components.
    pub k: ClusterCount,
}

impl MethodSpec for MixtureMethod {
    fn space(&self) -> Option<&ClusterSpace> {
        Some(&self.space)
    }
}

/// A segmentation by a mixture of Gaussians with diagonal covariances, fitted by expectation maximisation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MixtureModel {
    /// The segmentation's name.
    pub segmentation: String,
    /// SQL that says who is in scope, as in the job.
    pub filter: Option<String>,
    /// The features in the order of the means' coordinates.
    pub features: Vec<FeatureModel>,
    /// The components, by key.
    pub components: Vec<ComponentModel>,
    /// The number of the next cluster that is none of those along the chain of runs.
    #[serde(default)]
    pub next_key: u32,
}

/// One component: a segment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ComponentModel {
    /// `c01`, `c02`, …: in a first run by falling number of customers, ties by the smallest customer id; later the key of the earlier component that
    /// it is.
    pub key: String,
    /// Shown to people.
    pub name: String,
    /// Customers whose most probable component it was when it was fitted.
    pub customers: u64,
    /// A customer for whom several components are equally probable goes to the lowest `tie_rank`.
    pub tie_rank: u32,
    /// Share of all customers by probability.
    pub weight: f64,
    /// Mean a feature, scaled.
    pub mean_scaled: Vec<f64>,
    /// Variance a feature, scaled.
    pub variance_scaled: Vec<f64>,
    /// The mean in original units: scaling and transform undone, so a kind of typical value.
    pub mean_original: Vec<f64>,
}

/// Where a customer belongs in a mixture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MixtureAssignment {
    /// Index into [`MixtureModel::components`]: the most probable.
    pub component: usize,
    /// Its probability, a multiple of 2⁻²⁴.
    pub probability: f32,
    /// The next one and its probability; none of one component.
    pub second: Option<(usize, f32)>,
    /// Euclidean distance to the component's mean, in scaled space.
    pub distance: f32,
    /// The Mahalanobis distance to it over √d, of d features: its mean square is 1 for customers that are as the component says.
    pub outlier_score: f32,
}

impl MixtureAssignment {
    /// Makes it of what the densities say, by tie rank (`order`), and of the first of them the squared distances: Mahalanobis's over
    /// the number of features, and Euclid's.
    pub fn new(order: &[usize], found: Posterior, shares: &[u32], mahalanobis: f64, squared_distance: f64) -> Self {
        let probability = |component: usize| (f64::from(shares[component]) / f64::from(SHARE_UNITS)) as f32;
        Self {
            component: order[found.first],
            probability: probability(found.first),
            second: found.second.map(|second| (order[second], probability(second))),
            distance: squared_distance.sqrt() as f32,
            outlier_score: mahalanobis.sqrt() as f32,
        }
    }

    /// Gives how clear it is: the probability less the second's, 0 (between two) to 1.
    pub fn margin(&self) -> f32 {
        // Shares are rounded: of equals the second may have a unit more.
        (self.probability - self.second.map_or(0.0, |(_, probability)| probability)).max(0.0)
    }
}

impl Model for MixtureModel {
    fn segmentation(&self) -> &str {
        &self.segmentation
    }

    fn segments(&self) -> Vec<SegmentName> {
        let named = self.components.iter().map(|component| SegmentName::new(&component.key, &component.name));
        named.chain([SegmentName::reserved(rest_key(self.filter.is_some()))]).collect()
    }

    fn filter(&self) -> Option<&str> {
        self.filter.as_deref()
    }

    fn next_key(&self) -> Option<u32> {
        Some(self.next_key)
    }

    fn fitted(&self) -> Option<(&[FeatureModel], u64)> {
        Some((&self.features, self.components.iter().map(|component| component.customers).sum()))
    }
}

impl Cluster for ComponentModel {
    fn key(&self) -> &String {
        &self.key
    }

    fn set_key(&mut self, key: &str) {
        key.clone_into(&mut self.key);
        key.clone_into(&mut self.name);
    }
}

impl MixtureModel {
    /// Gives the components the keys that `keys` has for theirs, before they are named; the next one gets the number `next_key`.
    pub fn give_keys(&mut self, keys: &BTreeMap<String, String>, next_key: u32) {
        give_keys(&mut self.components, keys);
        self.next_key = next_key;
    }

    /// Gives components keys, by falling number of customers, ties by `smallest_ids`, and tie ranks by their order here.
    pub fn key_components(components: Vec<ComponentModel>, smallest_ids: &[String]) -> Vec<ComponentModel> {
        let mut order: Vec<(u32, ComponentModel)> = (0..).zip(components).collect();
        order.sort_by_key(|(rank, component)| {
            (Reverse(component.customers), smallest_ids.get(*rank as usize).cloned(), *rank)
        });
        let keyed = order.into_iter().enumerate().map(|(position, (tie_rank, component))| {
            let key = written_key(position as u32 + 1);
            ComponentModel { name: key.clone(), key, tie_rank, ..component }
        });
        keyed.collect()
    }

    /// Gives the components by tie rank, each with its index into [`Self::components`].
    pub fn densities(&self) -> (Vec<usize>, Vec<Density>) {
        let mut order: Vec<usize> = (0..self.components.len()).collect();
        order.sort_by_key(|component| self.components[*component].tie_rank);
        let density = |component: &usize| {
            let component = &self.components[*component];
            Density::new(component.weight, &component.mean_scaled, &component.variance_scaled)
        };
        let densities = order.iter().map(density).collect();
        (order, densities)
    }

    /// Assigns one customer; `values` in the order of the features, numbers in original units.
    ///
    /// # Errors
    /// On another number of values, or on a model without components: Bug.
    pub fn assign(&self, values: &[Option<Value<'_>>]) -> Result<MixtureAssignment> {
        if self.components.is_empty() {
            return Err(Error::bug("a mixture without components"));
        }
        let place = place_of(&self.features, values)?;
        let row: Vec<f64> = place.into_iter().map(|units| f64::from(units) / GRID).collect();
        let (order, densities) = self.densities();
        let half_squares: Vec<f64> = densities.iter().map(|density| density.half_square(&row)).collect();
        let logs: Vec<f64> = densities
            .iter()
            .zip(&half_squares)
            .map(|(density, half_square)| density.log_density(*half_square))
            .collect();
        let mut shares = vec![0; logs.len()];
        let found = posterior(&logs, &mut shares);
        let own = &densities[found.first];
        let score = mahalanobis(half_squares[found.first], row.len());
        Ok(MixtureAssignment::new(&order, found, &shares, score, own.squared_distance(&row)))
    }
}

/// Gives the squared Mahalanobis distance over the number of features, of Σ (x − μ)² / (2σ²).
pub fn mahalanobis(half_square: f64, features: usize) -> f64 {
    2.0 * half_square / features.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FeatureTransform;

    fn component(mean: f64, variance: f64, weight: f64, customers: u64) -> ComponentModel {
        ComponentModel {
            key: String::new(),
            name: String::new(),
            customers,
            tie_rank: 0,
            weight,
            mean_scaled: vec![mean],
            variance_scaled: vec![variance],
            mean_original: vec![mean],
        }
    }

    fn model(components: Vec<ComponentModel>) -> MixtureModel {
        let ids: Vec<String> = (0..components.len()).map(|component| format!("{component}")).collect();
        MixtureModel {
            segmentation: "s".to_owned(),
            filter: None,
            features: vec![FeatureModel::Number(FeatureTransform { scale: 1.0, ..FeatureTransform::default() })],
            components: MixtureModel::key_components(components, &ids),
            next_key: 0,
        }
    }

    #[test]
    fn probabilities_are_those_of_bayes() {
        let model = model(vec![component(0.0, 1.0, 0.25, 1), component(2.0, 0.25, 0.75, 3)]);
        let keys: Vec<_> = model.components.iter().map(|c| (c.key.as_str(), c.tie_rank)).collect();
        assert_eq!(keys, [("c01", 1), ("c02", 0)]);
        let normal = |x: f64, mean: f64, variance: f64| {
            (-(x - mean).powi(2) / (2.0 * variance)).exp() / (std::f64::consts::TAU * variance).sqrt()
        };
        for x in [-1.0, 0.5, 1.0, 1.25, 3.0] {
            let (wide, narrow) = (0.25 * normal(x, 0.0, 1.0), 0.75 * normal(x, 2.0, 0.25));
            let found = model.assign(&[Some(Value::Number(x))]).unwrap();
            let expected = if wide > narrow { (1, wide) } else { (0, narrow) };
            assert_eq!(found.component, expected.0, "{x}");
            assert!((f64::from(found.probability) - expected.1 / (wide + narrow)).abs() < 1e-7);
            let (second, probability) = found.second.unwrap();
            assert_eq!((second, found.probability + probability), (1 - expected.0, 1.0));
        }
        let far = model.assign(&[Some(Value::Number(3.5))]).unwrap();
        assert_eq!((far.component, far.distance, far.outlier_score), (0, 1.5, 3.0));
    }

    #[test]
    fn ties_go_to_the_lowest_rank_and_shares_add_up() {
        let found = model(vec![component(0.0, 1.0, 0.5, 1), component(0.0, 1.0, 0.5, 9)])
            .assign(&[Some(Value::Number(1.0))])
            .unwrap();
        assert_eq!((found.component, found.probability, found.second, found.margin()), (1, 0.5, Some((0, 0.5)), 0.0));
        for count in 1..40_usize {
            let mut shares = vec![0; count];
            let found = posterior(&vec![-3.0; count], &mut shares);
            assert_eq!(shares.iter().map(|share| u64::from(*share)).sum::<u64>(), u64::from(SHARE_UNITS));
            assert_eq!((found.first, found.second), (0, (count > 1).then_some(1)));
            assert!((found.log_likelihood - ((count as f64).ln() - 3.0)).abs() < 1e-12);
        }
    }

    #[test]
    fn a_row_far_from_everything_still_belongs_somewhere() {
        let mut shares = [0; 3];
        let found = posterior(&[-1e5, -2e6, -1e5 - 1.0], &mut shares);
        assert_eq!((found.first, found.second, shares[1]), (0, Some(2), 0));
        assert!(found.log_likelihood.is_finite());
        assert!(model(vec![component(0.0, 1.0, 1.0, 1)]).assign(&[]).is_err());
    }
}
