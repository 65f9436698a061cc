//! Intervals and tests, with the product's own distributions: pure Rust, so that no platform's library changes a bit.

mod distributions;
mod exact;
mod means;
mod multiplicity;
mod proportions;

pub(super) use means::{Estimate, t_interval, welch_p_value};
pub use multiplicity::benjamini_hochberg;
pub(super) use proportions::{share_interval, shares_p_value};

/// Level of every interval.
pub(super) const INTERVAL_LEVEL: f64 = 0.95;
