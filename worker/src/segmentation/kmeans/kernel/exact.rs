//! Squared distances as integers: differences up to 2²⁴, squares up to 2⁴⁸, sums over 2¹⁵ dimensions below 2⁶⁴.

use super::{
    super::{
        centroids::Centroids,
        matrix::{LANES, Lanes, Matrix},
    },
    simd::{Instructions, Simd, Work},
};

/// Gives the nearest centroid of one row of a tile, the lowest on ties; `row` is scratch.
pub(super) fn nearest(centroids: &Centroids, tile: &[Lanes], lane: usize, row: &mut Vec<i32>) -> u16 {
    row.clear();
    row.extend(tile.iter().map(|lanes| lanes.0[lane] as i32));
    let (mut nearest, mut label) = (u64::MAX, 0);
    for (cluster, centroid) in centroids.iter().enumerate() {
        // Differences of grid values fit 32 bits: a multiplication of 32 by 32 bits.
        let square = |(x, c): (&i32, &i32)| {
            let difference = i64::from(x.wrapping_sub(*c));
            difference.wrapping_mul(difference) as u64
        };
        let distance = row.iter().zip(centroid).map(square).fold(0, u64::wrapping_add);
        if distance < nearest {
            (nearest, label) = (distance, cluster as u16);
        }
    }
    label
}

/// Gives the exact squared distances of a tile's rows to one point.
pub(in super::super) fn distances_to(matrix: &Matrix, tile: usize, point: &[i32]) -> [u64; LANES] {
    Instructions::best().run(Distances { tile: matrix.tile(tile), point })
}

struct Distances<'a> {
    tile: &'a [Lanes],
    point: &'a [i32],
}

impl Work for Distances<'_> {
    type Output = [u64; LANES];

    #[inline(always)]
    fn run<S: Simd>(self, _: S) -> [u64; LANES] {
        distances(self.tile, self.point)
    }
}

/// The same, compiled for the instructions of the caller; uses no lanes of its own.
#[inline(always)]
pub(super) fn distances(tile: &[Lanes], point: &[i32]) -> [u64; LANES] {
    /// Sixteen squares up to 2⁴⁸ add up to 2⁵² at most: exact in f64, and, on top of 2⁵², in the low bits of 2⁵².
    const DIMENSIONS: usize = 16;
    const LOW_BITS: f64 = (1u64 << 52) as f64;
    let mut total = [0u64; LANES];
    for (tile, point) in tile.chunks(DIMENSIONS).zip(point.chunks(DIMENSIONS)) {
        let mut sums = [LOW_BITS; LANES];
        for (lanes, unit) in tile.iter().zip(point) {
            let unit = *unit as f32;
            for (sum, x) in sums.iter_mut().zip(lanes.0) {
                // The difference of two grid values is exact in f32.
                let difference = f64::from(x - unit);
                *sum += difference * difference;
            }
        }
        for (total, sum) in total.iter_mut().zip(sums) {
            *total = total.wrapping_add(sum.to_bits().wrapping_sub(LOW_BITS.to_bits()));
        }
    }
    total
}

/// Gives the exact squared distance between two points of the grid.
pub(in super::super) fn squared_distance(left: impl Iterator<Item = i64>, right: &[i32]) -> u64 {
    left.zip(right).map(|(left, right)| (left - i64::from(*right)).unsigned_abs().pow(2)).sum()
}
