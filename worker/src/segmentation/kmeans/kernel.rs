//! Nearest centroids of a tile, exact.
//!
//! With x and c integers up to 2²³, |c|² − 2·c·x has terms below 2⁴⁷·1.5 a dimension: over 32 dimensions every partial
//! sum stays an integer below 2⁵³, so f64 arithmetic is integer arithmetic, in any order, and compiles to vectors. The
//! squared distance is this score plus |x|², which is the same for all centroids and decides nothing. Above 32
//! dimensions rows are compared one by one in 64-bit integers.

use super::{
    centroids::Centroids,
    matrix::{LANES, Matrix},
};

const EXACT_DIMENSIONS: usize = 32;
/// Added to an integer below 2⁵² it puts the integer into the low bits: a conversion that compiles to vectors.
const INTEGER_BITS: f64 = (1u64 << 52) as f64;
/// Added and subtracted it rounds to an integer, of either sign.
const ROUND: f64 = 1.5 * (1u64 << 52) as f64;
/// Scores are summed in two parts, multiples of 2²⁷ and what is left: each exact over 2²⁶ tiles.
const HIGH_PART: f64 = (1u64 << 27) as f64;

/// Centroids as the kernel uses them.
#[derive(Debug)]
pub(super) struct Kernel<'a> {
    centroids: &'a Centroids,
    /// |c|² a centroid.
    norms: Vec<f64>,
    /// −2·c, d a centroid.
    factors: Vec<f64>,
    /// The tile's values as f64.
    values: Vec<[f64; LANES]>,
    /// Sums of the nearest scores, in multiples of 2²⁷ and the rest.
    high: [f64; LANES],
    low: [f64; LANES],
    /// The same above 32 dimensions.
    wide: i128,
}

/// The two nearest centroids of a tile's rows; squared distances are exact.
#[derive(Debug, Clone)]
pub(super) struct NearestTwo {
    /// The nearest centroid, the lowest on ties.
    pub labels: [u16; LANES],
    /// To the nearest centroid.
    pub first: [u64; LANES],
    /// To the second nearest; `u64::MAX` if there is one centroid only.
    pub second: [u64; LANES],
}

impl<'a> Kernel<'a> {
    pub(super) fn new(centroids: &'a Centroids) -> Self {
        let square = |c: &[i32]| c.iter().map(|unit| f64::from(*unit) * f64::from(*unit)).sum();
        Self {
            centroids,
            norms: centroids.iter().map(square).collect(),
            factors: centroids.iter().flatten().map(|unit| -2.0 * f64::from(*unit)).collect(),
            values: vec![[0.0; LANES]; centroids.dimensions()],
            high: [0.0; LANES],
            low: [0.0; LANES],
            wide: 0,
        }
    }

    /// Gives the nearest centroid of every row of a tile, the lowest on ties, and adds up the scores of its rows.
    pub(super) fn nearest(&mut self, matrix: &Matrix, tile: usize) -> [u16; LANES] {
        let rows = matrix.rows_of_tile(tile);
        self.load(matrix, tile);
        if matrix.dimensions() > EXACT_DIMENSIONS {
            let nearest = self.compare_wide();
            for lane in 0..rows {
                self.wide += i128::from(nearest.first[lane]) - i128::from(self.square(lane));
            }
            return nearest.labels;
        }
        let (mut best, mut labels) = ([f64::INFINITY; LANES], [0.0; LANES]);
        for cluster in 0..self.norms.len() {
            let scores = self.scores(cluster);
            let label = cluster as f64;
            for lane in 0..LANES {
                let nearer = scores[lane] < best[lane];
                labels[lane] = if nearer { label } else { labels[lane] };
                best[lane] = if nearer { scores[lane] } else { best[lane] };
            }
        }
        best[rows..].fill(0.0);
        for (best, (high_sum, low_sum)) in best.iter().zip(self.high.iter_mut().zip(&mut self.low)) {
            let high = (best / HIGH_PART + ROUND) - ROUND;
            *high_sum += high;
            *low_sum += best - high * HIGH_PART;
        }
        labels.map(|label| (label + INTEGER_BITS).to_bits() as u16)
    }

    /// Gives the sum of nearest scores over all tiles that [`Self::nearest`] has seen: inertia − Σ|x|².
    pub(super) fn excess(&self) -> i128 {
        let whole = |part: &[f64; LANES]| part.iter().map(|sum| i128::from(*sum as i64)).sum::<i128>();
        whole(&self.high) * HIGH_PART as i128 + whole(&self.low) + self.wide
    }

    /// Gives the two nearest centroids of every row of a tile.
    pub(super) fn nearest_two(&mut self, matrix: &Matrix, tile: usize) -> NearestTwo {
        self.load(matrix, tile);
        if matrix.dimensions() > EXACT_DIMENSIONS {
            return self.compare_wide();
        }
        let (mut best, mut second) = ([f64::INFINITY; LANES], [f64::INFINITY; LANES]);
        let mut labels = [0.0; LANES];
        for cluster in 0..self.norms.len() {
            let scores = self.scores(cluster);
            let label = cluster as f64;
            for lane in 0..LANES {
                let nearer = scores[lane] < best[lane];
                let loser = if nearer { best[lane] } else { scores[lane] };
                second[lane] = if loser < second[lane] { loser } else { second[lane] };
                labels[lane] = if nearer { label } else { labels[lane] };
                best[lane] = if nearer { scores[lane] } else { best[lane] };
            }
        }
        let squares: [f64; LANES] = std::array::from_fn(|lane| self.square(lane) as f64);
        // An infinite second becomes u64::MAX; all others are exact integers, not negative.
        NearestTwo {
            labels: labels.map(|label| label as u16),
            first: std::array::from_fn(|lane| (squares[lane] + best[lane]) as u64),
            second: std::array::from_fn(|lane| (squares[lane] + second[lane]) as u64),
        }
    }

    /// The values of the tile that was looked at last, one lane array a dimension.
    pub(super) fn values(&self) -> &[[f64; LANES]] {
        &self.values
    }

    fn load(&mut self, matrix: &Matrix, tile: usize) {
        for (values, lanes) in self.values.iter_mut().zip(matrix.tile(tile)) {
            for lane in 0..LANES {
                values[lane] = f64::from(lanes[lane]);
            }
        }
    }

    #[inline(always)]
    fn scores(&self, cluster: usize) -> [f64; LANES] {
        let mut scores = [self.norms[cluster]; LANES];
        let factors = &self.factors[cluster * self.values.len()..][..self.values.len()];
        for (values, factor) in self.values.iter().zip(factors) {
            for lane in 0..LANES {
                scores[lane] += factor * values[lane];
            }
        }
        scores
    }

    /// |x|² of one row of the tile.
    fn square(&self, lane: usize) -> u64 {
        self.values.iter().map(|values| (values[lane] as i64).unsigned_abs().pow(2)).sum()
    }

    fn compare_wide(&self) -> NearestTwo {
        let mut nearest = NearestTwo { labels: [0; LANES], first: [u64::MAX; LANES], second: [u64::MAX; LANES] };
        for lane in 0..LANES {
            for (cluster, centroid) in self.centroids.iter().enumerate() {
                let distance = squared_distance(self.values.iter().map(|values| values[lane] as i64), centroid);
                if distance < nearest.first[lane] {
                    nearest.second[lane] = nearest.first[lane];
                    (nearest.first[lane], nearest.labels[lane]) = (distance, cluster as u16);
                } else {
                    nearest.second[lane] = nearest.second[lane].min(distance);
                }
            }
        }
        nearest
    }
}

/// Gives the exact squared distances of a tile's rows to one point.
pub(super) fn distances_to(matrix: &Matrix, tile: usize, point: &[i32]) -> [u64; LANES] {
    let mut total = [0u64; LANES];
    let lanes = matrix.tile(tile);
    // 32 squares below 2⁴⁸ add up exactly in f64.
    for (lanes, point) in lanes.chunks(EXACT_DIMENSIONS).zip(point.chunks(EXACT_DIMENSIONS)) {
        let mut block = [0.0; LANES];
        for (lanes, unit) in lanes.iter().zip(point) {
            for lane in 0..LANES {
                let difference = f64::from(lanes[lane]) - f64::from(*unit);
                block[lane] += difference * difference;
            }
        }
        for lane in 0..LANES {
            total[lane] += block[lane] as u64;
        }
    }
    total
}

/// Gives the exact squared distance between two points of the grid.
pub(super) fn squared_distance(left: impl Iterator<Item = i64>, right: &[i32]) -> u64 {
    left.zip(right).map(|(left, right)| (left - i64::from(*right)).unsigned_abs().pow(2)).sum()
}
