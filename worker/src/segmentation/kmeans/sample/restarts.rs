//! The best of several starts in memory, for one number of clusters.

use rayon::prelude::*;
use segmenter_proto::Result;

use crate::segmentation::kmeans::{
    rounds::seeding::start::plus_plus,
    rows::{centroids::Centroids, matrix::Matrix},
    sample::lloyd::lloyd,
};

/// Iterations of a start.
const CAP: u32 = 50;

/// Gives the centroids of the smallest inertia, ties to the earliest start, in the current rayon pool; `None` where fewer than
/// `count` rows differ. All chance comes from `seed` and `purpose`.
pub(in crate::segmentation) fn best_start(
    matrix: &Matrix,
    count: usize,
    restarts: u32,
    seed: u64,
    purpose: &str,
) -> Result<Option<Centroids>> {
    let found: Vec<(u128, Centroids)> = (0..restarts.max(1))
        .into_par_iter()
        .filter_map(|restart| plus_plus(matrix, count, seed, &format!("{purpose}/{restart}")))
        .filter(|start| start.count() == count)
        .map(|start| lloyd(matrix, start, CAP).map(|(result, _)| (result.statistics.inertia, result.centroids)))
        .collect::<Result<_>>()?;
    // The first of equals: `min_by_key` says so.
    Ok(found.into_iter().min_by_key(|(inertia, _)| *inertia).map(|(_, centroids)| centroids))
}
