//! The ways to divide customers: what the job says of each, and what `model.json` has of it.
//!
//! A method is a file here and a line in each of the lists below. What a shard does with its model stands in
//! `worker/src/frame/methods/`, how the model is found in `coordinator/src/methods/`.

mod bisecting;
mod file;
mod key;
mod kmeans;
mod mixture;
mod rfm;
mod rules;
mod space;
mod tiers;

pub use bisecting::{BisectingMethod, BisectingModel, LeafModel, LeafStop, SplitModel, SplitSide};
pub use file::{FittedModels, ModelFile, NO_PURCHASES, OTHER, OUT_OF_SCOPE, SegmentName, rest_key};
pub use key::{is_cluster_key, number_of_key, written_key};
pub use kmeans::{
    Assignment, CentroidValue, ClusterModel, KmeansMethod, KmeansModel, centroid_values, distance_of, margin_of,
};
pub use mixture::{ComponentModel, MixtureAssignment, MixtureMethod, MixtureModel, mahalanobis};
pub use rfm::{Bins, RECENCY_FREQUENCY_GROUPS, RfmCuts, RfmGroup, RfmMethod, RfmModel, five_point};
pub use rules::{Rule, RuleMatch, RuleModel, RulesMethod, RulesModel};
pub use space::{ClusterCount, ClusterSpace, Scale, Transform};
pub use tiers::{TierBound, TierCuts, TierModel, TiersMethod, TiersModel};

use crate::model::FeatureModel;
use serde::{Deserialize, Serialize};

/// How a segmentation divides customers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "method")]
pub enum Method {
    /// Scores by quantiles of recency, frequency and monetary.
    Rfm(RfmMethod),
    /// Clusters.
    Kmeans(KmeansMethod),
    /// Nested clusters.
    Bisecting(BisectingMethod),
    /// Gaussians that overlap.
    Mixture(MixtureMethod),
    /// Boolean rules.
    Rules(RulesMethod),
    /// One number, cut from the top.
    Tiers(TiersMethod),
}

impl Method {
    /// Gives what all methods say of themselves.
    pub fn spec(&self) -> &dyn MethodSpec {
        match self {
            Self::Rfm(method) => method,
            Self::Kmeans(method) => method,
            Self::Bisecting(method) => method,
            Self::Mixture(method) => method,
            Self::Rules(method) => method,
            Self::Tiers(method) => method,
        }
    }
}

/// The model of one segmentation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "method")]
pub enum SegmentationModel {
    /// Scores.
    Rfm(RfmModel),
    /// Clusters.
    Kmeans(KmeansModel),
    /// Nested clusters.
    Bisecting(BisectingModel),
    /// Gaussians that overlap.
    Mixture(MixtureModel),
    /// Rules.
    Rules(RulesModel),
    /// Tiers.
    Tiers(TiersModel),
}

impl SegmentationModel {
    /// Gives what all models say of themselves.
    pub fn model(&self) -> &dyn Model {
        match self {
            Self::Rfm(model) => model,
            Self::Kmeans(model) => model,
            Self::Bisecting(model) => model,
            Self::Mixture(model) => model,
            Self::Rules(model) => model,
            Self::Tiers(model) => model,
        }
    }

    /// Gives the name of the method.
    pub fn method(&self) -> &'static str {
        match self {
            Self::Rfm(_) => "rfm",
            Self::Kmeans(_) => "kmeans",
            Self::Bisecting(_) => "bisecting",
            Self::Mixture(_) => "mixture",
            Self::Rules(_) => "rules",
            Self::Tiers(_) => "tiers",
        }
    }

    /// Gives the name of the segmentation.
    pub fn segmentation(&self) -> &str {
        self.model().segmentation()
    }

    /// Gives all segments, empty ones too, ordered by key: a segment's position is its id.
    pub fn segments(&self) -> Vec<SegmentName> {
        let mut segments = self.model().segments();
        segments.sort();
        segments
    }
}

/// What a method says of what it looks at.
pub trait MethodSpec {
    /// Gives the space that clusters lie in; none of other methods.
    fn space(&self) -> Option<&ClusterSpace> {
        None
    }

    /// Gives the conditions on customers, in the order in which they are asked.
    fn conditions(&self) -> Vec<Condition<'_>> {
        let filter = self.space().and_then(|space| space.filter.as_deref());
        filter.map(Condition::Where).into_iter().collect()
    }

    /// Says whether a customer can be in several segments.
    fn overlapping(&self) -> bool {
        false
    }

    /// Gives the SQL whose value decides, a number of each customer; none of methods that look at features as they are.
    fn value(&self) -> Option<&str> {
        None
    }

    /// Gives the SQL that says who is in scope; none where nothing does.
    fn filter(&self) -> Option<&str> {
        self.conditions().into_iter().find_map(|condition| match condition {
            Condition::Where(sql) => Some(sql),
            Condition::When { .. } => None,
        })
    }
}

/// SQL that is true or false of a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition<'a> {
    /// Who is in scope.
    Where(&'a str),
    /// Who is in a segment, unless an earlier one holds.
    When {
        /// Position among the rules.
        at: usize,
        /// Key of the segment.
        key: &'a str,
        /// The condition.
        sql: &'a str,
    },
}

/// The key of the job file that the SQL whose value decides stands at, below the segmentation's.
pub const VALUE: &str = "by";

impl<'a> Condition<'a> {
    /// Gives the condition.
    pub fn sql(&self) -> &'a str {
        match self {
            Self::Where(sql) | Self::When { sql, .. } => sql,
        }
    }

    /// Gives the key of the job file that it stands at, below the segmentation's.
    pub fn path(&self) -> String {
        match self {
            Self::Where(_) => "where".to_owned(),
            Self::When { at, .. } => format!("rule[{at}].when"),
        }
    }
}

/// What a model says of its segments.
pub trait Model {
    /// Gives the name of the segmentation.
    fn segmentation(&self) -> &str;

    /// Gives all segments, empty ones too, in any order.
    fn segments(&self) -> Vec<SegmentName>;

    /// Gives the SQL that says who is in the scope of clusters; none where nothing does.
    fn filter(&self) -> Option<&str> {
        None
    }

    /// Gives the features of clusters, and how many customers were in scope when they were fitted; none off clusters.
    fn fitted(&self) -> Option<(&[FeatureModel], u64)> {
        None
    }

    /// Gives the number of the next cluster along the chain of runs; none off clusters.
    fn next_key(&self) -> Option<u32> {
        None
    }

    /// Gives what a segment is called of which nobody is, and why that can be; none of methods whose segments say it otherwise.
    fn empty(&self) -> Option<(&'static str, &'static str)> {
        None
    }

    /// Says whether a customer can be in several segments.
    fn overlapping(&self) -> bool {
        false
    }

    /// Gives where a segment stands in a nesting: the path of what it was split from, and its own; none off nested segments.
    fn nesting(&self, _key: &str) -> (Option<String>, Option<String>) {
        (None, None)
    }
}
