//! What is computed a customer: presets (a file each, see [`crate::families`]), the user's own, all of them queries, and columns carried from
//! the customers sources; before them numbers of the whole population (`constants`), behind them what models forecast (`lifetime`), and what is `derived`.

mod affinity;
mod benefits;
mod constants;
mod derived;
mod experiments;
mod exported;
mod lifetime;
mod messages;
mod outcome;
mod plan;
mod queries;
mod reachable;
mod retention;
mod table;
mod taste;

pub use affinity::{affinity_bytes, affinity_column, affinity_lists};
pub use benefits::benefits;
pub use constants::ConstantsPlan;
pub use derived::{DerivedPlan, PopulationSolver, check_graph, derived_features, population_calls};
pub use experiments::{arm_column, experiment_column};
pub use exported::{exported_column, may_be_told_by};
pub use lifetime::{LifetimePlan, LifetimePreset};
pub use messages::{MESSAGES, OUTCOME_MESSAGES};
pub use outcome::{NET_BEFORE, ORDERS_BEFORE, OUTCOME_DAY, OUTCOME_GROSS, OUTCOME_NET, OUTCOME_ORDERS, metric_column};
pub use plan::{FeaturePlan, GROSS, NET, ORDERS};
pub use reachable::{REACHABLE, deciding_consents};
pub use retention::ORDER_GAPS;
pub use table::{ShardFeatures, compute};
pub use taste::{MAY_BE_TOLD, TASTE};
