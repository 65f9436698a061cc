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

pub(in crate::segmentation::kmeans) use exact::{Points, distances_to, squared_distance};
pub(in crate::segmentation::kmeans) use labelling::Labelling;
pub(in crate::segmentation::kmeans) use moments::{add_moments, weighted_squares};
pub(in crate::segmentation::kmeans) use nearest_two::NearestTwo;
pub(in crate::segmentation::kmeans) use pass::{Passed, Spread};
pub(in crate::segmentation::kmeans) use simd::Instructions;
