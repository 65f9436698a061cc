//! The median.

use arrow::array::{ArrayRef, AsArray, Float64Array};
use arrow::datatypes::{DataType, Decimal128Type, Float64Type, Int64Type};
use segmenter_proto::{Error, Result};
use std::cmp::Ordering;
use std::sync::Arc;

use super::Groups;
use super::sum::{decimals, divide_half_away};

/// Gives the middle value of int64 and float64 as float64, of decimals as decimal(38,4); of an even number of values the
/// mean of the two in the middle, decimals half away from zero. `counts` chooses rows, where values are null nowhere; a
/// result that does not fit is null, and its group is told to `lost`.
pub(in crate::expression) fn median(
    groups: &Groups,
    values: &ArrayRef,
    counts: impl Fn(usize) -> bool,
    lost: &mut dyn FnMut(usize),
) -> Result<ArrayRef> {
    Ok(match values.data_type() {
        DataType::Int64 => {
            let values = values.as_primitive::<Int64Type>();
            let middles = middles(groups, |row| values.value(row), counts, Ord::cmp);
            let means = middles.map(|pair| pair.map(|(a, b)| (i128::from(a) + i128::from(b)) as f64 / 2.0));
            Arc::new(means.collect::<Float64Array>())
        }
        DataType::Float64 => {
            let values = values.as_primitive::<Float64Type>();
            let middles = middles(groups, |row| values.value(row) + 0.0, counts, f64::total_cmp);
            Arc::new(middles.map(|pair| pair.map(|(a, b)| f64::midpoint(a, b))).collect::<Float64Array>())
        }
        DataType::Decimal128(_, scale) => {
            let values = values.as_primitive::<Decimal128Type>();
            let middles = middles(groups, |row| values.value(row), counts, Ord::cmp);
            let means = middles.enumerate().map(|(group, pair)| {
                let (a, b) = pair?;
                let mean = a.checked_add(b).and_then(|sum| divide_half_away(sum, *scale, 2));
                if mean.is_none() {
                    lost(group);
                }
                mean
            });
            decimals(means, 4)?
        }
        other => return Err(Error::bug(format!("{other} has no median"))),
    })
}

/// Gives the two middle values of each group, twice the same of an odd number.
fn middles<T: Copy>(
    groups: &Groups,
    value: impl Fn(usize) -> T,
    counts: impl Fn(usize) -> bool,
    compare: fn(&T, &T) -> Ordering,
) -> impl Iterator<Item = Option<(T, T)>> {
    let mut held: Vec<T> = Vec::new();
    groups.iter().map(move |rows| {
        held.clear();
        held.extend(rows.iter().map(|row| *row as usize).filter(|row| counts(*row)).map(&value));
        let middle = held.len() / 2;
        if held.is_empty() {
            return None;
        }
        let is_even = held.len().is_multiple_of(2);
        let (below, upper, _) = held.select_nth_unstable_by(middle, compare);
        let upper = *upper;
        let lower = if is_even { below.iter().copied().max_by(compare) } else { None };
        Some((lower.unwrap_or(upper), upper))
    })
}
