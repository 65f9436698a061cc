//! Lists of keys and values, as Google Analytics exports the parameters of an event.

use super::converted::{Misfit, checked_cast};
use super::nested::field_of;
use crate::values::{VALUES_OF_A_PARAMETER, parameters_type};
use arrow::array::{Array, ArrayRef, AsArray, Float64Array, ListArray, StructArray, new_null_array};
use arrow::datatypes::{DataType, Fields, Float32Type};
use arrow::error::ArrowError;
use std::sync::Arc;

/// Says whether a column is such a list: of structs with a `key` that is text and one field for each type of value, in a struct `value`
/// or beside the key.
pub(super) fn is_parameters(stored: &DataType) -> bool {
    let DataType::List(item) = stored else { return false };
    let DataType::Struct(entry) = item.data_type() else { return false };
    let of = |name: &str| entry.find(name).map(|(_, field)| field.data_type());
    let values = match of("value") {
        Some(DataType::Struct(values)) => values,
        Some(_) => return false,
        None => entry,
    };
    let known = VALUES_OF_A_PARAMETER.iter().filter_map(|(name, to)| Some((values.find(name)?.1, to)));
    let mut fitting = known.map(|(field, to)| fits(field.data_type(), to)).peekable();
    of("key") == Some(&DataType::Utf8) && fitting.peek().is_some() && fitting.all(|fits| fits)
}

fn fits(stored: &DataType, to: &DataType) -> bool {
    match to {
        DataType::Int64 => stored.is_signed_integer(),
        DataType::Float64 => stored.is_floating(),
        other => stored == other,
    }
}

/// Brings values to their type; a short float by its digits, so that 0.1 stays 0.1.
fn of_type(values: &ArrayRef, to: &DataType) -> Result<ArrayRef, ArrowError> {
    let Some(short) = values.as_primitive_opt::<Float32Type>() else { return Ok(checked_cast(values, to)?.0) };
    let doubles = short.iter().map(|value| value.and_then(|value| value.to_string().parse::<f64>().ok()));
    Ok(Arc::new(doubles.collect::<Float64Array>()))
}

/// Brings a list for which [`is_parameters`] to the form that all files have; a value of a type that it lacks is null.
pub(super) fn parameters(stored: &ArrayRef) -> Result<(ArrayRef, Vec<Misfit>), ArrowError> {
    let other = || ArrowError::SchemaError("no list of keys and values".to_owned());
    let lists = stored.as_list_opt::<i32>().ok_or_else(other)?;
    let entries = lists.values().as_struct_opt().ok_or_else(other)?;
    let key = field_of(entries, "key").ok_or_else(other)??;
    let value = field_of(entries, "value").transpose()?;
    let value = match &value {
        Some(value) => value.as_struct_opt().ok_or_else(other)?,
        None => entries,
    };
    let mut columns = vec![key];
    for (name, to) in VALUES_OF_A_PARAMETER {
        columns.push(match field_of(value, name) {
            Some(field) => of_type(&field?, &to)?,
            None => new_null_array(&to, value.len()),
        });
    }
    let DataType::List(item) = parameters_type() else { return Err(other()) };
    let DataType::Struct(fields) = item.data_type() else { return Err(other()) };
    let entries = StructArray::try_new(Fields::clone(fields), columns, None)?;
    let lists = ListArray::try_new(item, lists.offsets().clone(), Arc::new(entries), lists.nulls().cloned())?;
    Ok((Arc::new(lists), Vec::new()))
}
