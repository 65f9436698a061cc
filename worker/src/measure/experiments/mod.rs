//! What came of experiments: arms compared by intention to treat, over everybody and by segment.
//!
//! ```text
//! statistic ── exact sums of each metric, a group and arm ─► merged over all shards
//! compare   ── difference, relative difference, adjusted difference, smallest difference of one metric
//! rows      ── rows of experiments.parquet: q-values over all cells, heterogeneity, sizes of arms against their shares
//! ```

mod adjusted;
mod compare;
mod rows;
mod statistic;

pub use rows::{EXPERIMENT_METRICS, ExperimentGroups, ExperimentScope, experiment_rows, unequal_arms};
pub use statistic::{ArmValues, ExperimentStatistic, IN_TWO_ARMS, MetricValues, OTHER_ARM, TOO_LATE};

#[cfg(test)]
mod rows_tests;
#[cfg(test)]
mod simulation_tests;
