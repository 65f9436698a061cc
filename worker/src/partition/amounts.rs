//! Money: whatever a file holds, cast once to decimal(18,4), half away from zero.

use arrow::{
    array::{Array, ArrayRef, AsArray, Decimal128Array},
    compute::cast,
    datatypes::{DataType, Decimal128Type, Float64Type, Int64Type},
};
use segmenter_proto::{Error, Result};

/// Precision of an amount.
pub const MONEY_PRECISION: u8 = 18;
/// Digits after the point of an amount.
pub const MONEY_SCALE: i8 = 4;
const UNITS: i128 = 10_000;
const LARGEST: i128 = 999_999_999_999_999_999;

/// Gives amounts as decimal(18,4) rounded half away from zero; NaN becomes null.
///
/// # Errors
/// When an amount does not fit decimal(18,4), or the type is no number; `column` names it.
pub fn to_money(column: &str, values: &ArrayRef) -> Result<Decimal128Array> {
    let money: Decimal128Array = match values.data_type() {
        DataType::Null => Decimal128Array::new_null(values.len()),
        DataType::Decimal128(_, scale) => {
            let scale = *scale;
            values.as_primitive::<Decimal128Type>().try_unary(|value| rescale(column, value, scale))?
        }
        kind if kind.is_integer() => {
            let wide = cast(values, &DataType::Int64)
                .map_err(|error| Error::data(format!("{column}: an integer does not fit 64 bits")).caused_by(error))?;
            wide.as_primitive::<Int64Type>().try_unary(|value| fits(column, i128::from(value) * UNITS))?
        }
        kind if kind.is_floating() => {
            let wide = cast(values, &DataType::Float64)
                .map_err(|error| Error::bug(format!("{column}: a float could not be widened")).caused_by(error))?;
            let floats = wide.as_primitive::<Float64Type>();
            floats
                .iter()
                .map(|value| value.filter(|value| !value.is_nan()).map(|value| from_float(column, value)).transpose())
                .collect::<Result<Decimal128Array>>()?
        }
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => {
            return Err(Error::data(format!("{column} is text, expected a number"))
                .with_hint("declare the file's column: types = { … = \"decimal(18,2)\" }"));
        }
        other => return Err(Error::data(format!("{column} has type {other}, expected a number"))),
    };
    money
        .with_precision_and_scale(MONEY_PRECISION, MONEY_SCALE)
        .map_err(|error| Error::bug("an amount does not fit after it was checked").caused_by(error))
}

fn from_float(column: &str, value: f64) -> Result<i128> {
    // `round` is half away from zero; beyond 2⁶³ the value cannot fit anyway.
    let scaled = (value * UNITS as f64).round();
    if scaled.abs() > LARGEST as f64 {
        return Err(too_large(column));
    }
    fits(column, scaled as i128)
}

fn rescale(column: &str, value: i128, scale: i8) -> Result<i128> {
    if scale <= MONEY_SCALE {
        let factor = 10_i128.pow((MONEY_SCALE - scale).unsigned_abs().into());
        return fits(column, value.checked_mul(factor).ok_or_else(|| too_large(column))?);
    }
    let factor = 10_i128.pow((scale - MONEY_SCALE).unsigned_abs().into());
    fits(column, divide_half_away(value, factor))
}

/// Divides, rounding half away from zero; `divisor` is positive.
pub fn divide_half_away(value: i128, divisor: i128) -> i128 {
    let (quotient, rest) = (value / divisor, value % divisor);
    // |rest| ≥ divisor − |rest| is 2·|rest| ≥ divisor without the overflow.
    if rest.abs() >= divisor - rest.abs() { quotient + value.signum() } else { quotient }
}

fn fits(column: &str, value: i128) -> Result<i128> {
    if value.abs() > LARGEST { Err(too_large(column)) } else { Ok(value) }
}

fn too_large(column: &str) -> Error {
    Error::data(format!("{column}: an amount does not fit decimal(18,4)"))
        .with_hint("check the unit of the column, or drop such rows with `where`")
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{Float64Array, Int32Array};
    use std::sync::Arc;

    fn units(values: ArrayRef) -> Vec<Option<i128>> {
        to_money("amount", &values).unwrap().iter().collect()
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
    fn what_does_not_fit_is_an_error_and_not_a_wrong_number() {
        for value in [1e15, f64::INFINITY] {
            let error = to_money("amount", &(Arc::new(Float64Array::from(vec![value])) as ArrayRef)).unwrap_err();
            assert!(error.message.contains("does not fit"), "{}", error.message);
        }
    }
}
