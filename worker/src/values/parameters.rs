//! Lists of keys and values, as Google Analytics exports the parameters of an event, and what a key has in one.
//!
//! The text of a value is what a file of text would have: a number by its shortest digits, a whole one without fraction.

use super::fault::ValueFault;
use arrow::array::{Array, AsArray, ListArray};
use arrow::datatypes::{DataType, Field, Float64Type, Int64Type};
use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

/// The fields that a value may stand in, by its type; of each entry one is not null.
pub(crate) const VALUES_OF_A_PARAMETER: [(&str, DataType); 4] = [
    ("string_value", DataType::Utf8),
    ("int_value", DataType::Int64),
    ("float_value", DataType::Float64),
    ("double_value", DataType::Float64),
];

/// Gives the form in which such lists are read, whoever wrote them: a struct of the key and the values side by side.
pub fn parameters_type() -> DataType {
    let values = VALUES_OF_A_PARAMETER.into_iter().map(|(name, of)| Field::new(name, of, true));
    let fields = std::iter::once(Field::new("key", DataType::Utf8, true)).chain(values);
    DataType::List(Arc::new(Field::new("parameter", DataType::Struct(fields.collect()), true)))
}

/// Looks up a key in lists of the form of [`parameters_type`]; none where they have another.
pub(crate) fn values_of_key<'a>(
    lists: &'a ListArray,
    key: &'a str,
) -> Option<impl Iterator<Item = Result<Option<Cow<'a, str>>, ValueFault>>> {
    let entries = lists.values().as_struct_opt()?;
    let keys = entries.column_by_name("key")?.as_string_opt::<i32>()?;
    let texts = entries.column_by_name("string_value")?.as_string_opt::<i32>()?;
    let whole = entries.column_by_name("int_value")?.as_primitive_opt::<Int64Type>()?;
    let float = entries.column_by_name("float_value")?.as_primitive_opt::<Float64Type>()?;
    let double = entries.column_by_name("double_value")?.as_primitive_opt::<Float64Type>()?;
    let of_entry = move |entry: usize| {
        let text = texts.is_valid(entry).then(|| Cow::Borrowed(texts.value(entry)));
        let whole = whole.is_valid(entry).then(|| Cow::Owned(whole.value(entry).to_string()));
        let floats = [float, double].map(|floats| floats.is_valid(entry).then(|| floats.value(entry)));
        let floats = floats.into_iter().flatten().map(|float| match float.is_finite() {
            true => Ok(Cow::Owned(digits(float))),
            false => Err(ValueFault::OutOfRange),
        });
        [text, whole].into_iter().flatten().map(Ok).chain(floats)
    };
    let entries_of = move |row: usize| -> Range<usize> {
        if lists.is_null(row) {
            return 0..0;
        }
        let [from, to] = [0, 1].map(|next| usize::try_from(lists.value_offsets()[row + next]).unwrap_or_default());
        from..to
    };
    Some((0..lists.len()).map(move |row| {
        let found = entries_of(row).filter(|entry| keys.is_valid(*entry) && keys.value(*entry) == key);
        only(found.flat_map(of_entry))
    }))
}

/// Looks up a key in the JSON text of such a list, where a value may stand without the struct around it.
pub(crate) fn value_of_key_in_json(json: &str, key: &str) -> Result<Option<String>, ValueFault> {
    use serde_json::Value;
    if json.trim().is_empty() {
        return Ok(None);
    }
    let Ok(list) = serde_json::from_str::<Option<Vec<Value>>>(json) else { return Err(ValueFault::NotParameters) };
    let mut values = Vec::new();
    for entry in list.iter().flatten() {
        let entry = entry.as_object().ok_or(ValueFault::NotParameters)?;
        if entry.get("key").and_then(Value::as_str) != Some(key) {
            continue;
        }
        match entry.get("value") {
            Some(Value::Object(of_type)) => {
                let of_type = VALUES_OF_A_PARAMETER.iter().filter_map(|(name, _)| of_type.get(*name));
                values.extend(of_type);
            }
            other => values.extend(other),
        }
    }
    let texts = values.into_iter().map(json_text).filter_map(Result::transpose);
    Ok(only(texts.map(|text| text.map(Cow::Owned)))?.map(Cow::into_owned))
}

fn json_text(value: &serde_json::Value) -> Result<Option<String>, ValueFault> {
    use serde_json::Value;
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.clone())),
        Value::Bool(truth) => Ok(Some(truth.to_string())),
        Value::Number(number) if number.is_i64() || number.is_u64() => Ok(Some(number.to_string())),
        // Of a larger one digits were lost when it was read.
        Value::Number(number) => match number.as_f64().filter(|double| double.abs() < EXACT) {
            Some(double) => Ok(Some(digits(double))),
            None => Err(ValueFault::OutOfRange),
        },
        Value::Array(_) | Value::Object(_) => Err(ValueFault::NotParameters),
    }
}

/// Up to here every whole number is a double.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Writes a number by the fewest digits that are read as it again; a whole one without fraction.
fn digits(number: f64) -> String {
    // Without the sign of zero.
    format!("{}", number + 0.0)
}

/// Gives the only value; one that comes several times is one.
fn only<'a>(
    mut values: impl Iterator<Item = Result<Cow<'a, str>, ValueFault>>,
) -> Result<Option<Cow<'a, str>>, ValueFault> {
    let Some(first) = values.next().transpose()? else { return Ok(None) };
    for other in values {
        if other? != first {
            return Err(ValueFault::RepeatedKey);
        }
    }
    Ok(Some(first))
}

#[cfg(test)]
#[path = "parameters_tests.rs"]
mod tests;
