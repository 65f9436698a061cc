//! The canonical form of ids, so that one customer is one customer whatever type a file keeps its number in.

use arrow::{
    array::{Array, ArrayRef, AsArray, StringArray, StringBuilder},
    compute::cast,
    datatypes::{DataType, Decimal128Type, Float64Type, Int64Type, UInt64Type},
};
use segmenter_proto::{Error, Result};
use std::io::Write;

/// A row whose id cannot be one.
pub type BadId = (usize, &'static str);

/// Gives ids as utf8: integers as decimal digits, whole floats and decimals the same, text as it is, empty text as null.
///
/// A float or decimal that is not whole is given back as a bad row, its id null.
///
/// # Errors
/// When the column's type can hold no id, such as a date; `column` names it.
pub fn canonical_ids(column: &str, values: &ArrayRef) -> Result<(StringArray, Vec<BadId>)> {
    match values.data_type() {
        DataType::Null => Ok((StringArray::new_null(values.len()), Vec::new())),
        DataType::Utf8 => Ok((without_empty(values.as_string::<i32>()), Vec::new())),
        DataType::LargeUtf8 | DataType::Utf8View => {
            let text = cast(values, &DataType::Utf8).map_err(cannot_cast)?;
            Ok((without_empty(text.as_string::<i32>()), Vec::new()))
        }
        DataType::Dictionary(_, inner) => canonical_ids(column, &cast(values, inner.as_ref()).map_err(cannot_cast)?),
        DataType::UInt64 => {
            let numbers = values.as_primitive::<UInt64Type>();
            Ok(digits(numbers.len(), |row| numbers.is_valid(row).then(|| i128::from(numbers.value(row)))))
        }
        kind if kind.is_integer() => {
            let wide = cast(values, &DataType::Int64).map_err(cannot_cast)?;
            let numbers = wide.as_primitive::<Int64Type>();
            Ok(digits(numbers.len(), |row| numbers.is_valid(row).then(|| i128::from(numbers.value(row)))))
        }
        kind if kind.is_floating() => {
            let wide = cast(values, &DataType::Float64).map_err(cannot_cast)?;
            Ok(whole_floats(wide.as_primitive::<Float64Type>()))
        }
        DataType::Decimal128(_, scale) if *scale >= 0 => {
            let numbers = values.as_primitive::<Decimal128Type>();
            let unit = 10_i128.pow(scale.unsigned_abs().into());
            let bad = (0..numbers.len())
                .filter(|&row| numbers.is_valid(row) && numbers.value(row) % unit != 0)
                .map(|row| (row, "a number with decimals cannot be an id"))
                .collect();
            let (ids, _) = digits(numbers.len(), |row| {
                (numbers.is_valid(row) && numbers.value(row) % unit == 0).then(|| numbers.value(row) / unit)
            });
            Ok((ids, bad))
        }
        other => Err(Error::data(format!("{column} has type {other}, expected text or a whole number for an id"))
            .with_hint(format!("map {column} to a text or integer column, or cast it: cast(… as varchar)"))),
    }
}

fn cannot_cast(error: arrow::error::ArrowError) -> Error {
    Error::bug("an id column could not be read").caused_by(error)
}

fn without_empty(text: &StringArray) -> StringArray {
    let offsets = text.value_offsets();
    if offsets.windows(2).all(|pair| pair[0] < pair[1]) {
        return text.clone();
    }
    text.iter().map(|value| value.filter(|text| !text.is_empty())).collect()
}

fn digits(rows: usize, number: impl Fn(usize) -> Option<i128>) -> (StringArray, Vec<BadId>) {
    let mut ids = StringBuilder::with_capacity(rows, rows * 10);
    let mut buffer = [0_u8; 40];
    for row in 0..rows {
        match number(row) {
            Some(value) => ids.append_value(write_digits(value, &mut buffer)),
            None => ids.append_null(),
        }
    }
    (ids.finish(), Vec::new())
}

/// Writes the decimal digits backwards from the end of the buffer; `fmt` costs several times as much a row.
fn write_digits(value: i128, buffer: &mut [u8; 40]) -> &str {
    let mut at = buffer.len();
    match u64::try_from(value.unsigned_abs()) {
        Ok(mut rest) => loop {
            at -= 1;
            buffer[at] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        },
        Err(_) => {
            let mut space = [0_u8; 40];
            let mut cursor = &mut space[..];
            let written = if write!(cursor, "{}", value.unsigned_abs()).is_ok() { 40 - cursor.len() } else { 0 };
            at -= written;
            buffer[at..].copy_from_slice(&space[..written]);
        }
    }
    if value < 0 {
        at -= 1;
        buffer[at] = b'-';
    }
    std::str::from_utf8(&buffer[at..]).unwrap_or_default()
}

fn whole_floats(numbers: &arrow::array::Float64Array) -> (StringArray, Vec<BadId>) {
    // Beyond 2⁵³ neighbouring integers share a float: two customers would become one.
    const LARGEST_EXACT: f64 = 9_007_199_254_740_992.0;
    let mut bad = Vec::new();
    let whole: Vec<Option<i128>> = numbers
        .iter()
        .enumerate()
        .map(|(row, value)| match value {
            Some(value) if value.trunc() == value && value.abs() <= LARGEST_EXACT => Some(value as i128),
            Some(_) => {
                bad.push((row, "a float that is not a whole number cannot be an id"));
                None
            }
            None => None,
        })
        .collect();
    let (ids, _) = digits(whole.len(), |row| whole[row]);
    (ids, bad)
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{Date32Array, Float64Array, Int32Array, Int64Array, UInt64Array};
    use std::sync::Arc;

    fn ids(values: ArrayRef) -> (Vec<Option<String>>, usize) {
        let (ids, bad) = canonical_ids("customer_id", &values).unwrap();
        (ids.iter().map(|id| id.map(str::to_owned)).collect(), bad.len())
    }

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn one_number_is_one_id_in_every_type() {
        assert_eq!(ids(Arc::new(Int32Array::from(vec![Some(-7), None]))), (vec![some("-7"), None], 0));
        assert_eq!(ids(Arc::new(Int64Array::from(vec![17850, 0]))), (vec![some("17850"), some("0")], 0));
        assert_eq!(ids(Arc::new(UInt64Array::from(vec![u64::MAX]))), (vec![some("18446744073709551615")], 0));
        assert_eq!(ids(Arc::new(Float64Array::from(vec![Some(17850.0), None]))), (vec![some("17850"), None], 0));
        assert_eq!(ids(Arc::new(StringArray::from(vec!["00017", ""]))), (vec![some("00017"), None], 0));
        let decimals = arrow::array::Decimal128Array::from(vec![1200, 1250]).with_precision_and_scale(10, 2).unwrap();
        assert_eq!(ids(Arc::new(decimals)), (vec![some("12"), None], 1));
    }

    #[test]
    fn a_float_that_is_not_whole_is_a_bad_row() {
        assert_eq!(ids(Arc::new(Float64Array::from(vec![1.5, f64::NAN, 1e300]))), (vec![None, None, None], 3));
    }

    #[test]
    fn a_date_cannot_be_an_id() {
        let error = canonical_ids("customer_id", &(Arc::new(Date32Array::from(vec![1])) as ArrayRef)).unwrap_err();
        assert!(error.message.contains("customer_id has type Date32"), "{}", error.message);
    }
}
