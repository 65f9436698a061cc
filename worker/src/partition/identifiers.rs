//! The canonical form of ids, so that one customer is one customer whatever type a file keeps its number in.

use super::odd_ids::has_visible;
use crate::expression::type_name;
use arrow::{
    array::{Array, ArrayRef, AsArray, StringArray, StringBuilder},
    compute::cast,
    datatypes::{DataType, Decimal128Type, Float64Type, Int64Type, UInt64Type},
};
use segmenter_proto::{Error, Result};

/// A row whose id cannot be one.
pub type BadId = (usize, &'static str);

/// Gives ids as utf8: integers as decimal digits, whole floats and decimals the same, text as it is, text without a
/// visible character as null.
///
/// A float or decimal that is not whole, or so large that neighbouring numbers share a float, is given back as a bad row,
/// its id null.
///
/// # Errors
/// When the column's type can hold no id, such as a date; `column` names it.
pub fn canonical_ids(column: &str, values: &ArrayRef) -> Result<(StringArray, Vec<BadId>)> {
    match values.data_type() {
        DataType::Null => Ok((StringArray::new_null(values.len()), Vec::new())),
        DataType::Utf8 => Ok((visible(values.as_string::<i32>()), Vec::new())),
        DataType::LargeUtf8 | DataType::Utf8View => {
            let text = cast(values, &DataType::Utf8).map_err(cannot_cast)?;
            Ok((visible(text.as_string::<i32>()), Vec::new()))
        }
        DataType::Dictionary(_, inner) => canonical_ids(column, &cast(values, inner.as_ref()).map_err(cannot_cast)?),
        DataType::UInt64 => Ok(digits(values.as_primitive::<UInt64Type>().iter())),
        kind if kind.is_integer() => {
            let wide = cast(values, &DataType::Int64).map_err(cannot_cast)?;
            Ok(digits(wide.as_primitive::<Int64Type>().iter()))
        }
        kind if kind.is_floating() => {
            let wide = cast(values, &DataType::Float64).map_err(cannot_cast)?;
            // From here on neighbouring integers share a float: two customers would become one.
            let inexact_from = match kind {
                DataType::Float16 => 2048.0,
                DataType::Float32 => 16_777_216.0,
                _ => 9_007_199_254_740_992.0,
            };
            Ok(whole_floats(wide.as_primitive::<Float64Type>(), inexact_from))
        }
        DataType::Decimal128(_, scale) if *scale >= 0 => {
            let numbers = values.as_primitive::<Decimal128Type>();
            let unit = 10_i128.pow(scale.unsigned_abs().into());
            let bad = (0..numbers.len())
                .filter(|&row| numbers.is_valid(row) && numbers.value(row) % unit != 0)
                .map(|row| (row, "a number with decimals cannot be an id"))
                .collect();
            let whole = |number: i128| (number % unit == 0).then_some(number / unit);
            let (ids, _) = digits(numbers.iter().map(|number| number.and_then(whole)));
            Ok((ids, bad))
        }
        other => {
            let wrong = format!("{column} has type {}, expected text or a whole number for an id", type_name(other));
            Err(Error::data(wrong).with_hint(match other {
                DataType::Date32 | DataType::Date64 | DataType::Timestamp(..) => {
                    format!("map {column} to a text or integer column, or cast it: cast(… as varchar)")
                }
                // A list or a struct is cast to nothing, and true is nobody.
                _ => format!("map {column} to a text or integer column; write the files with one where they have none"),
            }))
        }
    }
}

fn cannot_cast(error: arrow::error::ArrowError) -> Error {
    Error::bug("an id column could not be read").caused_by(error)
}

/// Turns texts without a visible character into null; the same array where there are none.
fn visible(text: &StringArray) -> StringArray {
    if text.iter().flatten().all(has_visible) {
        return text.clone();
    }
    text.iter().map(|value| value.filter(|text| has_visible(text))).collect()
}

fn digits<N: itoa::Integer>(numbers: impl ExactSizeIterator<Item = Option<N>>) -> (StringArray, Vec<BadId>) {
    let mut ids = StringBuilder::with_capacity(numbers.len(), numbers.len() * 10);
    let mut buffer = itoa::Buffer::new();
    for number in numbers {
        ids.append_option(number.map(|number| buffer.format(number)));
    }
    (ids.finish(), Vec::new())
}

fn whole_floats(numbers: &arrow::array::Float64Array, inexact_from: f64) -> (StringArray, Vec<BadId>) {
    let mut bad = Vec::new();
    let whole: Vec<Option<i128>> = numbers
        .iter()
        .enumerate()
        .map(|(row, value)| match value {
            Some(value) if value.trunc() == value && value.abs() < inexact_from => Some(value as i128),
            Some(value) => {
                bad.push((row, if value.trunc() == value { INEXACT } else { NOT_WHOLE }));
                None
            }
            None => None,
        })
        .collect();
    let (ids, _) = digits(whole.into_iter());
    (ids, bad)
}

const NOT_WHOLE: &str = "a float that is not a whole number cannot be an id";
const INEXACT: &str =
    "a float this large is inexact: other ids may have become the same; write ids as text or whole numbers";

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{Date32Array, Float32Array, Float64Array, Int32Array, Int64Array, UInt64Array};
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
    fn a_float_that_is_not_whole_or_inexact_is_a_bad_row() {
        assert_eq!(ids(Arc::new(Float64Array::from(vec![1.5, f64::NAN, 1e300]))), (vec![None, None, None], 3));
        let at_the_edge = Float64Array::from(vec![9_007_199_254_740_991.0, 9_007_199_254_740_992.0, -1e16]);
        assert_eq!(ids(Arc::new(at_the_edge)), (vec![some("9007199254740991"), None, None], 2));
        let narrow = Float32Array::from(vec![16_777_215.0, 16_777_216.0]);
        assert_eq!(ids(Arc::new(narrow)), (vec![some("16777215"), None], 1));
    }

    #[test]
    fn what_cannot_be_seen_is_no_id() {
        let unseen =
            ["", " ", "\t", "\0", "\u{a0}", "\u{200b}", "\u{feff}", "\u{3000} \u{2060}", "\u{ad}", "\u{1}\u{7f}"];
        let (found, bad) = ids(Arc::new(StringArray::from(unseen.to_vec())));
        assert_eq!((found, bad), (vec![None; unseen.len()], 0));
        let seen = ["a", "C\0", "\u{200b}a", " 7", "-", "é", "名"];
        let (found, _) = ids(Arc::new(StringArray::from(seen.to_vec())));
        assert_eq!(found, seen.map(some), "ids stay as they are");
    }

    #[test]
    fn a_date_cannot_be_an_id() {
        let error = canonical_ids("customer_id", &(Arc::new(Date32Array::from(vec![1])) as ArrayRef)).unwrap_err();
        assert!(error.message.contains("customer_id has type date"), "{}", error.message);
    }
}
