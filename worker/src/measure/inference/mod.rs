//! Intervals and tests, with the product's own distributions: pure Rust, so that no platform's library changes a bit.

mod chi_squared;
mod differences;
mod distributions;
mod exact;
mod means;
mod multiplicity;
mod proportions;

pub(super) use chi_squared::{chi_squared_tail, heterogeneity, shares_fit};
pub(super) use differences::{
    fieller_interval, means_difference, shares_difference, shares_relative, smallest_difference,
};
pub(super) use distributions::normal_quantile;
pub(super) use means::{Estimate, t_interval, welch_p_value};
pub use multiplicity::benjamini_hochberg;
pub(super) use proportions::{share_interval, shares_p_value};
