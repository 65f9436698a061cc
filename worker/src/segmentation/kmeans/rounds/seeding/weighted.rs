//! k-means of few weighted points, in memory.

use segmenter_proto::{Result, Rounds as _};

use crate::segmentation::kmeans::{
    kernel::{Instructions, NearestTwo, Points},
    rounds::{
        fit::{Ask, KmeansFit, KmeansResult},
        round::RoundStatistics,
        seeding::start::plus_plus_weighted,
        shard::farthest,
    },
    rows::{
        centroids::Centroids,
        layout::Layout,
        matrix::{LANES, Matrix},
    },
};

/// Iterations a start.
const CAP: u32 = 100;

/// Points on the grid, each of which stands for so many rows.
#[derive(Debug)]
pub(super) struct WeightedPoints {
    matrix: Matrix,
    weights: Vec<u64>,
}

impl WeightedPoints {
    /// Takes points of equal length and their weights, as many.
    pub(super) fn new(points: &[Vec<i32>], weights: Vec<u64>) -> Self {
        let layout = Layout::of_numbers(points.first().map_or(0, Vec::len));
        Self { matrix: Matrix::from_rows(layout, points.iter().map(Vec::as_slice)), weights }
    }

    /// Gives the best of several starts by weighted greedy k-means++ and Lloyd's iterations: the smallest inertia, ties to the
    /// first; `None` where fewer than `k` points differ.
    pub(super) fn clustered(&self, k: usize, restarts: u32, seed: u64, purpose: &str) -> Result<Option<KmeansResult>> {
        let mut best: Option<KmeansResult> = None;
        for restart in 0..restarts.max(1) {
            let purpose = format!("{purpose}/{restart}");
            let start = plus_plus_weighted(&self.matrix, &self.weights, k, seed, &purpose);
            let Some(start) = start.filter(|start| start.count() == k) else { return Ok(None) };
            let result = self.fit(start)?;
            if best.as_ref().is_none_or(|best| result.statistics.inertia < best.statistics.inertia) {
                best = Some(result);
            }
        }
        Ok(best)
    }

    fn fit(&self, start: Centroids) -> Result<KmeansResult> {
        let mut fit = KmeansFit::new(start, CAP);
        while let Some(ask) = fit.ask() {
            match ask {
                Ask::Round(centroids) => fit.absorb_round(self.round(&centroids))?,
                Ask::Farthest(centroids, rows) => {
                    fit.absorb_farthest(farthest(&self.matrix, &centroids, rows, |row| format!("{row:012}")))?;
                }
            }
        }
        fit.finish()
    }

    /// The statistics of a round in which every point comes as often as it weighs.
    fn round(&self, centroids: &Centroids) -> RoundStatistics {
        let (k, dimensions) = (centroids.count(), centroids.dimensions());
        let mut statistics = RoundStatistics {
            sums: vec![0; k * dimensions],
            counts: vec![0; k],
            smallest_ids: vec![String::new(); k],
            inertia: 0,
            squares: 0,
            changed: 0,
        };
        let (points, by) = (Points::of(self.matrix.layout(), centroids), Instructions::best());
        for tile in 0..self.matrix.tiles() {
            let nearest = NearestTwo::among(&points, &self.matrix, tile, by);
            for lane in 0..self.matrix.rows_of_tile(tile) {
                let row = tile * LANES + lane;
                let (weight, cluster) = (self.weights[row], usize::from(nearest.labels[lane]));
                statistics.counts[cluster] += weight;
                statistics.inertia += u128::from(nearest.first[lane]) * u128::from(weight);
                let sums = &mut statistics.sums[cluster * dimensions..][..dimensions];
                for (sum, unit) in sums.iter_mut().zip(self.matrix.place(row)) {
                    *sum += i64::from(unit) * weight as i64;
                    statistics.squares += u128::from(unit.unsigned_abs()).pow(2) * u128::from(weight);
                }
            }
        }
        statistics
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::segmentation::kmeans::sample::lloyd::lloyd;

    #[test]
    fn a_weight_is_as_good_as_so_many_rows() {
        let points: Vec<Vec<i32>> = (0..40).map(|i| vec![(i * i * 31) % 997, (i * 57) % 101]).collect();
        let weights: Vec<u64> = (0..40).map(|i| 1 + i * 7 % 5).collect();
        let rows: Vec<&[i32]> =
            points.iter().zip(&weights).flat_map(|(point, weight)| vec![point.as_slice(); *weight as usize]).collect();
        let start = Centroids::new(2, vec![0, 0, 500, 50, 900, 90]).unwrap();
        let matrix = Matrix::from_rows(Layout::of_numbers(2), rows.into_iter());
        let (expected, _) = lloyd(&matrix, start.clone(), CAP).unwrap();
        let found = WeightedPoints::new(&points, weights).fit(start).unwrap();
        assert_eq!((found.centroids, found.iterations), (expected.centroids, expected.iterations));
        assert_eq!(
            (found.statistics.inertia, found.statistics.counts, found.statistics.squares),
            (expected.statistics.inertia, expected.statistics.counts, expected.statistics.squares)
        );
    }

    #[test]
    fn a_heavy_point_draws_its_centroid_to_itself() {
        let points = vec![vec![0], vec![100], vec![5000]];
        let found = WeightedPoints::new(&points, vec![99, 1, 1]).clustered(2, 5, 1, "p").unwrap().unwrap();
        let mut centres: Vec<i32> = found.centroids.iter().map(|c| c[0]).collect();
        centres.sort_unstable();
        assert_eq!(centres, [1, 5000]);
        assert!(WeightedPoints::new(&points, vec![1, 0, 0]).clustered(2, 5, 1, "p").unwrap().is_none());
    }
}
