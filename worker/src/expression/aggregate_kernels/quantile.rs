//! Quantiles, the median among them.

use arrow::array::{ArrayRef, AsArray, Float64Array};
use arrow::datatypes::{DataType, Decimal128Type, Float64Type, Int64Type, i256};
use segmenter_proto::{Error, Result};
use std::cmp::Ordering;
use std::sync::Arc;

use super::Groups;
use super::sum::{decimals, divide_half_away};

/// A share from 0 to 1, exactly as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Share {
    /// In lowest terms.
    numerator: u64,
    /// A divisor of 10¹⁸, so that it is the same as a float.
    denominator: u64,
}

impl Share {
    /// One half.
    pub(crate) const HALF: Self = Self { numerator: 1, denominator: 2 };

    /// How many decimals a share may have, beside zeros at its end.
    pub(crate) const DECIMALS: u32 = 18;

    /// Gives the share `value` / 10^`scale`; none if it is not from 0 to 1, or has too many decimals.
    pub(crate) fn new(value: i128, scale: i8) -> Option<Self> {
        let whole = 10_u128.checked_pow(u32::try_from(scale).ok()?)?;
        let value = u128::try_from(value).ok().filter(|value| *value <= whole)?;
        let common = greatest_common_divisor(value, whole);
        let denominator = whole / common;
        if 10_u128.pow(Self::DECIMALS) % denominator != 0 {
            return None;
        }
        Some(Self { numerator: u64::try_from(value / common).ok()?, denominator: u64::try_from(denominator).ok()? })
    }
}

/// The two values that a quantile lies between, and how far from the lower one: `part` / `of`, in lowest terms.
struct Between<T> {
    lower: T,
    upper: T,
    part: u64,
    of: u64,
}

/// Gives the quantile at `share` of int64 and float64 as float64, of decimals as decimal(38,4), half away from zero:
/// between the values at both sides of (n − 1) · share, in proportion (type 7 of Hyndman and Fan 1996). `counts` chooses
/// rows, where values are null nowhere; a result that does not fit is null, and its group is told to `lost`.
pub(crate) fn quantile(
    groups: &Groups,
    values: &ArrayRef,
    share: Share,
    counts: impl Fn(usize) -> bool,
    lost: &mut dyn FnMut(usize),
) -> Result<ArrayRef> {
    Ok(match values.data_type() {
        DataType::Int64 => {
            let values = values.as_primitive::<Int64Type>();
            let found = between(groups, share, |row| values.value(row), counts, Ord::cmp);
            Arc::new(found.map(|found| found.map(|found| of_numbers(&found))).collect::<Float64Array>())
        }
        DataType::Float64 => {
            let values = values.as_primitive::<Float64Type>();
            let found = between(groups, share, |row| values.value(row) + 0.0, counts, f64::total_cmp);
            Arc::new(found.map(|found| found.map(|found| of_floats(&found))).collect::<Float64Array>())
        }
        DataType::Decimal128(_, scale) => {
            let values = values.as_primitive::<Decimal128Type>();
            let found = between(groups, share, |row| values.value(row), counts, Ord::cmp);
            let found = found.enumerate().map(|(group, found)| {
                let value = of_decimals(&found?, *scale);
                if value.is_none() {
                    lost(group);
                }
                value
            });
            decimals(found, 4)?
        }
        other => return Err(Error::bug(format!("{other} has no quantiles"))),
    })
}

/// Gives the quantile at one half: the middle value, or the mean of the two in the middle.
pub(crate) fn median(
    groups: &Groups,
    values: &ArrayRef,
    counts: impl Fn(usize) -> bool,
    lost: &mut dyn FnMut(usize),
) -> Result<ArrayRef> {
    quantile(groups, values, Share::HALF, counts, lost)
}

fn of_numbers(found: &Between<i64>) -> f64 {
    let Between { lower, upper, part, of } = *found;
    // Below 2⁶³ · 10¹⁸.
    let whole = i128::from(lower) * i128::from(of - part) + i128::from(upper) * i128::from(part);
    whole as f64 / of as f64
}

fn of_floats(found: &Between<f64>) -> f64 {
    let Between { lower, upper, part, of } = *found;
    let span = upper - lower;
    match (part, of) {
        (0, _) => lower,
        (1, 2) => f64::midpoint(lower, upper),
        (part, of) if span.is_finite() => (lower + span * (part as f64 / of as f64)).min(upper),
        (part, of) => lower * ((of - part) as f64 / of as f64) + upper * (part as f64 / of as f64),
    }
}

fn of_decimals(found: &Between<i128>, scale: i8) -> Option<i128> {
    let Between { lower, upper, part, of } = *found;
    let weighed = |value: i128, weight: u64| i256::from_i128(value).checked_mul(i256::from_i128(weight.into()));
    let whole = weighed(lower, of - part)?.checked_add(weighed(upper, part)?)?;
    divide_half_away(whole, scale, of.into())
}

/// Gives the values that the quantile of each group lies between.
fn between<T: Copy>(
    groups: &Groups,
    share: Share,
    value: impl Fn(usize) -> T,
    counts: impl Fn(usize) -> bool,
    compare: fn(&T, &T) -> Ordering,
) -> impl Iterator<Item = Option<Between<T>>> {
    let mut held: Vec<T> = Vec::new();
    groups.iter().map(move |rows| {
        held.clear();
        held.extend(rows.iter().map(|row| *row as usize).filter(|row| counts(*row)).map(&value));
        let last = held.len().checked_sub(1)? as u128;
        let place = last * u128::from(share.numerator);
        let (below, rest) = (place / u128::from(share.denominator), place % u128::from(share.denominator));
        let common = greatest_common_divisor(rest, share.denominator.into());
        let (part, of) = ((rest / common) as u64, share.denominator / common as u64);
        let (_, lower, above) = held.select_nth_unstable_by(below as usize, compare);
        let lower = *lower;
        let upper = if part == 0 { None } else { above.iter().copied().min_by(compare) };
        Some(Between { lower, upper: upper.unwrap_or(lower), part, of })
    })
}

/// Of two numbers of which the second is not zero.
fn greatest_common_divisor(a: u128, b: u128) -> u128 {
    let (mut a, mut b) = (a, b);
    while a != 0 {
        (a, b) = (b % a, a);
    }
    b
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_what_was_written() {
        assert_eq!(Share::new(5, 1), Some(Share::HALF));
        assert_eq!(Share::new(500, 3), Some(Share::HALF));
        assert_eq!(Share::new(0, 0), Some(Share { numerator: 0, denominator: 1 }));
        assert_eq!(Share::new(1, 0), Some(Share { numerator: 1, denominator: 1 }));
        assert_eq!(Share::new(1, 18), Some(Share { numerator: 1, denominator: 10_u64.pow(18) }));
        assert_eq!(Share::new(10, 19), Share::new(1, 18));
        for (value, scale) in [(2, 0), (-1, 1), (11, 1), (1, 19), (1, -1)] {
            assert_eq!(Share::new(value, scale), None, "{value} {scale}");
        }
    }
}
