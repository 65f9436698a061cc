//! How well segments tell what customers spend in the outcome window, beside two other ways to divide the same customers into groups of the
//! same sizes: by what they spent in as many days before `as_of`, and by chance.
//!
//! The share of the differences in spending that lies between groups is R² = SS between / SS total. Spending is winsorised: what is beyond the
//! 99.9th percentile counts as that, so that a single order does not decide. Intervals are those of a bootstrap over lots of customers.
//!
//! ```text
//! solver ── quantiles ─► shards: cap of spending, cuts of past spending    (rounds)
//!        ── groups    ─► shards: sums by lot and group, exact              (one round)
//! power  ◄─ sums: R² of each division, and intervals from lots drawn again (the coordinator)
//! ```

mod power;
mod shard;
mod solver;
mod statistic;

pub use power::{PredictivePower, predictive_power};
pub use shard::{Spending, prediction_answer};
pub use solver::{FEWEST_CUSTOMERS, PredictionScope, PredictionSolver, WINSORISED};
pub use statistic::PredictionStatistic;

#[cfg(test)]
mod tests;
