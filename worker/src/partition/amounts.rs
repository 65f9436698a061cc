//! Money: whatever a file holds, cast once to decimal(18,4), half away from zero.

use crate::expression::type_name;
use arrow::{
    array::{Array, ArrayRef, AsArray, Decimal128Array},
    compute::cast,
    datatypes::{DataType, Decimal128Type, Float64Type, Int64Type, UInt64Type},
};
use segmenter_proto::{Error, Result};

/// Precision of an amount.
pub const MONEY_PRECISION: u8 = 18;
/// Digits after the point of an amount.
pub const MONEY_SCALE: i8 = 4;
const UNITS: i128 = 10_000;
const LARGEST: i128 = 999_999_999_999_999_999;

/// Amounts, and the rows whose amount does not fit.
#[derive(Debug)]
pub struct Money {
    /// As decimal(18,4); what does not fit is null.
    pub amounts: Decimal128Array,
    /// Positions of those that do not fit.
    pub too_large: Vec<usize>,
}

/// Gives amounts as decimal(18,4) rounded half away from zero; NaN becomes null.
///
/// # Errors
/// When the type is no number; `column` names it.
pub fn to_money(column: &str, values: &ArrayRef) -> Result<Money> {
    // Of every value that is there: itself in units of money, or none where it does not fit.
    let scaled: Vec<Option<i128>> = match values.data_type() {
        DataType::Null => vec![None; values.len()],
        DataType::Decimal128(_, scale) => {
            let scale = *scale;
            values.as_primitive::<Decimal128Type>().values().iter().map(|value| rescale(*value, scale)).collect()
        }
        DataType::UInt64 => {
            values.as_primitive::<UInt64Type>().values().iter().map(|value| fits(i128::from(*value) * UNITS)).collect()
        }
        kind if kind.is_integer() => {
            let wide = cast(values, &DataType::Int64)
                .map_err(|error| Error::bug(format!("{column}: an integer could not be widened")).caused_by(error))?;
            wide.as_primitive::<Int64Type>().values().iter().map(|value| fits(i128::from(*value) * UNITS)).collect()
        }
        kind if kind.is_floating() => {
            let wide = cast(values, &DataType::Float64)
                .map_err(|error| Error::bug(format!("{column}: a float could not be widened")).caused_by(error))?;
            wide.as_primitive::<Float64Type>().values().iter().map(|value| from_float(*value)).collect()
        }
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => {
            return Err(Error::data(format!("{column} is text, expected a number"))
                .with_hint("declare the file's column: types = { … = \"decimal(18,2)\" }"));
        }
        other => return Err(Error::data(format!("{column} has type {}, expected a number", type_name(other)))),
    };
    let is_number = |row: usize| match values.data_type() {
        DataType::Float64 => !values.as_primitive::<Float64Type>().value(row).is_nan(),
        _ => true,
    };
    let missing = |(row, amount): &(usize, &Option<i128>)| amount.is_none() && values.is_valid(*row) && is_number(*row);
    let too_large = scaled.iter().enumerate().filter(missing).map(|(row, _)| row).collect();
    let amounts = scaled.into_iter().enumerate().map(|(row, amount)| amount.filter(|_| values.is_valid(row)));
    let amounts = amounts
        .collect::<Decimal128Array>()
        .with_precision_and_scale(MONEY_PRECISION, MONEY_SCALE)
        .map_err(|error| Error::bug("an amount does not fit after it was checked").caused_by(error))?;
    Ok(Money { amounts, too_large })
}

fn from_float(value: f64) -> Option<i128> {
    // `round` is half away from zero; beyond 2⁶³ the value cannot fit anyway.
    let scaled = (value * UNITS as f64).round();
    if scaled.abs() <= LARGEST as f64 { fits(scaled as i128) } else { None }
}

fn rescale(value: i128, scale: i8) -> Option<i128> {
    let factor = 10_i128.checked_pow((MONEY_SCALE - scale).unsigned_abs().into())?;
    match scale <= MONEY_SCALE {
        true => fits(value.checked_mul(factor)?),
        false => fits(divide_half_away(value, factor)),
    }
}

/// Divides, rounding half away from zero; `divisor` is positive.
pub fn divide_half_away(value: i128, divisor: i128) -> i128 {
    let (quotient, rest) = (value / divisor, value % divisor);
    // |rest| ≥ divisor − |rest| is 2·|rest| ≥ divisor without the overflow.
    if rest.abs() >= divisor - rest.abs() { quotient + value.signum() } else { quotient }
}

fn fits(value: i128) -> Option<i128> {
    (value.abs() <= LARGEST).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{Float64Array, Int32Array, Int64Array, UInt64Array};
    use std::sync::Arc;

    fn units(values: ArrayRef) -> Vec<Option<i128>> {
        to_money("amount", &values).unwrap().amounts.iter().collect()
    }

    #[test]
    fn halves_round_away_from_zero() {
        let decimals = Decimal128Array::from(vec![123_455, -123_455, 123_454]).with_precision_and_scale(10, 5).unwrap();
        assert_eq!(units(Arc::new(decimals)), vec![Some(12_346), Some(-12_346), Some(12_345)]);
        assert_eq!(
            units(Arc::new(Float64Array::from(vec![0.00005, -0.00005, 15.299_999_999_999_999]))),
            vec![Some(1), Some(-1), Some(153_000)]
        );
        assert_eq!(divide_half_away(5, 10), 1);
        assert_eq!(divide_half_away(-5, 10), -1);
        assert_eq!(divide_half_away(-4, 10), 0);
    }

    #[test]
    fn integers_and_nulls_are_kept_and_nan_is_null() {
        assert_eq!(units(Arc::new(Int32Array::from(vec![Some(3), None]))), vec![Some(30_000), None]);
        assert_eq!(units(Arc::new(Float64Array::from(vec![f64::NAN]))), vec![None]);
    }

    #[test]
    fn what_does_not_fit_is_told_and_no_wrong_number() {
        let decimals = |values: Vec<i128>, scale| -> ArrayRef {
            Arc::new(Decimal128Array::from(values).with_precision_and_scale(38, scale).unwrap())
        };
        let columns: [ArrayRef; 6] = [
            Arc::new(Float64Array::from(vec![Some(1.0), Some(1e15), Some(f64::INFINITY), Some(f64::NAN), None])),
            Arc::new(Float64Array::from(vec![1.0, -1e300, 1e14, 0.0, 0.0])),
            Arc::new(Int64Array::from(vec![1, i64::MAX, i64::MIN, 0, 0])),
            Arc::new(UInt64Array::from(vec![1, u64::MAX, 1 << 63, 0, 0])),
            decimals(vec![100, i128::MAX, 10_i128.pow(30), 0, 0], 2),
            decimals(vec![1, 10_i128.pow(37), -10_i128.pow(15), 0, 0], 0),
        ];
        for values in columns {
            let money = to_money("amount", &values).unwrap();
            assert_eq!(money.too_large, [1, 2], "{values:?}");
            assert_eq!(money.amounts.value(0), 10_000);
            assert!(money.amounts.is_null(1) && money.amounts.is_null(2));
        }
    }
}
