//! Rows of one person that several ids have: attributes become one row, and before that each id has one of its own.

use arrow::{
    array::{Array, ArrayRef, RecordBatch, UInt32Array},
    compute::{SortColumn, SortOptions, lexsort_to_indices, take},
    row::{RowConverter, SortField},
};
use segmenter_proto::{
    Error, Result,
    jobs::{Duplicates, OWN_ID, Source},
};
use std::{collections::HashMap, sync::Arc};

/// What says when a row of attributes was last changed, unless the source says by what its last row is chosen.
const UPDATED_AT: &str = "updated_at";

/// Gives each id that rows stand under in their source a number.
///
/// # Errors
/// Bug only.
pub fn numbers_of_own_ids(rows: &RecordBatch) -> Result<Vec<u32>> {
    let ids = own_ids(rows)?;
    let cannot = |error| Error::bug("ids could not be compared").caused_by(error);
    let converter = RowConverter::new(vec![SortField::new(ids.data_type().clone())]).map_err(cannot)?;
    let encoded = converter.convert_columns(std::slice::from_ref(ids)).map_err(cannot)?;
    let mut known: HashMap<&[u8], u32> = HashMap::new();
    let mut numbers = Vec::with_capacity(encoded.num_rows());
    for row in 0..encoded.num_rows() {
        let next = known.len() as u32;
        numbers.push(*known.entry(encoded.row(row).data()).or_insert(next));
    }
    Ok(numbers)
}

/// Makes one row of several of a person: of each column the value of the row that was changed last, nulls aside; of rows that were changed at the same
/// time, or nobody knows when, that of the smallest id. Gives the rows with the numbers of their customers.
///
/// # Errors
/// Bug only.
pub fn one_row_a_person(rows: RecordBatch, numbers: Vec<u32>, source: &Source) -> Result<(RecordBatch, Vec<u32>)> {
    let cannot = |error| Error::bug("rows of one person could not be put together").caused_by(error);
    let mut by = vec![SortColumn { values: Arc::new(UInt32Array::from(numbers.clone())), options: None }];
    if let Some(changed) = changed_by(source).and_then(|name| rows.column_by_name(name)) {
        let options = SortOptions { descending: true, nulls_first: false };
        by.push(SortColumn { values: changed.clone(), options: Some(options) });
    }
    by.push(SortColumn { values: own_ids(&rows)?.clone(), options: None });
    let order = lexsort_to_indices(&by, None).map_err(cannot)?;
    let order: Vec<u32> = order.values().to_vec();
    let of_person: Vec<&[u32]> =
        order.chunk_by(|left, right| numbers[*left as usize] == numbers[*right as usize]).collect();
    if of_person.len() == rows.num_rows() {
        return Ok((rows, numbers));
    }
    let columns = rows.columns().iter().map(|column| -> Result<ArrayRef> {
        let known = |row: &&u32| column.is_valid(**row as usize);
        let first = |own: &&[u32]| own.iter().find(known).or(own.first()).copied();
        let chosen: UInt32Array = of_person.iter().map(first).collect();
        take(column, &chosen, None).map_err(cannot)
    });
    let columns = columns.collect::<Result<Vec<_>>>()?;
    let merged = RecordBatch::try_new(rows.schema(), columns).map_err(cannot)?;
    let numbers = of_person.iter().filter_map(|own| own.first()).map(|row| numbers[*row as usize]).collect();
    Ok((merged, numbers))
}

fn changed_by(source: &Source) -> Option<&str> {
    match (source.column(UPDATED_AT), &source.duplicates) {
        (Some(_), _) => Some(UPDATED_AT),
        (None, Duplicates::KeepLast(by)) => Some(by),
        (None, Duplicates::Error) => None,
    }
}

/// Gives the ids that rows stand under in their source.
///
/// # Errors
/// Bug only.
pub fn own_ids(rows: &RecordBatch) -> Result<&ArrayRef> {
    rows.column_by_name(OWN_ID).ok_or_else(|| Error::bug("rows have lost the ids that they stand under"))
}
