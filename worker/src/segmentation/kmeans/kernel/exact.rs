//! Squared distances as integers: differences up to 2²⁴, squares up to 2⁴⁸, sums over 2¹⁵ dimensions below 2⁶⁴.
//!
//! To a category of units u, of which a row has the level l and a point the values c, belongs
//! (u − c(l))² + Σ c(others)² = (u² + Σ c²) − 2·u·c(l): a constant of the point, and one look-up. The constants and the
//! looked-up terms may pass 2⁶⁴ on the way; they are added modulo 2⁶⁴, and the distance is what is left.

use super::{
    filter::table,
    simd::{Instructions, Simd, Work},
};
use crate::segmentation::kmeans::rows::{
    centroids::Centroids,
    layout::{Category, Layout, PACKED},
    matrix::{LANES, Lanes, Matrix},
};

/// Points of the space, prepared for distances to rows.
#[derive(Debug)]
pub(in crate::segmentation::kmeans) struct Points<'a> {
    layout: &'a Layout,
    dimensions: usize,
    units: &'a [i32],
    /// A point each: Σ (u² + Σ c²) over the categories.
    constants: Vec<u64>,
    /// Point by point and category by category, the values of the levels; exact, like all grid values.
    tables: Vec<Lanes>,
}

impl<'a> Points<'a> {
    /// Prepares centroids for the rows of matrices of this layout.
    pub(in crate::segmentation::kmeans) fn of(layout: &'a Layout, centroids: &'a Centroids) -> Self {
        Self::new(layout, centroids.units())
    }

    /// Prepares places, one after the other.
    pub(in crate::segmentation::kmeans) fn new(layout: &'a Layout, units: &'a [i32]) -> Self {
        let dimensions = layout.dimensions().max(1);
        let (mut constants, mut tables) = (vec![], vec![]);
        // Where all is numbers, nothing is to be prepared.
        if !layout.categories().is_empty() {
            let of_rows = layout.squares_of_categories();
            for point in units.chunks_exact(dimensions) {
                let square = |c: &i32| u64::from(c.unsigned_abs()).pow(2);
                constants.push(of_rows + point[layout.numbers()..].iter().map(square).sum::<u64>());
                tables.extend(layout.starts().map(|(own, start)| table(&point[start..][..own.levels], |c| c as f32)));
            }
        }
        Self { layout, dimensions, units, constants, tables }
    }

    pub(super) fn count(&self) -> usize {
        self.units.len() / self.dimensions
    }

    /// Gives the exact squared distances of a tile's rows to one of the points.
    pub(in crate::segmentation::kmeans) fn distances(
        &self,
        matrix: &Matrix,
        tile: usize,
        point: usize,
    ) -> [u64; LANES] {
        Instructions::best().run(Distances { tile: matrix.tile(tile), points: self, point })
    }

    fn numbers(&self, point: usize) -> &[i32] {
        &self.units[point.wrapping_mul(self.dimensions)..][..self.layout.numbers()]
    }

    /// The tables of one point, one a category.
    fn tables(&self, point: usize) -> &[Lanes] {
        let categories = self.layout.categories().len();
        &self.tables[point.wrapping_mul(categories)..][..categories]
    }

    /// Gives the nearest point of one row of a tile, the lowest on ties; `row` is scratch.
    pub(super) fn nearest(&self, tile: &[Lanes], lane: usize, row: &mut Vec<i32>) -> u16 {
        let (numbers, packed) = tile.split_at(self.layout.numbers());
        row.clear();
        row.extend(numbers.iter().map(|lanes| lanes.0[lane] as i32));
        let (mut nearest, mut label) = (u64::MAX, 0);
        for point in 0..self.count() {
            // Differences of grid values fit 32 bits: a multiplication of 32 by 32 bits.
            let square = |(x, c): (&i32, &i32)| {
                let difference = i64::from(x.wrapping_sub(*c));
                difference.wrapping_mul(difference) as u64
            };
            let mut distance = row.iter().zip(self.numbers(point)).map(square).fold(0, u64::wrapping_add);
            if let Some(constant) = self.constants.get(point) {
                distance = distance.wrapping_add(*constant);
                for (at, (category, table)) in self.layout.categories().iter().zip(self.tables(point)).enumerate() {
                    let level = packed[at / PACKED].levels(lane) >> (at % PACKED * 4) & 15;
                    let twice = i64::from(category.units) * 2 * table.0[level as usize] as i64;
                    distance = distance.wrapping_sub(twice as u64);
                }
            }
            if distance < nearest {
                (nearest, label) = (distance, point as u16);
            }
        }
        label
    }

    /// [`Self::distances`], compiled for the instructions of the caller.
    #[inline(always)]
    pub(super) fn distances_by<S: Simd>(&self, simd: S, tile: &[Lanes], point: usize) -> [u64; LANES] {
        let (numbers, packed) = tile.split_at(self.layout.numbers());
        let mut total = distances(numbers, self.numbers(point));
        let Some(constant) = self.constants.get(point) else { return total };
        for total in &mut total {
            *total = total.wrapping_add(*constant);
        }
        let categories = self.layout.categories().chunks(PACKED).zip(self.tables(point).chunks(PACKED));
        for (lanes, (categories, tables)) in packed.iter().zip(categories) {
            looked_up(simd, lanes, categories, tables, &mut total);
        }
        total
    }
}

/// Takes 2·u·c(level) off the distances, for up to eight categories.
#[inline(always)]
fn looked_up<S: Simd>(simd: S, lanes: &Lanes, categories: &[Category], tables: &[Lanes], total: &mut [u64; LANES]) {
    /// Eight terms up to 2⁴⁷ add up to 2⁵⁰ at most: exact in f64, and, around 1.5·2⁵², in the low bits of it.
    const LOW_BITS: f64 = 1.5 * (1u64 << 52) as f64;
    let mut sums = [LOW_BITS; LANES];
    let mut levels = simd.load_levels(lanes);
    for (category, table) in categories.iter().zip(tables) {
        let factor = -2.0 * f64::from(category.units);
        let values = simd.store(simd.look_up(table, levels));
        for (sum, value) in sums.iter_mut().zip(values.0) {
            *sum += f64::from(value) * factor;
        }
        levels = simd.next_category(levels);
    }
    for (total, sum) in total.iter_mut().zip(sums) {
        *total = total.wrapping_add(sum.to_bits().wrapping_sub(LOW_BITS.to_bits()));
    }
}

/// Gives the exact squared distances of a tile's rows to one point of the space; [`Points`] serve many tiles better.
pub(in crate::segmentation::kmeans) fn distances_to(matrix: &Matrix, tile: usize, point: &[i32]) -> [u64; LANES] {
    Points::new(matrix.layout(), point).distances(matrix, tile, 0)
}

struct Distances<'a> {
    tile: &'a [Lanes],
    points: &'a Points<'a>,
    point: usize,
}

impl Work for Distances<'_> {
    type Output = [u64; LANES];

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> [u64; LANES] {
        self.points.distances_by(simd, self.tile, self.point)
    }
}

/// The same over numbers; uses no lanes of its own.
#[inline(always)]
fn distances(tile: &[Lanes], point: &[i32]) -> [u64; LANES] {
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
pub(in crate::segmentation::kmeans) fn squared_distance(left: impl Iterator<Item = i64>, right: &[i32]) -> u64 {
    left.zip(right).map(|(left, right)| (left - i64::from(*right)).unsigned_abs().pow(2)).sum()
}
