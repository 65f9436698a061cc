//! A part of the sample, or a data set like it, that is small enough to be clustered again and again.

use segmenter_proto::Result;

use crate::segmentation::kmeans::{
    rounds::seeding::start::plus_plus,
    rows::{centroids::Centroids, matrix::Matrix},
    sample::lloyd::lloyd,
};

/// Customers of the sample that the gap is measured on, at most, and stability at least, where the sample has them.
pub(in crate::segmentation::kmeans) const PART_ROWS: usize = 4000;
/// Customers of the smallest cluster that stability is measured on, at least, where the sample has them: of a few, it is chance
/// which are drawn.
const ROWS_OF_A_CLUSTER: f64 = 100.0;
/// Starts a number of clusters; the best inertia wins.
const STARTS: u32 = 2;
const CAP: u32 = 50;

/// Rows and the starts of every number of clusters.
#[derive(Debug)]
pub(in crate::segmentation::kmeans) struct Part {
    matrix: Matrix,
    starts: Vec<Centroids>,
}

impl Part {
    /// Takes rows and finds starts for up to `most` clusters; all chance comes from `seed` and `purpose`.
    pub(in crate::segmentation::kmeans) fn new(matrix: Matrix, most: usize, seed: u64, purpose: &str) -> Self {
        let start = |start: u32| plus_plus(&matrix, most, seed, &format!("{purpose}/start/{start}"));
        Self { starts: (0..STARTS).filter_map(start).collect(), matrix }
    }

    /// Clusters the rows: gives the inertia in squared grid units and the labels, `None` of no rows.
    ///
    /// Where fewer rows differ than clusters are asked for, there are fewer clusters.
    pub(in crate::segmentation::kmeans) fn clustered(&self, k: usize) -> Result<Option<(u128, Vec<u16>)>> {
        let mut best: Option<(u128, Vec<u16>)> = None;
        for start in &self.starts {
            let (result, labels) = lloyd(&self.matrix, start.first(k.min(start.count())), CAP)?;
            if best.as_ref().is_none_or(|(inertia, _)| result.statistics.inertia < *inertia) {
                best = Some((result.statistics.inertia, labels));
            }
        }
        Ok(best)
    }
}

/// Gives how many customers of a sample stability is measured on, where the smallest cluster has this share: 4,000, doubled until
/// the smallest cluster has 100 of them, or all.
pub(in crate::segmentation) fn stability_rows(smallest_share: f64, sample: usize) -> usize {
    let mut rows = PART_ROWS;
    while rows < sample && (rows as f64) * smallest_share < ROWS_OF_A_CLUSTER {
        rows *= 2;
    }
    rows.min(sample)
}

/// Gives the matrix of some rows of another.
pub(in crate::segmentation::kmeans) fn rows_of(matrix: &Matrix, rows: impl ExactSizeIterator<Item = usize>) -> Matrix {
    let cells: Vec<Vec<i32>> = rows.map(|row| matrix.cells(row)).collect();
    Matrix::from_rows(matrix.layout().clone(), cells.iter().map(Vec::as_slice))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_cluster_has_stability_measured_on_more_customers() {
        for (share, sample, rows) in [
            (0.3, 100_000, 4_000),
            (0.025, 100_000, 4_000),
            (0.0249, 100_000, 8_000),
            (0.002, 100_000, 64_000),
            (0.0001, 100_000, 100_000),
            (0.0, 9_000, 9_000),
            (0.3, 500, 500),
            (0.3, 0, 0),
        ] {
            assert_eq!(stability_rows(share, sample), rows, "{share} of {sample}");
        }
    }
}
