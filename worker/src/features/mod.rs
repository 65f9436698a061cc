//! What is computed a customer: presets (a file each, listed in [`presets`]), the user's own, and columns carried from
//! the customers sources.

mod attributes;
mod custom;
mod plan;
mod presets;
mod purchases;
mod rfm;
mod table;

pub(crate) use attributes::Attribute;
pub use plan::{FeaturePlan, GROSS, NET, ORDERS};
pub use presets::{PresetFamily, family};
pub use table::{ShardFeatures, compute};
