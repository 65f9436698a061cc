//! What speaks for a segmentation and what against it: one criterion a file here, and one line in the registry.

mod criterion;
mod homogeneity;
mod predictive_power;
mod reachability;
mod rows;
mod separation;
mod size;
mod stability;

pub use criterion::{ScorecardScope, Segment};
pub use rows::{CRITERIA, scorecard_rows};

#[cfg(test)]
mod tests;
