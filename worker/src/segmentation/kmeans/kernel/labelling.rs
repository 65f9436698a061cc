//! Labels of all rows, with the sums that belong to them.

use super::{
    super::{
        centroids::Centroids,
        matrix::{LANES, Matrix},
    },
    bound::{Travel, deadline, rounded_up, square},
    exact::Points,
    filter::Filter,
    nearest_two::NearestTwo,
    simd::{Instructions, Simd, Work},
    sums::{Sums, UNKNOWN},
};

/// From so many unproven rows on, a whole tile is decided in integers at once.
const MANY: u32 = 4;

/// What one pass did; decides nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Passed {
    /// Rows that got another label.
    pub changed: u64,
    /// Tiles that were looked at.
    pub tiles: u64,
    /// Rows that were decided in integers.
    pub unproven: u64,
}

/// The label of every row and what it takes to find the next ones with less work: only rows that move are added and
/// subtracted, without drift, since sums are integers; tiles whose labels are proven to stay are not looked at.
#[derive(Debug, Clone)]
pub(in super::super) struct Labelling {
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
    pub(in super::super) fn new(matrix: &Matrix) -> Self {
        Self {
            rows: matrix.rows(),
            labels: vec![[UNKNOWN; LANES]; matrix.tiles()],
            deadlines: vec![f32::NEG_INFINITY; matrix.tiles()],
            travel: Travel::default(),
            sums: Sums::default(),
        }
    }

    /// Gives the bytes that a labelling of so many rows takes, without what depends on the clusters.
    pub(in super::super) fn bytes(rows: usize) -> usize {
        rows.div_ceil(LANES) * (size_of::<[u16; LANES]>() + size_of::<f32>())
    }

    /// Labels every row by the nearest centroid, the lowest on ties.
    ///
    /// `matrix` is the one that the labelling was made for.
    pub(in super::super) fn relabel(&mut self, matrix: &Matrix, centroids: &Centroids, by: Instructions) -> Passed {
        if self.sums.counts().len() != centroids.count() {
            *self = Self { sums: Sums::new(centroids.count(), matrix.layout()), ..Self::new(matrix) };
        }
        let travelled = self.travel.advance(centroids);
        by.run(Pass { labelling: self, matrix, centroids, travelled })
    }

    /// Has every tile looked at in the next pass.
    #[cfg(test)]
    pub(in super::super) fn forget_deadlines(&mut self) {
        self.deadlines.fill(f32::NEG_INFINITY);
    }

    /// Gives the sums of grid values, d a cluster.
    pub(in super::super) fn sums(&self) -> &[i64] {
        self.sums.totals()
    }

    /// Gives the rows, one a cluster.
    pub(in super::super) fn counts(&self) -> &[u64] {
        self.sums.counts()
    }

    /// Gives the labels, one a row.
    pub(in super::super) fn labels(&self) -> &[u16] {
        &self.labels.as_flattened()[..self.rows]
    }

    /// Gives Σ|x − c|² over all rows x with their centroid c, of Σ|x|²: Σ|x|² − 2·Σ c·(sum of c) + Σ |c|²·(count of c).
    ///
    /// The centroids are those of the last [`Self::relabel`]. Not one row is read for it.
    pub(in super::super) fn inertia(&self, squares: u128, centroids: &Centroids) -> u128 {
        let sums = self.sums().chunks(centroids.dimensions()).zip(self.counts());
        let excess = centroids.iter().zip(sums).map(|(centroid, (sums, count))| {
            let product: i128 = centroid.iter().zip(sums).map(|(c, sum)| i128::from(*c) * i128::from(*sum)).sum();
            i128::from(square(centroid)) * i128::from(*count) - 2 * product
        });
        // A sum of squares: not negative.
        squares.saturating_add_signed(excess.sum())
    }
}

/// One pass over all tiles.
struct Pass<'a> {
    labelling: &'a mut Labelling,
    matrix: &'a Matrix,
    centroids: &'a Centroids,
    travelled: f64,
}

impl Work for Pass<'_> {
    type Output = Passed;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> Passed {
        let Labelling { labels, deadlines, sums, .. } = self.labelling;
        let filter = Filter::new(self.centroids, self.matrix.layout(), S::BLOCK);
        let points = Points::of(self.matrix.layout(), self.centroids);
        let now = rounded_up(self.travelled);
        let mut row = Vec::with_capacity(self.matrix.dimensions());
        let mut passed = Passed { changed: 0, tiles: 0, unproven: 0 };
        for (index, (known, until)) in labels.iter_mut().zip(deadlines).enumerate() {
            if *until > now {
                continue;
            }
            passed.tiles += 1;
            let tile = self.matrix.tile(index);
            let present = u16::MAX >> (LANES - self.matrix.rows_of_tile(index));
            let found = filter.nearest(simd, tile);
            let mut new = found.labels;
            let mut unproven = !found.proven & present;
            *until = if unproven == 0 { deadline(self.travelled, found.gap) } else { f32::NEG_INFINITY };
            passed.unproven += u64::from(unproven.count_ones());
            if unproven.count_ones() >= MANY {
                // Equal integers are decided the same way; where all is categories, whole tiles are tied.
                (new, unproven) = (NearestTwo::by(simd, &points, tile).labels, 0);
            }
            while unproven != 0 {
                let lane = unproven.trailing_zeros() as usize;
                new[lane] = points.nearest(tile, lane, &mut row);
                unproven &= unproven - 1;
            }
            let moved = simd.differing(known, &new) & present;
            if moved != 0 {
                sums.move_rows(simd, tile, moved, known, &new);
                passed.changed += u64::from(moved.count_ones());
                *known = new;
            }
        }
        sums.finish();
        passed
    }
}
