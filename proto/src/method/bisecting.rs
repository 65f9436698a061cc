//! Nested clusters: what the job says, what `model.json` has, and the assignment of one customer.

use super::{
    Assignment, CentroidValue, ClusterSpace, MethodSpec, Model, SegmentName, distance_of,
    key::{Cluster, give_keys, written_key},
    kmeans::squared_distance,
    margin_of, rest_key,
};
use crate::{
    Error, Result,
    model::{FeatureModel, Value, place_of},
};
use serde::{Deserialize, Serialize};
use std::{cmp::Reverse, collections::BTreeMap};

/// Bisecting k-means: nested clusters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BisectingMethod {
    /// Where it looks; its starts are those of each split.
    #[serde(flatten)]
    pub space: ClusterSpace,
    /// Leaves at most.
    pub k: u32,
    /// Share of the scope that every leaf must have.
    pub min_share: f64,
}

impl MethodSpec for BisectingMethod {
    fn space(&self) -> Option<&ClusterSpace> {
        Some(&self.space)
    }
}

/// A segmentation by bisecting k-means: a tree of splits whose leaves are the segments.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BisectingModel {
    /// The segmentation's name.
    pub segmentation: String,
    /// SQL that says who is in scope, as in the job.
    pub filter: Option<String>,
    /// The features in the order of the centroids' coordinates.
    pub features: Vec<FeatureModel>,
    /// The inner nodes, in the order in which they were split: a node stands before what it was split into.
    pub splits: Vec<SplitModel>,
    /// The leaves, by key.
    pub leaves: Vec<LeafModel>,
    /// The number of the next cluster that is none of those along the chain of runs.
    #[serde(default)]
    pub next_key: u32,
}

/// A node that was split in two.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SplitModel {
    /// The node's path; "1" is all customers.
    pub path: String,
    /// A customer of the node goes to the nearer side, the first on ties.
    pub sides: [SplitSide; 2],
}

/// One side of a split.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SplitSide {
    /// Path of the node on this side: the split node's with `.1` for the larger, `.2` for the smaller.
    pub path: String,
    /// The centroid that decides, in grid units of 2⁻²⁰.
    pub centroid_units: Vec<i32>,
}

/// A leaf: a segment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LeafModel {
    /// `c01`, `c02`, …: in a first run by falling size, ties by the smallest customer id; later the key of the earlier leaf that it is.
    pub key: String,
    /// Shown to people.
    pub name: String,
    /// Its place in the nesting, such as "1.2.1".
    pub path: String,
    /// Path of the node that it was split from; none where nothing was split.
    pub parent: Option<String>,
    /// Why it was not split further.
    pub stopped: LeafStop,
    /// Customers when it was fitted.
    pub customers: u64,
    /// The mean of its customers in grid units of 2⁻²⁰.
    pub centroid_units: Vec<i32>,
    /// The same, scaled: units · 2⁻²⁰.
    pub centroid_scaled: Vec<f64>,
    /// The same, one a feature in their order.
    pub centroid_original: Vec<CentroidValue>,
    /// Root mean squared distance of its customers to the centroid, in scaled space.
    pub rms_distance: f64,
}

/// Why a leaf is none further.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeafStop {
    /// There are as many leaves as were asked for.
    EnoughLeaves,
    /// It has too few customers for two groups of the smallest size.
    TooSmall,
    /// Its best split has a side below the smallest size.
    SideTooSmall,
    /// All its customers lie in one place.
    OnePlace,
}

impl LeafStop {
    /// Says it to a person.
    pub fn reason(self) -> &'static str {
        match self {
            Self::EnoughLeaves => "there are as many groups as were asked for",
            Self::TooSmall => "it has too few customers for two groups of the smallest size",
            Self::SideTooSmall => "its best split has a side below the smallest size",
            Self::OnePlace => "all its customers lie in one place",
        }
    }
}

impl LeafModel {
    /// Gives how far a customer at this distance of the centroid is out: the distance over the leaf's root mean squared one, none
    /// where that is 0.
    pub fn outlier_score(&self, distance: f32) -> Option<f32> {
        (self.rms_distance > 0.0).then(|| (f64::from(distance) / self.rms_distance) as f32)
    }
}

impl Model for BisectingModel {
    fn segmentation(&self) -> &str {
        &self.segmentation
    }

    fn segments(&self) -> Vec<SegmentName> {
        let named = self.leaves.iter().map(|leaf| SegmentName::new(&leaf.key, &leaf.name));
        named.chain([SegmentName::reserved(rest_key(self.filter.is_some()))]).collect()
    }

    fn filter(&self) -> Option<&str> {
        self.filter.as_deref()
    }

    fn next_key(&self) -> Option<u32> {
        Some(self.next_key)
    }

    fn fitted(&self) -> Option<(&[FeatureModel], u64)> {
        Some((&self.features, self.leaves.iter().map(|leaf| leaf.customers).sum()))
    }

    fn nesting(&self, key: &str) -> (Option<String>, Option<String>) {
        let leaf = self.leaves.iter().find(|leaf| leaf.key == key);
        leaf.map(|leaf| (leaf.parent.clone(), Some(leaf.path.clone()))).unwrap_or_default()
    }
}

impl Cluster for LeafModel {
    fn key(&self) -> &String {
        &self.key
    }

    fn set_key(&mut self, key: &str) {
        key.clone_into(&mut self.key);
        key.clone_into(&mut self.name);
    }
}

impl BisectingModel {
    /// Gives the leaves the keys that `keys` has for theirs, before they are named; the next one gets the number `next_key`.
    pub fn give_keys(&mut self, keys: &BTreeMap<String, String>, next_key: u32) {
        give_keys(&mut self.leaves, keys);
        self.next_key = next_key;
    }

    /// Puts the leaves in the order of their keys and gives them these: by falling size, ties by `smallest_ids`, one a leaf.
    pub fn key_leaves(leaves: Vec<LeafModel>, smallest_ids: Vec<String>) -> Vec<LeafModel> {
        let mut order: Vec<(LeafModel, String)> = leaves.into_iter().zip(smallest_ids).collect();
        order.sort_by(|(left, left_id), (right, right_id)| {
            (Reverse(left.customers), left_id).cmp(&(Reverse(right.customers), right_id))
        });
        let keyed = order.into_iter().enumerate().map(|(position, (leaf, _))| {
            let key = written_key(position as u32 + 1);
            LeafModel { name: key.clone(), key, ..leaf }
        });
        keyed.collect()
    }

    /// Assigns one customer; `values` in the order of the features, numbers in original units.
    ///
    /// The customer goes down the tree, so that groups are nested, and not to the nearest leaf. The margin is the smallest of those
    /// at the splits on the way: how far the customer is from another segment at any level.
    ///
    /// # Errors
    /// On values that do not fit the features, or on a tree without the leaf that it leads to: Bug.
    pub fn assign(&self, values: &[Option<Value<'_>>]) -> Result<Assignment> {
        let row = place_of(&self.features, values)?;
        let (mut path, mut margin) = ("1", 1.0_f32);
        for split in &self.splits {
            if split.path == path {
                let [first, second] = &split.sides;
                let to = |side: &SplitSide| squared_distance(&row, &side.centroid_units);
                let (near, far) = (to(first), to(second));
                path = if near <= far { &first.path } else { &second.path };
                margin = margin.min(margin_of(near.min(far), Some(near.max(far))));
            }
        }
        let leaf = self.leaves.iter().position(|leaf| leaf.path == path);
        let leaf = leaf.ok_or_else(|| Error::bug(format!("a tree of clusters has no leaf {path}")))?;
        let distance = distance_of(squared_distance(&row, &self.leaves[leaf].centroid_units));
        Ok(Assignment { cluster: leaf, distance, margin })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FeatureTransform;

    fn leaf(path: &str, centroid: i32) -> LeafModel {
        LeafModel {
            key: String::new(),
            name: String::new(),
            path: path.to_owned(),
            parent: path.rsplit_once('.').map(|(parent, _)| parent.to_owned()),
            stopped: LeafStop::EnoughLeaves,
            customers: 5,
            centroid_units: vec![centroid << 20],
            centroid_scaled: vec![f64::from(centroid)],
            centroid_original: vec![CentroidValue::Number(f64::from(centroid))],
            rms_distance: 0.5,
        }
    }

    fn model() -> BisectingModel {
        let split = |path: &str, [left, right]: [(&str, i32); 2]| {
            let side = |(path, centroid): (&str, i32)| SplitSide {
                path: path.to_owned(),
                centroid_units: vec![centroid << 20],
            };
            SplitModel { path: path.to_owned(), sides: [side(left), side(right)] }
        };
        BisectingModel {
            segmentation: "behaviour".to_owned(),
            filter: None,
            features: vec![FeatureModel::Number(FeatureTransform { scale: 1.0, ..FeatureTransform::default() })],
            splits: vec![split("1", [("1.2", -4), ("1.1", 2)]), split("1.1", [("1.1.1", 1), ("1.1.2", 3)])],
            leaves: vec![leaf("1.2", -4), leaf("1.1.1", 1), leaf("1.1.2", 3)],
            next_key: 4,
        }
    }

    #[test]
    fn a_customer_goes_down_the_tree_and_not_to_the_nearest_leaf() {
        let model = model();
        let path = |x: f64| model.leaves[model.assign(&[Some(Value::Number(x))]).unwrap().cluster].path.as_str();
        assert_eq!([path(-7.0), path(0.0), path(2.5)], ["1.2", "1.1.1", "1.1.2"]);
        // The leaf nearest to -1.25 is that of 1, but the first split leads elsewhere.
        assert_eq!(path(-1.25), "1.2");
        // Ties go to the first side.
        assert_eq!([path(-1.0), path(2.0)], ["1.2", "1.1.1"]);
        assert!(model.assign(&[]).is_err());
    }

    #[test]
    fn the_margin_is_the_smallest_on_the_way() {
        let found = model().assign(&[Some(Value::Number(2.5))]).unwrap();
        // At the root 0.5 against 6.5, then 0.5 against 1.5.
        assert_eq!((found.distance, found.margin), (0.5, (1.0_f64 / 1.5) as f32));
        let lonely = BisectingModel { splits: vec![], leaves: vec![leaf("1", 0)], ..model() };
        assert_eq!(lonely.assign(&[Some(Value::Number(1.0))]).unwrap().margin, 1.0);
    }

    #[test]
    fn keys_follow_size_and_then_the_smallest_id() {
        let sized = |path: &str, customers| LeafModel { customers, ..leaf(path, 0) };
        let leaves = vec![sized("1.1.1", 5), sized("1.2", 9), sized("1.1.2", 5)];
        let ids = ["b", "c", "a"].map(str::to_owned).to_vec();
        let keyed = BisectingModel::key_leaves(leaves, ids);
        let keyed: Vec<_> = keyed.iter().map(|leaf| (leaf.key.as_str(), leaf.path.as_str())).collect();
        assert_eq!(keyed, [("c01", "1.2"), ("c02", "1.1.2"), ("c03", "1.1.1")]);
    }

    #[test]
    fn the_outlier_score_is_the_distance_over_the_usual_one() {
        assert_eq!(leaf("1", 0).outlier_score(2.0), Some(4.0));
        assert_eq!(LeafModel { rms_distance: 0.0, ..leaf("1", 0) }.outlier_score(2.0), None);
    }
}
