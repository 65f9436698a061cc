//! What is computed a customer: presets (a file each, listed in [`presets`]), the user's own, and columns carried from
//! the customers sources.

mod attributes;
mod custom;
mod derived;
mod families;
mod plan;
mod presets;
mod purchases;
mod queries;
mod rfm;
mod table;

pub(crate) use attributes::Attribute;
pub use derived::{DerivedPlan, PopulationSolver, check_graph, derived_features, population_calls};
pub use families::{Family, FamilyColumn, families, query_family};
pub use plan::{FeaturePlan, GROSS, NET, ORDERS};
use presets::preset_derived;
pub use presets::{PresetFamily, family, feature_names, preset_names};
pub use table::{ShardFeatures, compute};
