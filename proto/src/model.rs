//! What is needed to assign new customers: the types of `model.json`.

mod feature;
mod file;
mod kmeans;
mod rfm;

pub use feature::{AppliedScale, AppliedTransform, FeatureTransform, GRID, MOST_UNITS};
pub use file::{ModelFile, NO_PURCHASES, OTHER, OUT_OF_SCOPE, SegmentName, SegmentationModel};
pub use kmeans::{Assignment, ClusterModel, KmeansModel, distance_of, margin_of};
pub use rfm::{RECENCY_FREQUENCY_GROUPS, RfmCuts, RfmGroup, RfmModel, RuleModel, RulesModel, five_point};
