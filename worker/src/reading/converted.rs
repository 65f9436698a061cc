//! Brings a column of a typed file to the type as which its source is read, and finds the values that do not fit.

use super::parameters::{is_parameters, parameters};
use crate::values::parameters_type;
use arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, BooleanArray, FixedSizeBinaryArray, StringArray, StringBuilder,
    TimestampMicrosecondArray, new_null_array,
};
use arrow::compute::and;
use arrow::compute::{CastOptions, cast_with_options, is_not_null, is_null, nullif};
use arrow::datatypes::{DataType, Float64Type, Int64Type, TimeUnit, TimestampNanosecondType, UInt64Type};
use arrow::error::ArrowError;
use std::sync::Arc;

/// A value that cannot be what its column is read as: row, a word for machines, and why.
pub(super) type Misfit = (usize, &'static str, String);

/// Gives the type that a column of Parquet has of itself: bytes are text, decimals have at most 38 digits, and lists of keys and
/// values have one form.
pub(super) fn natural_type(stored: &DataType) -> DataType {
    match stored {
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => {
            DataType::Utf8
        }
        DataType::Decimal256(_, scale @ 0..=38) => DataType::Decimal128(38, *scale),
        list if is_parameters(list) => parameters_type(),
        other => other.clone(),
    }
}

/// Converts `values` to type `to`; values that do not fit are null and listed. `uuid` says that bytes are such an id.
pub(super) fn converted(values: &ArrayRef, to: &DataType, uuid: bool) -> Result<(ArrayRef, Vec<Misfit>), ArrowError> {
    match (values.data_type(), to) {
        (from, to) if from == to => Ok((Arc::clone(values), Vec::new())),
        (DataType::List(_), DataType::List(_)) => parameters(values),
        (DataType::Null, to) => Ok((new_null_array(to, values.len()), Vec::new())),
        (DataType::Binary, DataType::Utf8) => Ok(text(values.as_binary::<i32>())),
        (DataType::FixedSizeBinary(_), DataType::Utf8) if uuid => Ok(uuids(values.as_fixed_size_binary())),
        (DataType::FixedSizeBinary(_), DataType::Utf8) => {
            let bytes: BinaryArray = values.as_fixed_size_binary().iter().collect();
            Ok(text(&bytes))
        }
        (DataType::Timestamp(TimeUnit::Nanosecond, zone), DataType::Timestamp(TimeUnit::Microsecond, _)) => {
            let nanos = values.as_primitive::<TimestampNanosecondType>();
            let micros: TimestampMicrosecondArray = nanos.unary(|nanos| nanos.div_euclid(1_000));
            let micros = micros.with_timezone_opt(zone.clone());
            Ok((Arc::new(micros), Vec::new()))
        }
        (from, DataType::Float64) if from.is_integer() => {
            let (floats, mut misfits) = checked_cast(values, to)?;
            // Past 2⁵³ not every integer is a float.
            let exact = exact_as_floats(values, &floats);
            misfits.extend(rows_where(&exact, false).map(|row| (row, "inexact", too_large_a_number())));
            let lossy: BooleanArray = exact.iter().map(|exact| Some(exact == Some(false))).collect();
            Ok((nullif(&floats, &lossy)?, misfits))
        }
        (_, to) => checked_cast(values, to),
    }
}

fn too_large_a_number() -> String {
    "a whole number past 2^53, where another file has the column as double: write both as integers".to_owned()
}

/// Casts without rounding; a value that the type cannot hold is a misfit.
pub(super) fn checked_cast(values: &ArrayRef, to: &DataType) -> Result<(ArrayRef, Vec<Misfit>), ArrowError> {
    let options = CastOptions { safe: true, ..CastOptions::default() };
    let cast = cast_with_options(values, to, &options)?;
    if cast.null_count() == values.null_count() {
        return Ok((cast, Vec::new()));
    }
    let lost = and(&is_null(&cast)?, &is_not_null(values)?)?;
    let reason = match to {
        DataType::Decimal128(precision, scale) => format!("the number does not fit decimal({precision},{scale})"),
        _ => "the value does not fit the type that its column has in other files".to_owned(),
    };
    let misfits = rows_where(&lost, true).map(|row| (row, "out_of_range", reason.clone())).collect();
    Ok((cast, misfits))
}

fn rows_where(flags: &BooleanArray, wanted: bool) -> impl Iterator<Item = usize> {
    flags.iter().enumerate().filter(move |(_, flag)| *flag == Some(wanted)).map(|(row, _)| row)
}

fn exact_as_floats(integers: &ArrayRef, floats: &ArrayRef) -> BooleanArray {
    let floats = floats.as_primitive::<Float64Type>();
    let same = |integer: Option<i128>, float: Option<f64>| Some(integer? == float? as i128);
    match integers.data_type() {
        DataType::Int64 => {
            let integers = integers.as_primitive::<Int64Type>().iter();
            integers.zip(floats).map(|(integer, float)| same(integer.map(i128::from), float)).collect()
        }
        DataType::UInt64 => {
            let integers = integers.as_primitive::<UInt64Type>().iter();
            integers.zip(floats).map(|(integer, float)| same(integer.map(i128::from), float)).collect()
        }
        // Up to 32 bits every integer is a float.
        _ => BooleanArray::new_null(integers.len()),
    }
}

fn text(bytes: &BinaryArray) -> (ArrayRef, Vec<Misfit>) {
    if let Ok(text) = StringArray::try_from_binary(bytes.clone()) {
        return (Arc::new(text), Vec::new());
    }
    let (mut text, mut misfits) = (StringBuilder::new(), Vec::new());
    for (row, bytes) in bytes.iter().enumerate() {
        let value = bytes.map(std::str::from_utf8).transpose();
        if value.is_err() {
            misfits.push((row, "invalid_utf8", "the bytes are not UTF-8, and no text".to_owned()));
        }
        text.append_option(value.ok().flatten());
    }
    (Arc::new(text.finish()), misfits)
}

/// Writes ids of 16 bytes as people do: 8-4-4-4-12 digits.
fn uuids(bytes: &FixedSizeBinaryArray) -> (ArrayRef, Vec<Misfit>) {
    let written = |bytes: &[u8]| {
        let mut text = String::with_capacity(36);
        for (at, byte) in bytes.iter().enumerate() {
            if matches!(at, 4 | 6 | 8 | 10) {
                text.push('-');
            }
            for digit in [byte >> 4, byte & 15] {
                text.push(char::from_digit(digit.into(), 16).unwrap_or_default());
            }
        }
        text
    };
    let text: StringArray = bytes.iter().map(|bytes| bytes.map(written)).collect();
    (Arc::new(text), Vec::new())
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{Date32Array, Decimal128Array, Decimal256Array, Int32Array, TimestampNanosecondArray};
    use arrow::datatypes::i256;

    fn codes(misfits: &[Misfit]) -> Vec<(usize, &str)> {
        misfits.iter().map(|(row, code, _)| (*row, *code)).collect()
    }

    #[test]
    fn bytes_that_are_utf_8_are_text() {
        let bytes: ArrayRef =
            Arc::new(BinaryArray::from_opt_vec(vec![Some(b"C1"), None, Some(b"\xFF\xFE"), Some("ł".as_bytes())]));
        let (text, misfits) = converted(&bytes, &natural_type(bytes.data_type()), false).unwrap();
        assert_eq!(text.as_string::<i32>(), &StringArray::from(vec![Some("C1"), None, None, Some("ł")]));
        assert_eq!(codes(&misfits), [(2, "invalid_utf8")]);
        let ids = FixedSizeBinaryArray::try_from_iter(
            [[0x12, 0x3e, 0x45, 0x67, 0xe8, 0x9b, 0x12, 0xd3, 0xa4, 0x56, 0x42, 0x66, 0x14, 0x17, 0x40, 0x00]]
                .into_iter(),
        )
        .unwrap();
        let (text, _) = converted(&(Arc::new(ids) as ArrayRef), &DataType::Utf8, true).unwrap();
        assert_eq!(text.as_string::<i32>().value(0), "123e4567-e89b-12d3-a456-426614174000");
        let fixed = FixedSizeBinaryArray::try_from_iter([*b"C001", *b"C\xFF01"].into_iter()).unwrap();
        let (text, misfits) = converted(&(Arc::new(fixed) as ArrayRef), &DataType::Utf8, false).unwrap();
        assert_eq!((text.as_string::<i32>().value(0), codes(&misfits)), ("C001", vec![(1, "invalid_utf8")]));
    }

    #[test]
    fn wide_decimals_that_fit_are_read() {
        let large = i256::from_i128(10_i128.pow(38));
        let values =
            Decimal256Array::from(vec![Some(i256::from_i128(1999)), None, Some(large), Some(i256::from_i128(-5))]);
        let values: ArrayRef = Arc::new(values.with_precision_and_scale(60, 2).unwrap());
        let (found, misfits) = converted(&values, &natural_type(values.data_type()), false).unwrap();
        let expected = Decimal128Array::from(vec![Some(1999), None, None, Some(-5)]);
        let expected = expected.with_precision_and_scale(38, 2).unwrap();
        assert_eq!(found.as_primitive::<arrow::datatypes::Decimal128Type>(), &expected);
        assert_eq!(codes(&misfits), [(2, "out_of_range")]);
    }

    #[test]
    fn numbers_and_times_widen_without_loss() {
        let whole: ArrayRef =
            Arc::new(arrow::array::Int64Array::from(vec![Some(1 << 53), Some((1 << 53) + 1), None, Some(i64::MAX)]));
        let (floats, misfits) = converted(&whole, &DataType::Float64, false).unwrap();
        assert_eq!(
            floats.as_primitive::<Float64Type>().iter().collect::<Vec<_>>(),
            [Some(9_007_199_254_740_992.0), None, None, None]
        );
        assert_eq!(codes(&misfits), [(1, "inexact"), (3, "inexact")]);
        let small: ArrayRef = Arc::new(Int32Array::from(vec![Some(i32::MIN), None]));
        assert!(converted(&small, &DataType::Float64, false).unwrap().1.is_empty());
        let (decimals, _) = converted(&small, &DataType::Decimal128(12, 2), false).unwrap();
        assert_eq!(decimals.as_primitive::<arrow::datatypes::Decimal128Type>().value(0), -214_748_364_800);

        let micros = DataType::Timestamp(TimeUnit::Microsecond, None);
        let nanos: ArrayRef = Arc::new(TimestampNanosecondArray::from(vec![-1, 1999]));
        let (found, _) = converted(&nanos, &micros, false).unwrap();
        assert_eq!(
            found.as_primitive::<arrow::datatypes::TimestampMicrosecondType>(),
            &TimestampMicrosecondArray::from(vec![-1, 1])
        );
        let days: ArrayRef = Arc::new(Date32Array::from(vec![-1]));
        let (found, _) = converted(&days, &micros, false).unwrap();
        assert_eq!(found.as_primitive::<arrow::datatypes::TimestampMicrosecondType>().value(0), -86_400_000_000);
        let none: ArrayRef = Arc::new(arrow::array::NullArray::new(2));
        assert_eq!(converted(&none, &micros, false).unwrap().0.null_count(), 2);
    }
}
