//! What is needed to assign new customers: the types of `model.json`.

mod bisecting;
mod category;
mod feature;
mod file;
mod kmeans;
mod mixture;
mod population;
mod posterior;
mod rfm;
mod row;

pub use bisecting::{BisectingModel, LeafModel, LeafStop, SplitModel, SplitSide};
pub use category::{CategoryFeature, LevelShare, MISSING_LEVEL, OTHER_LEVEL};
pub use feature::{AppliedScale, AppliedTransform, FeatureTransform, GRID, Indicator, MOST_UNITS};
pub use file::{FittedModels, ModelFile, NO_PURCHASES, OTHER, OUT_OF_SCOPE, SegmentName, SegmentationModel, rest_key};
pub use kmeans::{Assignment, CentroidValue, ClusterModel, KmeansModel, centroid_values, distance_of, margin_of};
pub use mixture::{ComponentModel, MixtureAssignment, MixtureModel, mahalanobis};
pub use population::{KnownConstant, Population, PopulationCall, PopulationValue, Spread};
pub use posterior::{Density, Posterior, SHARE_UNITS, posterior};
pub use rfm::{RECENCY_FREQUENCY_GROUPS, RfmCuts, RfmGroup, RfmModel, RuleModel, RulesModel, five_point};
pub use row::{FeatureDimensions, FeatureModel, Value, feature_dimensions, no_other_level, place_of};
