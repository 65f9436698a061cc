//! Exact sums, divided at most once.

use arrow::array::{ArrayRef, Decimal128Array, Float64Array, Int64Array};
use arrow::datatypes::{DataType, i256};
use segmenter_proto::{Error, Result};
use std::sync::Arc;

/// The largest decimal of 38 digits, plus one.
const LIMIT: u128 = 10_u128.pow(38);

/// Gives the sums of groups of int64 or decimals of type `data_type`, where they fit.
pub(crate) fn sums_of(
    data_type: &DataType,
    totals: impl Iterator<Item = Total>,
    lost: &mut dyn FnMut(usize),
) -> Result<ArrayRef> {
    let fit = |is_in_range: fn(&i128) -> bool| {
        totals.enumerate().map(move |(group, total)| match total {
            Total::Empty => None,
            Total::Is { sum, .. } => Some(sum).filter(is_in_range).or_else(|| told(group, lost)),
            Total::Lost => told(group, lost),
        })
    };
    match data_type {
        DataType::Int64 => {
            let sums = fit(|sum| i64::try_from(*sum).is_ok());
            Ok(Arc::new(sums.map(|sum| sum.map(|sum| sum as i64)).collect::<Int64Array>()))
        }
        DataType::Decimal128(_, scale) => decimals(fit(|sum| sum.unsigned_abs() < LIMIT), *scale),
        other => Err(Error::bug(format!("{other} cannot be summed"))),
    }
}

/// Gives the averages of groups of int64 or decimals of type `data_type`, as `average` does.
pub(crate) fn averages_of(
    data_type: &DataType,
    totals: impl Iterator<Item = Total>,
    lost: &mut dyn FnMut(usize),
) -> Result<ArrayRef> {
    match data_type {
        DataType::Int64 => {
            let averages = totals.enumerate().map(|(group, total)| match total {
                Total::Empty => None,
                Total::Is { sum, count } => Some(sum as f64 / count as f64),
                Total::Lost => told(group, lost),
            });
            Ok(Arc::new(averages.collect::<Float64Array>()))
        }
        DataType::Decimal128(_, scale) => {
            let averages = totals.enumerate().map(|(group, total)| match total {
                Total::Empty => None,
                Total::Is { sum, count } => {
                    divide_half_away(i256::from_i128(sum), *scale, count.into()).or_else(|| told(group, lost))
                }
                Total::Lost => told(group, lost),
            });
            decimals(averages, 4)
        }
        other => Err(Error::bug(format!("{other} cannot be averaged"))),
    }
}

/// Gives `value` (at `scale`) divided by `divisor` > 0 at scale 4, half away from zero; none beyond 38 digits.
pub(in crate::expression) fn divide_half_away(value: i256, scale: i8, divisor: i128) -> Option<i128> {
    let power = |exponent: i8| i256::from_i128(10).checked_pow(u32::from(exponent.unsigned_abs()));
    let (mut numerator, mut denominator) = (value, i256::from_i128(divisor));
    if scale <= 4 {
        numerator = numerator.checked_mul(power(4_i8.checked_sub(scale)?)?)?;
    } else {
        denominator = denominator.checked_mul(power(scale - 4)?)?;
    }
    let whole = numerator.checked_div(denominator)?;
    let rest = numerator.checked_rem(denominator)?.wrapping_abs();
    let is_up = rest.checked_add(rest)? >= denominator;
    let away = match (is_up, value.is_negative()) {
        (false, _) => i256::ZERO,
        (true, false) => i256::ONE,
        (true, true) => i256::MINUS_ONE,
    };
    whole.checked_add(away)?.to_i128().filter(|result| result.unsigned_abs() < LIMIT)
}

/// Makes a column of decimal(38, scale).
pub(super) fn decimals(values: impl Iterator<Item = Option<i128>>, scale: i8) -> Result<ArrayRef> {
    let column = values.collect::<Decimal128Array>().with_precision_and_scale(38, scale);
    Ok(Arc::new(column.map_err(|error| Error::bug("a decimal has no such scale").caused_by(error))?))
}

/// The exact sum of a group's whole numbers, or of decimals without their points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Total {
    /// No row.
    Empty,
    /// What it is, and of how many rows.
    Is { sum: i128, count: u64 },
    /// Beyond i128.
    Lost,
}

fn told<T>(group: usize, lost: &mut dyn FnMut(usize)) -> Option<T> {
    lost(group);
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_go_away_from_zero() {
        let divided = |value, scale, divisor| divide_half_away(i256::from_i128(value), scale, divisor);
        assert_eq!(divided(1, 4, 2), Some(1));
        assert_eq!(divided(-1, 4, 2), Some(-1));
        assert_eq!(divided(1, 4, 3), Some(0));
        assert_eq!(divided(2, 4, 3), Some(1));
        assert_eq!(divided(10, 2, 4), Some(250));
        assert_eq!(divided(25, 6, 1), Some(0));
        assert_eq!(divided(50, 6, 1), Some(1));
        assert_eq!(divided(-149, 6, 1), Some(-1));
        assert_eq!(divided(10_i128.pow(37), 0, 1), None);
    }
}
