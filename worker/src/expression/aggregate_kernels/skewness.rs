//! How uneven the two sides of the mean are.

use arrow::array::{ArrayRef, AsArray, Float64Array};
use arrow::datatypes::Float64Type;
use std::sync::Arc;

use super::Groups;
use super::deviations::{center, has_spread, total};
use crate::expression::float_sum::FloatSum;

/// Gives the skewness of float64 in a sample: the adjusted Fisher–Pearson coefficient G₁ (Joanes and Gill 1998), as DuckDB
/// and pandas do; null below three values or without spread. `counts` chooses rows, where values are null nowhere; what is
/// too large is null, and its group is told to `lost`.
pub(crate) fn skewness(
    groups: &Groups,
    values: &ArrayRef,
    counts: impl Fn(usize) -> bool,
    lost: &mut dyn FnMut(usize),
) -> ArrayRef {
    let values = values.as_primitive::<Float64Type>();
    let (mut held, mut sum) = (Vec::new(), FloatSum::default());
    let found = groups.iter().enumerate().map(|(group, rows)| {
        held.clear();
        held.extend(rows.iter().map(|row| *row as usize).filter(|row| counts(*row)).map(|row| values.value(row)));
        if held.len() < 3 || !has_spread(&held) {
            return None;
        }
        let found = of(&mut held, &mut sum);
        if found.is_none() {
            lost(group);
        }
        found
    });
    Arc::new(found.collect::<Float64Array>())
}

fn of(values: &mut [f64], sum: &mut FloatSum) -> Option<f64> {
    let count = values.len() as f64;
    let left = center(values, sum)?;
    let squares = total(values.iter().map(|x| x * x), sum)? / count;
    let cubes = total(values.iter().map(|x| x * x * x), sum)? / count;
    let second = squares - left * left;
    let third = cubes - 3.0 * left * squares + 2.0 * left * left * left;
    let adjusted = (count * (count - 1.0)).sqrt() / (count - 2.0);
    Some(adjusted * (third / (second * second.sqrt())) + 0.0)
}
