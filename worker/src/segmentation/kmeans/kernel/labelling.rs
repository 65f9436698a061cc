//! Labels of all rows, with the sums that belong to them.

use super::{
    bound::{Travel, square},
    exact::Points,
    filter::Filter,
    pass::{Part, Passed, Share, Spread, Target},
    simd::Instructions,
    sums::{Sums, UNKNOWN},
};
use crate::segmentation::kmeans::rows::{
    centroids::Centroids,
    matrix::{LANES, Matrix},
};

/// The label of every row and what it takes to find the next ones with less work: only rows that move are added and
/// subtracted, without drift, since sums are integers; tiles whose labels are proven to stay are not looked at.
#[derive(Debug, Clone)]
pub(in crate::segmentation::kmeans) struct Labelling {
    rows: usize,
    /// A tile each.
    labels: Vec<[u16; LANES]>,
    /// The total of [`Travel`] from which on a tile is looked at again.
    deadlines: Vec<f32>,
    travel: Travel,
    sums: Sums,
}

impl Labelling {
    /// Starts without labels.
    pub(in crate::segmentation::kmeans) fn new(matrix: &Matrix) -> Self {
        Self {
            rows: matrix.rows(),
            labels: vec![[UNKNOWN; LANES]; matrix.tiles()],
            deadlines: vec![f32::NEG_INFINITY; matrix.tiles()],
            travel: Travel::default(),
            sums: Sums::default(),
        }
    }

    /// Gives the bytes that a labelling of so many rows takes, without what depends on the clusters.
    pub(in crate::segmentation::kmeans) fn bytes(rows: usize) -> usize {
        rows.div_ceil(LANES) * (size_of::<[u16; LANES]>() + size_of::<f32>())
    }

    /// Labels every row by the nearest centroid, the lowest on ties.
    ///
    /// `matrix` is the one that the labelling was made for.
    pub(in crate::segmentation::kmeans) fn relabel(
        &mut self,
        matrix: &Matrix,
        centroids: &Centroids,
        spread: Spread,
        by: Instructions,
    ) -> Passed {
        let passed = Self::relabel_all(&mut [(self, centroids)], matrix, spread, by);
        passed.into_iter().next().unwrap_or_default()
    }

    /// Labels every row by the nearest of each labelling's own centroids, and reads the matrix once for all.
    pub(in crate::segmentation::kmeans) fn relabel_all(
        runs: &mut [(&mut Self, &Centroids)],
        matrix: &Matrix,
        spread: Spread,
        by: Instructions,
    ) -> Vec<Passed> {
        let layout = matrix.layout();
        let mut targets = Vec::with_capacity(runs.len());
        for (labelling, centroids) in runs.iter_mut() {
            if labelling.sums.counts().len() != centroids.count() {
                **labelling = Self { sums: Sums::new(centroids.count(), layout), ..Self::new(matrix) };
            }
            targets.push(Target {
                filter: Filter::new(centroids, layout, by.widest()),
                points: Points::of(layout, centroids),
                travelled: labelling.travel.advance(centroids),
            });
        }
        let size = spread.tiles_a_part(matrix.tiles());
        let firsts = (0..matrix.tiles()).step_by(size);
        let mut parts: Vec<Part<'_>> = firsts.map(|first| Part { matrix, first, shares: vec![] }).collect();
        for ((labelling, centroids), target) in runs.iter_mut().zip(&targets) {
            let tiles = labelling.labels.chunks_mut(size).zip(labelling.deadlines.chunks_mut(size));
            for (part, (labels, deadlines)) in parts.iter_mut().zip(tiles) {
                let sums = Sums::new(centroids.count(), layout);
                part.shares.push(Share { target, labels, deadlines, sums, passed: Passed::default() });
            }
        }
        spread.run(&mut parts, by);
        let shares: Vec<Vec<_>> = parts
            .into_iter()
            .map(|part| part.shares.into_iter().map(|share| (share.sums, share.passed)).collect())
            .collect();
        let mut passed = vec![Passed::default(); runs.len()];
        for shares in shares {
            for ((sums, own), ((labelling, _), passed)) in shares.into_iter().zip(runs.iter_mut().zip(&mut passed)) {
                labelling.sums.add(sums);
                passed.changed += own.changed;
                passed.tiles += own.tiles;
                passed.unproven += own.unproven;
            }
        }
        passed
    }

    /// Has every tile looked at in the next pass.
    #[cfg(test)]
    pub(in crate::segmentation::kmeans) fn forget_deadlines(&mut self) {
        self.deadlines.fill(f32::NEG_INFINITY);
    }

    /// Gives the sums of grid values, d a cluster.
    pub(in crate::segmentation::kmeans) fn sums(&self) -> &[i64] {
        self.sums.totals()
    }

    /// Gives the rows, one a cluster.
    pub(in crate::segmentation::kmeans) fn counts(&self) -> &[u64] {
        self.sums.counts()
    }

    /// Gives the labels, one a row.
    pub(in crate::segmentation::kmeans) fn labels(&self) -> &[u16] {
        &self.labels.as_flattened()[..self.rows]
    }

    /// Gives Σ|x − c|² over all rows x with their centroid c, of Σ|x|²: Σ|x|² − 2·Σ c·(sum of c) + Σ |c|²·(count of c).
    ///
    /// The centroids are those of the last [`Self::relabel`]. Not one row is read for it.
    pub(in crate::segmentation::kmeans) fn inertia(&self, squares: u128, centroids: &Centroids) -> u128 {
        let sums = self.sums().chunks(centroids.dimensions()).zip(self.counts());
        let excess = centroids.iter().zip(sums).map(|(centroid, (sums, count))| {
            let product: i128 = centroid.iter().zip(sums).map(|(c, sum)| i128::from(*c) * i128::from(*sum)).sum();
            i128::from(square(centroid)) * i128::from(*count) - 2 * product
        });
        // A sum of squares: not negative.
        squares.saturating_add_signed(excess.sum())
    }
}
