//! The nearest centroid of every row, for methods that go through a matrix beside k-means.

use std::ops::Range;

use crate::segmentation::kmeans::{
    kernel::{Instructions, NearestTwo, Points},
    rows::{
        centroids::Centroids,
        matrix::{LANES, Matrix},
    },
};

/// A row's two nearest centroids; squared distances are exact, in squared grid units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::segmentation) struct Near {
    /// The nearest centroid, the lowest on ties.
    pub cluster: usize,
    /// To the nearest.
    pub first: u64,
    /// To the second nearest; none of one centroid.
    pub second: Option<u64>,
}

/// Shows every row with its nearest centroids, in order; of rows that `wanted` does not ask for, by ranges, none.
pub(in crate::segmentation) fn visit_nearest(
    matrix: &Matrix,
    centroids: &Centroids,
    wanted: impl Fn(Range<usize>) -> bool,
    mut visit: impl FnMut(usize, Near),
) {
    let (points, by) = (Points::of(matrix.layout(), centroids), Instructions::best());
    for tile in 0..matrix.tiles() {
        let start = tile * LANES;
        let rows = start..start + matrix.rows_of_tile(tile);
        if !wanted(rows.clone()) {
            continue;
        }
        let nearest = NearestTwo::among(&points, matrix, tile, by);
        for (lane, row) in rows.enumerate() {
            let second = Some(nearest.second[lane]).filter(|second| *second != u64::MAX);
            visit(row, Near { cluster: usize::from(nearest.labels[lane]), first: nearest.first[lane], second });
        }
    }
}
