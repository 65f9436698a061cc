//! The two nearest centroids of rows, with exact distances.

use super::{
    super::{
        centroids::Centroids,
        matrix::{LANES, Lanes, Matrix},
    },
    exact::distances,
    simd::{Instructions, Simd, Work},
};

/// The two nearest centroids of a tile's rows; squared distances are exact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct NearestTwo {
    /// The nearest centroid, the lowest on ties.
    pub labels: [u16; LANES],
    /// To the nearest centroid.
    pub first: [u64; LANES],
    /// To the second nearest; `u64::MAX` if there is one centroid only.
    pub second: [u64; LANES],
}

impl NearestTwo {
    /// Finds them for the rows of one tile.
    pub(in super::super) fn of(matrix: &Matrix, tile: usize, centroids: &Centroids, by: Instructions) -> Self {
        by.run(Search { tile: matrix.tile(tile), centroids })
    }
}

struct Search<'a> {
    tile: &'a [Lanes],
    centroids: &'a Centroids,
}

impl Work for Search<'_> {
    type Output = NearestTwo;

    /// Uses no lanes of its own: plain integers, compiled for the instructions.
    #[inline(always)]
    fn run<S: Simd>(self, _: S) -> NearestTwo {
        let (mut first, mut second, mut labels) = ([u64::MAX; LANES], [u64::MAX; LANES], [0u64; LANES]);
        for (cluster, centroid) in self.centroids.iter().enumerate() {
            let found = distances(self.tile, centroid);
            for lane in 0..LANES {
                let distance = found[lane];
                let nearer = distance < first[lane];
                let loser = if nearer { first[lane] } else { distance };
                second[lane] = second[lane].min(loser);
                labels[lane] = if nearer { cluster as u64 } else { labels[lane] };
                first[lane] = if nearer { distance } else { first[lane] };
            }
        }
        NearestTwo { labels: labels.map(|label| label as u16), first, second }
    }
}
