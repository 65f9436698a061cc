//! What is computed a customer: presets (a file each, listed in [`presets`]), the user's own, and columns carried from
//! the customers sources.

mod attributes;
mod custom;
mod families;
mod plan;
mod presets;
mod purchases;
mod queries;
mod rfm;
mod table;

pub(crate) use attributes::Attribute;
pub use families::{Family, FamilyColumn, families, query_family};
pub use plan::{FeaturePlan, GROSS, NET, ORDERS};
pub use presets::{PresetFamily, family, feature_names, preset_names};
pub use table::{ShardFeatures, compute};
