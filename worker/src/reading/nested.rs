//! Columns of a typed file by the names that expressions have for them: a field of a struct by its path, such as `device.category`.

use super::converted::natural_type;
use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, StructArray};
use arrow::compute::nullif;
use arrow::datatypes::{DataType, Field, Schema};
use arrow::error::ArrowError;
use std::ops::Range;
use std::sync::Arc;

/// A column by its name: a whole column of the file, or a field of a struct.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NamedColumn {
    /// Its name; of a field, those of the structs around it before it, with dots between.
    pub(super) name: String,
    /// The place of the whole column in the file.
    pub(super) root: usize,
    /// The names of the fields that lead to it within the whole column.
    pub(super) path: Vec<String>,
    /// What the file stores of it, by number.
    pub(super) leaves: Range<usize>,
    pub(super) stored: DataType,
}

/// Gives the columns of a file in its order. A struct has no name of its own: its fields do.
pub(super) fn named_columns(schema: &Schema) -> Vec<NamedColumn> {
    let mut named = Vec::with_capacity(schema.fields().len());
    let mut leaf = 0;
    for (root, field) in schema.fields().iter().enumerate() {
        name_fields(field, root, &mut Vec::new(), &mut leaf, &mut named);
    }
    named
}

fn name_fields(field: &Field, root: usize, around: &mut Vec<String>, leaf: &mut usize, named: &mut Vec<NamedColumn>) {
    if let DataType::Struct(fields) = field.data_type() {
        around.push(field.name().clone());
        for field in fields {
            name_fields(field, root, around, leaf, named);
        }
        around.pop();
        return;
    }
    let first = *leaf;
    *leaf += leaves_of(field.data_type());
    let mut path = around.clone();
    path.push(field.name().clone());
    let name = path.join(".");
    path.remove(0);
    named.push(NamedColumn { name, root, path, leaves: first..*leaf, stored: field.data_type().clone() });
}

/// Counts the columns of plain values that a column is stored as.
fn leaves_of(stored: &DataType) -> usize {
    match stored {
        DataType::Struct(fields) => fields.iter().map(|field| leaves_of(field.data_type())).sum(),
        DataType::List(item)
        | DataType::LargeList(item)
        | DataType::ListView(item)
        | DataType::LargeListView(item)
        | DataType::FixedSizeList(item, _)
        | DataType::Map(item, _) => leaves_of(item.data_type()),
        _ => 1,
    }
}

/// Gives the columns with the types that they have of themselves.
pub(super) fn named_fields(schema: &Schema) -> Vec<Field> {
    let named = named_columns(schema).into_iter();
    named.map(|column| Field::new(column.name, natural_type(&column.stored), true)).collect()
}

/// Takes the field that `path` leads to out of a whole column, which may have fewer fields than the file.
pub(super) fn at_path(whole: &ArrayRef, path: &[String]) -> Result<ArrayRef, ArrowError> {
    path.iter().try_fold(Arc::clone(whole), |part, name| {
        let parent = part.as_struct_opt().and_then(|parent| field_of(parent, name));
        parent.unwrap_or_else(|| Err(ArrowError::SchemaError(format!("there is no field {name}"))))
    })
}

/// Gives a field of a struct, null where the struct is; none where it has no such field.
pub(super) fn field_of(parent: &StructArray, name: &str) -> Option<Result<ArrayRef, ArrowError>> {
    let field = parent.column_by_name(name)?;
    Some(match parent.nulls() {
        Some(nulls) if nulls.null_count() > 0 => nullif(field, &BooleanArray::new(!nulls.inner(), None)),
        _ => Ok(Arc::clone(field)),
    })
}

#[cfg(test)]
#[path = "nested_tests.rs"]
mod tests;
