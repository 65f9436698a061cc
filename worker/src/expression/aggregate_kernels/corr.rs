//! How two values go together.

use arrow::array::{ArrayRef, AsArray, Float64Array};
use arrow::datatypes::Float64Type;
use std::sync::Arc;

use super::Groups;
use super::deviations::{center, has_spread, total};
use crate::expression::float_sum::FloatSum;

/// Gives the correlation coefficient (Pearson) of two columns of float64; null where one of them has no spread. `counts`
/// chooses rows, where both are null nowhere; what is too large is null, and its group is told to `lost`.
pub(crate) fn corr(
    groups: &Groups,
    x: &ArrayRef,
    y: &ArrayRef,
    counts: impl Fn(usize) -> bool,
    lost: &mut dyn FnMut(usize),
) -> ArrayRef {
    let (x, y) = (x.as_primitive::<Float64Type>(), y.as_primitive::<Float64Type>());
    let (mut xs, mut ys, mut sum) = (Vec::new(), Vec::new(), FloatSum::default());
    let found = groups.iter().enumerate().map(|(group, rows)| {
        xs.clear();
        ys.clear();
        for row in rows.iter().map(|row| *row as usize).filter(|row| counts(*row)) {
            xs.push(x.value(row));
            ys.push(y.value(row));
        }
        if !has_spread(&xs) || !has_spread(&ys) {
            return None;
        }
        let found = of(&mut xs, &mut ys, &mut sum);
        if found.is_none() {
            lost(group);
        }
        found
    });
    Arc::new(found.collect::<Float64Array>())
}

fn of(xs: &mut [f64], ys: &mut [f64], sum: &mut FloatSum) -> Option<f64> {
    let count = xs.len() as f64;
    let (left_x, left_y) = (center(xs, sum)?, center(ys, sum)?);
    let mut product =
        |a: &[f64], b: &[f64], left: f64| Some(total(a.iter().zip(b).map(|(a, b)| a * b), sum)? - count * left);
    let both = product(xs, ys, left_x * left_y)?;
    let (of_x, of_y) = (product(xs, xs, left_x * left_x)?, product(ys, ys, left_y * left_y)?);
    // One root: of equal factors it is exact, so that a column goes with itself by 1.
    Some((both / (of_x * of_y).sqrt()).clamp(-1.0, 1.0) + 0.0)
}
