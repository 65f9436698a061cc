//! The inner loop of k-means: labels, sums and distances of a tile of rows at a time, exact with any instruction set.
//!
//! See `README.md` here for how it works and what limits it.

mod bound;
mod exact;
mod filter;
mod labelling;
mod moments;
mod nearest_two;
mod pass;
mod simd;
#[cfg(test)]
mod speed;
mod sums;
#[cfg(test)]
mod tests;

pub(super) use exact::{Points, distances_to, squared_distance};
pub(super) use labelling::Labelling;
pub(super) use moments::{add_moments, weighted_squares};
pub(super) use nearest_two::NearestTwo;
pub(super) use pass::{Passed, Spread};
pub(super) use simd::Instructions;
