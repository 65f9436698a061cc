//! Variance and standard deviation.

use arrow::array::{ArrayRef, AsArray, Float64Array};
use arrow::datatypes::Float64Type;
use std::sync::Arc;

use super::Groups;
use crate::expression::float_sum::FloatSum;

/// Gives the variance of float64, or its root, over n or n − 1 (`of_sample`). `counts` chooses rows, where values are
/// null nowhere; what is too large is null, and its group is told to `lost`.
///
/// Two passes: the mean from the exact sum, then the exact sum of the rounded squares of the differences, less the square
/// of what the mean's rounding left over n (Chan, Golub and LeVeque 1983). Every step is free of the order of rows.
pub(crate) fn spread(
    groups: &Groups,
    values: &ArrayRef,
    counts: impl Fn(usize) -> bool,
    of_sample: bool,
    is_root: bool,
    lost: &mut dyn FnMut(usize),
) -> ArrayRef {
    let values = values.as_primitive::<Float64Type>();
    let (mut held, mut sum) = (Vec::new(), FloatSum::default());
    let spreads = groups.iter().enumerate().map(|(group, rows)| {
        held.clear();
        held.extend(rows.iter().map(|row| *row as usize).filter(|row| counts(*row)).map(|row| values.value(row)));
        let divisor = held.len().checked_sub(usize::from(of_sample)).filter(|divisor| *divisor > 0)?;
        let variance = variance(&held, divisor, &mut sum);
        if variance.is_none() {
            lost(group);
        }
        variance.map(|variance| if is_root { variance.sqrt() } else { variance })
    });
    Arc::new(spreads.collect::<Float64Array>())
}

fn variance(values: &[f64], divisor: usize, sum: &mut FloatSum) -> Option<f64> {
    let mut total = |term: &dyn Fn(f64) -> f64| {
        sum.clear();
        values.iter().for_each(|value| sum.add(term(*value)));
        sum.value()
    };
    let count = values.len() as f64;
    let mean = total(&|value| value)? / count;
    let left = total(&|value| value - mean)?;
    let squares = total(&|value| (value - mean) * (value - mean))?;
    Some(((squares - left * left / count) / divisor as f64).max(0.0)).filter(|variance| variance.is_finite())
}
