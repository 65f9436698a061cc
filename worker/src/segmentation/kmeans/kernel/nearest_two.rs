//! The two nearest centroids of rows, with exact distances.

use super::{
    exact::Points,
    simd::{Instructions, Simd, Work},
};
use crate::segmentation::kmeans::rows::matrix::{LANES, Lanes, Matrix};

/// The two nearest centroids of a tile's rows; squared distances are exact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::segmentation::kmeans) struct NearestTwo {
    /// The nearest centroid, the lowest on ties.
    pub labels: [u16; LANES],
    /// To the nearest centroid.
    pub first: [u64; LANES],
    /// To the second nearest; `u64::MAX` if there is one centroid only.
    pub second: [u64; LANES],
}

impl NearestTwo {
    /// Finds them for the rows of one tile, among centroids that were prepared for the matrix's layout.
    pub(in crate::segmentation::kmeans) fn among(
        centroids: &Points<'_>,
        matrix: &Matrix,
        tile: usize,
        by: Instructions,
    ) -> Self {
        by.run(Search { tile: matrix.tile(tile), centroids })
    }

    /// The same, compiled for the instructions of the caller.
    #[inline(always)]
    pub(super) fn by<S: Simd>(simd: S, centroids: &Points<'_>, tile: &[Lanes]) -> Self {
        let (mut first, mut second, mut labels) = ([u64::MAX; LANES], [u64::MAX; LANES], [0u64; LANES]);
        for cluster in 0..centroids.count() {
            let found = centroids.distances_by(simd, tile, cluster);
            for lane in 0..LANES {
                let distance = found[lane];
                let nearer = distance < first[lane];
                let loser = if nearer { first[lane] } else { distance };
                second[lane] = second[lane].min(loser);
                labels[lane] = if nearer { cluster as u64 } else { labels[lane] };
                first[lane] = if nearer { distance } else { first[lane] };
            }
        }
        Self { labels: labels.map(|label| label as u16), first, second }
    }
}

struct Search<'a> {
    tile: &'a [Lanes],
    centroids: &'a Points<'a>,
}

impl Work for Search<'_> {
    type Output = NearestTwo;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> NearestTwo {
        NearestTwo::by(simd, self.centroids, self.tile)
    }
}
