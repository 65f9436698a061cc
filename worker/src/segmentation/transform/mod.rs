//! The way of features from original units to the grid: which transform, which cuts, which scaling, and why.
//!
//! The coordinator drives [`TransformSolver`]; every shard answers its requests with [`column_statistics`].

mod decision;
mod solver;
mod statistics;

pub use solver::{FeatureRequest, TransformSolver};
pub use statistics::{column_statistics, feature_values, merge_column_statistics};
