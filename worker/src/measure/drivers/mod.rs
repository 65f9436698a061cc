//! What goes with the segments and with the outcome: drivers by rank, and a shallow tree that gives segments back as rules.
//!
//! ```text
//! profiles ── exact sums ─► eta squared, Cramér's V, rank     (no round)
//! solver   ── quantiles  ─► shards: cuts of numbers, rounded  (rounds)
//!          ── bins       ─► shards: customers by bin          (one round)
//!          ── open leaves ─► shards: by bin and segment       (one round a level)
//!          ── quantiles  ─► shards: medians of personas       (rounds)
//! ```
//!
//! All counts are of all customers, so figures of the rounded rules need no sample.

mod bins;
mod explained;
mod outcome;
mod rows;
mod rule;
mod rule_rows;
mod shard;
mod solver;
mod tree;

pub use bins::{BinnedFeature, Bins, rounded, written};
pub use rows::{
    FEWEST_CLAIMED, OutcomeDriversScope, RankedDrivers, SegmentDriversScope, outcome_drivers, segment_drivers,
};
pub use rule::NamedFeature;
pub use rule_rows::{RulesScope, rule_rows};
pub use shard::{DriverValues, drivers_answer, merge_drivers_answers};
pub use solver::{DriversFound, DriversScope, DriversSolver, FeatureKind, FeatureScope, MOST_PERSONAS, TreeScope};

#[cfg(test)]
mod tests;
