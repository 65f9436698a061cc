//! Derived features: expressions over the features of a customer and over what the population knows.
//!
//! ```text
//!  features ──► derived without calls ──► arguments of calls ──rounds──► constants ──► derived with them ──► arguments …
//!                                         (of all customers)             (model.json)
//! ```
//!
//! They are computed wherever a shard's features are read, so nothing of them lies in work files.

mod graph;
mod plan;
mod solver;

pub use graph::{check_graph, derived_features, population_calls};
pub use plan::DerivedPlan;
pub use solver::PopulationSolver;
