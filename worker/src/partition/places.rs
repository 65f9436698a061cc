//! Where the rows of reference tables stood: two rows of one key are told by their files and rows, since keys may be personal.

use crate::reading::RowNumbers;
use arrow::{
    array::{Array, ArrayRef, AsArray, DictionaryArray, Int32Array, RecordBatch, StringArray, UInt64Array},
    datatypes::{DataType, Field, Int32Type, Schema, UInt64Type},
};
use segmenter_proto::{Error, Result};
use std::sync::Arc;

/// The columns behind those that are kept: the number of a row in its file, and the file.
const PLACES: usize = 2;

/// Adds the numbers of the rows behind the columns of a batch.
///
/// # Errors
/// Bug only.
pub(super) fn with_row_numbers(batch: &RecordBatch, row_numbers: &RowNumbers) -> Result<RecordBatch> {
    let numbers = UInt64Array::from_iter_values((0..batch.num_rows()).map(|row| row_numbers.get(row)));
    with_column(batch, "row", Arc::new(numbers))
}

/// Gives the kept columns of rows with the numbers of the rows, which are the last of them, and the file.
///
/// # Errors
/// Bug only.
pub(super) fn with_places(rows: &RecordBatch, kept: &[usize], file: &str) -> Result<RecordBatch> {
    let last = rows.num_columns().checked_sub(1).ok_or_else(|| Error::bug("rows have no numbers"))?;
    let columns: Vec<usize> = kept.iter().copied().chain([last]).collect();
    let rows = rows.project(&columns).map_err(|error| Error::bug("columns could not be kept").caused_by(error))?;
    let (keys, names) = (Int32Array::from(vec![0; rows.num_rows()]), StringArray::from(vec![file]));
    let files: DictionaryArray<Int32Type> = DictionaryArray::try_new(keys, Arc::new(names))
        .map_err(|error| Error::bug("a file's name does not fit its rows").caused_by(error))?;
    with_column(&rows, "file", Arc::new(files))
}

fn with_column(rows: &RecordBatch, name: &str, column: ArrayRef) -> Result<RecordBatch> {
    let schema = rows.schema();
    // What the columns are called does not matter: they are found by their places.
    let field = Arc::new(Field::new(name, column.data_type().clone(), false));
    let fields: Vec<_> = schema.fields().iter().cloned().chain([field]).collect();
    let columns = rows.columns().iter().cloned().chain([column]).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
        .map_err(|error| Error::bug("rows do not fit their places").caused_by(error))
}

/// Where rows of a reference table stood.
#[derive(Debug)]
pub struct RowPlaces {
    rows: UInt64Array,
    files: ArrayRef,
}

impl RowPlaces {
    /// Takes rows of chunks apart: the columns that are kept, and where each row stood.
    ///
    /// # Errors
    /// The rows are not what was written: Bug.
    pub fn split(rows: &RecordBatch) -> Result<(RecordBatch, Self)> {
        let wrong = || Error::bug("rows of a reference table have no places");
        let kept = rows.num_columns().checked_sub(PLACES).ok_or_else(wrong)?;
        let numbers = rows.column(kept).as_primitive_opt::<UInt64Type>().ok_or_else(wrong)?.clone();
        let files = Arc::clone(rows.column(kept + 1));
        if !matches!(files.data_type(), DataType::Dictionary(..)) {
            return Err(wrong());
        }
        let columns: Vec<usize> = (0..kept).collect();
        let kept = rows.project(&columns).map_err(|error| wrong().caused_by(error))?;
        Ok((kept, Self { rows: numbers, files }))
    }

    /// Gives the file and the number of a row.
    pub fn of(&self, row: usize) -> (&str, u64) {
        let files = self.files.as_dictionary_opt::<Int32Type>();
        let file = files.and_then(|files| {
            let names = files.values().as_string_opt::<i32>()?;
            Some(names.value(files.key(row)?))
        });
        (file.unwrap_or_default(), self.rows.value(row))
    }
}
