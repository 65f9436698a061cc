//! The way of features from original units to the grid: which transform, which cuts, which scaling, which levels, and why.
//!
//! The coordinator drives [`FeatureSolver`]; every shard answers its requests with [`column_statistics`].

mod column;
mod decision;
mod features;
mod level_counts;
mod levels;
mod solver;
mod statistics;

pub use column::{FeatureColumn, feature_column, feature_values, is_category};
pub use features::{FeatureKind, FeatureRequest, FeatureSolver};
pub use statistics::{column_statistics, merge_column_statistics};
