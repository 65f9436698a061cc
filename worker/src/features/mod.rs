//! What is computed a customer: presets (a file each, listed in [`families()`]), the user's own, all of them queries, and columns carried from
//! the customers sources; before them numbers of the whole population (`constants`), behind them what is `derived`.

mod attributes;
mod constants;
mod derived;
mod families;
mod plan;
mod queries;
mod table;

pub(crate) use attributes::Attribute;
pub use constants::ConstantsPlan;
pub use derived::{DerivedPlan, PopulationSolver, check_graph, derived_features, population_calls};
pub use families::{Family, FamilyColumn, families, family};
pub use plan::{FeaturePlan, GROSS, NET, ORDERS};
pub use table::{ShardFeatures, compute};
