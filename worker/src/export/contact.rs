//! Whether there is any way to reach a customer.

use super::compiled::CompiledExport;
use arrow::{
    array::{Array, ArrayRef, AsArray, RecordBatch},
    datatypes::DataType,
};

/// What is known of how to reach one customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// A contact of the export has a value.
    Known,
    /// There is something in the sources, and no contact could be made of it.
    Unusable,
    /// There is nothing.
    Nothing,
}

/// Gives it row by row; of an export without contacts everybody is known.
pub(super) fn reaches(export: &CompiledExport, table: &RecordBatch, values: &[ArrayRef]) -> Vec<Reach> {
    let contacts: Vec<_> = export.columns.iter().zip(values).filter(|(column, _)| column.contact.is_some()).collect();
    if contacts.is_empty() {
        return vec![Reach::Known; table.num_rows()];
    }
    let made_of = contacts.iter().flat_map(|(column, _)| column.contact.iter().flatten());
    let made_of: Vec<&ArrayRef> = made_of.filter_map(|name| table.column_by_name(name)).collect();
    let of_row = |row: usize| match () {
        () if contacts.iter().any(|(_, values)| has_value(values, row)) => Reach::Known,
        () if made_of.iter().any(|values| has_value(values, row)) => Reach::Unusable,
        () => Reach::Nothing,
    };
    (0..table.num_rows()).map(of_row).collect()
}

/// Says whether there is something else than nothing or blanks.
pub(super) fn has_value(values: &ArrayRef, row: usize) -> bool {
    match values.data_type() {
        DataType::Utf8 => values.is_valid(row) && !values.as_string::<i32>().value(row).trim().is_empty(),
        _ => values.is_valid(row),
    }
}
