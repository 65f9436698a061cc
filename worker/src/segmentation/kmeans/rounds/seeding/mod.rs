//! Starts that all rows have a say in: k-means‖ (Bahmani, Moseley, Vattani, Kumar and Vassilvitskii 2012).
//!
//! A few rounds over all rows draw candidates, many a round, likelier the farther a row lies from those before; each
//! candidate weighs as many rows as are nearest to it, and a weighted k-means of the candidates, in memory, is the start.

mod candidates;
mod nearest;
mod parallel;
pub(in crate::segmentation::kmeans) mod start;
mod weighted;

pub(in crate::segmentation::kmeans) use candidates::merge_oversamples;
pub(in crate::segmentation::kmeans) use nearest::NearestCandidates;
pub use parallel::ParallelSeeding;
