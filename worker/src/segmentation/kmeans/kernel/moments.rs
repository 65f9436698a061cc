//! What mixtures need of a tile: weighted squared distances to a point in f64, and exact weighted sums of rows and their squares.

use segmenter_proto::models::GRID;

use super::simd::{Instructions, Simd, Work};
use crate::segmentation::kmeans::rows::matrix::{LANES, Lanes, Matrix};

/// 1.5 · 2⁷⁵: adding it and taking it away rounds a number below 2⁷³ to a multiple of 2²³.
const TO_HIGH: f64 = 1.5 * (1u128 << 75) as f64;
const HIGH: f64 = (1u64 << 23) as f64;

/// Gives Σ (x − μ)²·w of a tile's rows x, scaled, added in the order of the columns: each operation is rounded by itself, so every
/// machine gives the same bits. Numbers only.
pub(in crate::segmentation::kmeans) fn weighted_squares(
    matrix: &Matrix,
    tile: usize,
    means: &[f64],
    weights: &[f64],
    by: Instructions,
) -> [f64; LANES] {
    by.run(WeightedSquares { tile: matrix.tile(tile), means, weights })
}

struct WeightedSquares<'a> {
    tile: &'a [Lanes],
    means: &'a [f64],
    weights: &'a [f64],
}

impl Work for WeightedSquares<'_> {
    type Output = [f64; LANES];

    #[inline(always)]
    fn run<S: Simd>(self, _: S) -> [f64; LANES] {
        // A power of two: the product is exact, as the quotient would be.
        const SCALE: f64 = 1.0 / GRID;
        let mut total = [0.0; LANES];
        for ((lanes, mean), weight) in self.tile.iter().zip(self.means).zip(self.weights) {
            for (total, x) in total.iter_mut().zip(lanes.0) {
                let difference = f64::from(x) * SCALE - mean;
                *total += difference * difference * weight;
            }
        }
        total
    }
}

/// Adds a tile's Σ s·x and Σ s·x² to `sums` and `squares`, one a column and component, component by component, for the shares s of
/// the rows in each component: whole numbers up to 2²⁴. Exact; numbers only.
pub(in crate::segmentation::kmeans) fn add_moments(
    matrix: &Matrix,
    tile: usize,
    shares: &[[f64; LANES]],
    sums: &mut [i128],
    squares: &mut [i128],
    by: Instructions,
) {
    by.run(AddMoments { tile: matrix.tile(tile), shares, sums, squares });
}

struct AddMoments<'a> {
    tile: &'a [Lanes],
    shares: &'a [[f64; LANES]],
    sums: &'a mut [i128],
    squares: &'a mut [i128],
}

impl Work for AddMoments<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        let columns = self.tile.len();
        for (column, lanes) in self.tile.iter().enumerate() {
            let x = lanes.0.map(f64::from);
            // x² below 2⁴⁶ in two parts that are each at most 2²³ units.
            let square = x.map(|x| x * x);
            let high = square.map(|square| (square + TO_HIGH) - TO_HIGH);
            let mut low = [0.0; LANES];
            for ((low, square), high) in low.iter_mut().zip(square).zip(high) {
                *low = square - high;
            }
            let high = high.map(|high| high * (1.0 / HIGH));
            for (component, shares) in self.shares.iter().enumerate() {
                let at = component * columns + column;
                self.sums[at] += i128::from(product(shares, &x));
                self.squares[at] += (i128::from(product(shares, &high)) << 23) + i128::from(product(shares, &low));
            }
        }
    }
}

/// Σ of products of whole numbers up to 2²⁴ and 2²³: sixteen of them stay below 2⁵³, so every order of additions is exact.
#[inline(always)]
fn product(left: &[f64; LANES], right: &[f64; LANES]) -> i64 {
    let mut eight = [0.0; LANES / 2];
    for (lane, sum) in eight.iter_mut().enumerate() {
        *sum = left[lane] * right[lane] + left[lane + LANES / 2] * right[lane + LANES / 2];
    }
    let four = [eight[0] + eight[4], eight[1] + eight[5], eight[2] + eight[6], eight[3] + eight[7]];
    ((four[0] + four[2]) + (four[1] + four[3])) as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::segmentation::kmeans::rows::layout::Layout;
    use proptest::prelude::*;
    use segmenter_proto::models::{Density, MOST_UNITS};

    fn case() -> impl Strategy<Value = (Vec<Vec<i32>>, Vec<u32>)> {
        let unit = prop_oneof![-3..=3i32, -MOST_UNITS..=MOST_UNITS, Just(MOST_UNITS), Just(-MOST_UNITS)];
        let rows = (1usize..5).prop_flat_map(move |columns| {
            prop::collection::vec(prop::collection::vec(unit.clone(), columns), 1..=LANES)
        });
        (rows, prop::collection::vec(prop_oneof![0..=1u32 << 24, Just(1 << 24)], 2 * LANES))
    }

    proptest! {
        #[test]
        fn moments_are_exact_and_squares_those_of_the_density((rows, shares) in case()) {
            let columns = rows[0].len();
            let matrix = Matrix::from_rows(Layout::of_numbers(columns), rows.iter().map(Vec::as_slice));
            let share = |component: usize, row: usize| if row < rows.len() { shares[component * LANES + row] } else { 0 };
            let lanes: Vec<[f64; LANES]> =
                (0..2).map(|component| std::array::from_fn(|row| f64::from(share(component, row)))).collect();
            let density = Density::new(0.5, &vec![0.1; columns], &vec![0.3; columns]);
            for by in Instructions::available() {
                let (mut sums, mut squares) = (vec![0; 2 * columns], vec![0; 2 * columns]);
                add_moments(&matrix, 0, &lanes, &mut sums, &mut squares, by);
                for component in 0..2 {
                    for column in 0..columns {
                        let sum = |power: u32| -> i128 {
                            let term = |row: usize| i128::from(share(component, row)) * i128::from(rows[row][column]).pow(power);
                            (0..rows.len()).map(term).sum()
                        };
                        prop_assert_eq!(sums[component * columns + column], sum(1));
                        prop_assert_eq!(squares[component * columns + column], sum(2));
                    }
                }
                let found = weighted_squares(&matrix, 0, &density.means, &density.half_precisions, by);
                for (row, found) in rows.iter().zip(found) {
                    let row: Vec<f64> = row.iter().map(|unit| f64::from(*unit) / GRID).collect();
                    prop_assert_eq!(found.to_bits(), density.half_square(&row).to_bits());
                }
            }
        }
    }
}
