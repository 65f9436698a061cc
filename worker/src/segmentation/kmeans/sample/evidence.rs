//! How good a division of the sample is: formulas of metrics.md, from exact integer sums.

use segmenter_proto::models::GRID;
use serde::{Deserialize, Serialize};

use crate::segmentation::kmeans::{
    kernel::distances_to,
    rounds::{
        fit::{KmeansResult, Stop},
        round::RoundStatistics,
        separation::{Separation, whole_distance},
    },
    rows::matrix::{LANES, Matrix},
};

/// Rows whose full silhouette is computed.
const SILHOUETTE_ROWS: usize = 1000;

/// What speaks for and against one number of clusters; figures of the sample.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClusterCountEvidence {
    /// The number of clusters.
    pub k: u32,
    /// Sum of squared distances to the own centroid, in scaled space.
    pub inertia: f64,
    /// 1 − within / total sum of squares.
    pub explained: f64,
    /// (between / (k − 1)) / (within / (n − k)); none of one cluster or too few rows.
    pub calinski_harabasz: Option<f64>,
    /// Mean over clusters of the largest (s_i + s_j) / d_ij; smaller is better.
    pub davies_bouldin: Option<f64>,
    /// Mean of (b − a) / max(a, b) with distances to centroids.
    pub simplified_silhouette: Option<f64>,
    /// The full silhouette of a part of the sample.
    pub silhouette: Option<SampledSilhouette>,
    /// Share of the smallest cluster.
    pub smallest_share: f64,
    /// Mean of `jaccard_by_cluster`.
    pub jaccard: Option<f64>,
    /// Mean over bootstrap resamples of the largest Jaccard similarity with a resample's cluster; none: not measured.
    pub jaccard_by_cluster: Vec<Option<f64>>,
    /// Customers of the sample that stability was measured on.
    pub jaccard_rows: u64,
    /// The start that won, from 0.
    pub restart: u32,
    /// Its iterations.
    pub iterations: u32,
    /// Why they ended.
    pub stop: Stop,
}

/// A mean silhouette with a 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SampledSilhouette {
    /// The mean.
    pub mean: f64,
    /// Lower end.
    pub ci_low: f64,
    /// Upper end.
    pub ci_high: f64,
    /// Rows.
    pub rows: u64,
}

/// Computes everything but the stability of a fit on the sample.
pub(in crate::segmentation::kmeans) fn evidence(
    matrix: &Matrix,
    labels: &[u16],
    result: &KmeansResult,
    restart: u32,
) -> ClusterCountEvidence {
    let statistics = &result.statistics;
    let smallest = statistics.counts.iter().min().copied().unwrap_or(0);
    let separation = Separation::of(matrix, &result.centroids);
    ClusterCountEvidence {
        k: statistics.counts.len() as u32,
        inertia: statistics.inertia_scaled(),
        explained: statistics.explained(),
        calinski_harabasz: statistics.calinski_harabasz(),
        davies_bouldin: separation.davies_bouldin(&result.centroids),
        simplified_silhouette: separation.simplified_silhouette(),
        silhouette: silhouette(matrix, labels, statistics.counts.len()),
        smallest_share: smallest as f64 / statistics.rows() as f64,
        jaccard: None,
        jaccard_by_cluster: vec![],
        jaccard_rows: 0,
        restart,
        iterations: result.iterations,
        stop: result.stop,
    }
}

impl RoundStatistics {
    /// Gives the inertia in scaled space.
    pub fn inertia_scaled(&self) -> f64 {
        self.inertia as f64 / (GRID * GRID)
    }

    /// Gives 1 − within / total sum of squares; 0 where all rows coincide.
    pub fn explained(&self) -> f64 {
        let total = self.total_squares();
        if total > 0.0 { (1.0 - self.inertia as f64 / total).clamp(0.0, 1.0) } else { 0.0 }
    }

    /// Gives (between / (k − 1)) / (within / (n − k)); `None` of one cluster or too few rows. What is within counts as one
    /// squared grid unit at least.
    pub fn calinski_harabasz(&self) -> Option<f64> {
        let (k, n) = (self.counts.len() as u64, self.rows());
        if k < 2 || n <= k {
            return None;
        }
        let within = (self.inertia as f64).max(1.0);
        let between = (self.total_squares() - self.inertia as f64).max(0.0);
        Some((between / (k - 1) as f64) / (within / (n - k) as f64))
    }

    /// The total sum of squares around the mean, Σ|x|² − |Σx|²/n, in squared grid units.
    fn total_squares(&self) -> f64 {
        let (rows, clusters) = (self.rows(), self.counts.len());
        let dimensions = self.sums.len() / clusters.max(1);
        let mut centre = 0.0;
        let mut remainder = 0.0;
        for dimension in 0..dimensions {
            let sum: i128 = (0..clusters).map(|c| i128::from(self.sums[c * dimensions + dimension])).sum();
            let square = sum.unsigned_abs().pow(2);
            // Quotient and remainder apart: one rounding of integers far beyond 2⁵³ would lose the difference.
            centre += (square / u128::from(rows.max(1))) as f64;
            remainder += (square % u128::from(rows.max(1))) as f64 / rows.max(1) as f64;
        }
        (self.squares as f64 - centre) - remainder
    }
}

/// Gives the mean silhouette of the first rows of the sample, among themselves; the sample is in order of hash, so they
/// are a sample of it. Rows alone in their cluster count 0.
fn silhouette(matrix: &Matrix, labels: &[u16], clusters: usize) -> Option<SampledSilhouette> {
    let count = matrix.rows().min(SILHOUETTE_ROWS);
    let rows: Vec<Vec<i32>> = (0..count).map(|row| matrix.cells(row)).collect();
    let part = Matrix::from_rows(matrix.layout().clone(), rows.iter().map(Vec::as_slice));
    let mut sizes = vec![0u64; clusters];
    labels[..count].iter().for_each(|label| sizes[usize::from(*label)] += 1);
    if sizes.iter().filter(|size| **size > 0).count() < 2 {
        return None;
    }
    let mut values = Vec::with_capacity(count);
    let mut sums = vec![0u64; clusters];
    for (row, cells) in rows.iter().enumerate() {
        let place = part.layout().place(cells);
        sums.fill(0);
        for tile in 0..part.tiles() {
            let distances = distances_to(&part, tile, &place);
            for lane in 0..part.rows_of_tile(tile) {
                sums[usize::from(labels[tile * LANES + lane])] += whole_distance(distances[lane]);
            }
        }
        let own = usize::from(labels[row]);
        if sizes[own] < 2 {
            values.push(0.0);
            continue;
        }
        let a = sums[own] as f64 / (sizes[own] - 1) as f64;
        let others = (0..clusters).filter(|c| *c != own && sizes[*c] > 0);
        let b = others.map(|c| sums[c] as f64 / sizes[c] as f64).fold(f64::INFINITY, f64::min);
        values.push(if a.max(b) > 0.0 { (b - a) / a.max(b) } else { 0.0 });
    }
    let (mut sum, mut squares) = (segmenter_proto::ExactSum::default(), segmenter_proto::ExactSum::default());
    let _ = values.iter().all(|value| sum.add(*value));
    let n = count as f64;
    let mean = sum.value() / n;
    let _ = values.iter().all(|value| squares.add_square(value - mean));
    let half_width = 1.959_963_984_540_054 * (squares.value() / (n - 1.0) / n).sqrt();
    Some(SampledSilhouette { mean, ci_low: mean - half_width, ci_high: mean + half_width, rows: count as u64 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::segmentation::kmeans::{
        rows::{centroids::Centroids, layout::Layout},
        sample::lloyd::lloyd,
    };

    /// Four points on a line, 0, 1, 10 and 11, in two clusters.
    fn line() -> (Matrix, Vec<u16>, KmeansResult) {
        let rows: Vec<_> = [0, 1, 10, 11].map(|x| vec![x << 19]).to_vec();
        let matrix = Matrix::from_rows(Layout::of_numbers(1), rows.iter().map(Vec::as_slice));
        let start = Centroids::new(1, vec![0, 11 << 19]).unwrap();
        let (result, labels) = lloyd(&matrix, start, 10).unwrap();
        (matrix, labels, result)
    }

    #[test]
    fn figures_equal_those_worked_out_by_hand() {
        let (matrix, labels, result) = line();
        let evidence = evidence(&matrix, &labels, &result, 0);
        // In units of the points: within 4·0.25 = 1, total 2·(5.5² + 4.5²) = 101; a unit is half a scaled one.
        assert!((evidence.inertia - 0.25).abs() < 1e-12);
        assert!((evidence.explained - 100.0 / 101.0).abs() < 1e-12);
        assert!((evidence.calinski_harabasz.unwrap() - 100.0 / (1.0 / 2.0)).abs() < 1e-9);
        assert!((evidence.davies_bouldin.unwrap() - 1.0 / 10.0).abs() < 1e-6);
        let simplified = (2.0 * 9.0 / 9.5 + 2.0 * 10.0 / 10.5) / 4.0;
        assert!((evidence.simplified_silhouette.unwrap() - simplified).abs() < 1e-6);
        // a = 1; b = 10.5 for the outer points and 9.5 for the inner ones.
        let full = (9.5 / 10.5 + 8.5 / 9.5) / 2.0;
        let silhouette = evidence.silhouette.unwrap();
        assert!((silhouette.mean - full).abs() < 1e-6 && silhouette.ci_low < silhouette.mean);
        assert_eq!(evidence.smallest_share, 0.5);
    }

    #[test]
    fn one_cluster_or_one_place_has_no_separation() {
        let matrix = Matrix::zeros(5, Layout::of_numbers(2));
        let (result, labels) = lloyd(&matrix, Centroids::new(2, vec![0, 0]).unwrap(), 10).unwrap();
        let evidence = evidence(&matrix, &labels, &result, 0);
        assert_eq!((evidence.explained, evidence.calinski_harabasz, evidence.davies_bouldin), (0.0, None, None));
        assert_eq!((evidence.simplified_silhouette, evidence.silhouette), (None, None));
    }
}
