//! Rows that stand for the same thing: lines loaded twice, and customers with several rows.

use arrow::{
    array::{ArrayRef, BooleanArray, RecordBatch},
    compute::SortOptions,
    row::{RowConverter, Rows, SortField},
};
use hashbrown::HashTable;
use segmenter_proto::{Error, Result};
use std::cmp::Ordering;
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// Says of each row whether another row of the same customer and key stands in for it.
///
/// The first by time, then by all values, is kept; rows that are equal in everything are interchangeable. `candidates`
/// false takes no part and is no duplicate. The same key at two customers is two things.
///
/// # Errors
/// Bug only.
pub fn of_key(rows: &RecordBatch, numbers: &[u32], key: &[String], candidates: &BooleanArray) -> Result<Vec<bool>> {
    let keys = encoded(rows, key.iter().map(String::as_str), SortOptions::default())?;
    let all = all_values(rows, "time", SortOptions::default())?;
    Ok(losers(numbers, &keys, &all, candidates, Ordering::Less))
}

/// Says of each row of a customers source whether another row of the customer stands in for it: the one with the
/// largest value of `by`, null being the smallest, then with the largest other values.
///
/// # Errors
/// Bug only.
pub fn of_customer(rows: &RecordBatch, numbers: &[u32], by: Option<&str>) -> Result<Vec<bool>> {
    let none = encoded(rows, std::iter::empty(), SortOptions::default())?;
    let all = all_values(rows, by.unwrap_or("customer_id"), SortOptions { descending: false, nulls_first: true })?;
    let candidates = BooleanArray::from(vec![true; rows.num_rows()]);
    Ok(losers(numbers, &none, &all, &candidates, Ordering::Greater))
}

fn losers(numbers: &[u32], keys: &Keys, all: &Rows, candidates: &BooleanArray, wins: Ordering) -> Vec<bool> {
    let mut lost = vec![false; numbers.len()];
    let mut kept: HashTable<usize> = HashTable::with_capacity(numbers.len());
    let hash = |row: usize| xxh3_64_with_seed(keys.row(row), numbers[row].into());
    for row in (0..numbers.len()).filter(|&row| candidates.value(row)) {
        let same = |&other: &usize| numbers[other] == numbers[row] && keys.row(other) == keys.row(row);
        match kept.find_mut(hash(row), same) {
            Some(best) if all.row(row).cmp(&all.row(*best)) == wins => {
                lost[*best] = true;
                *best = row;
            }
            Some(_) => lost[row] = true,
            None => {
                kept.insert_unique(hash(row), row, |&other| hash(other));
            }
        }
    }
    lost
}

/// The encoded key of each row; nothing where the customer alone is the key.
enum Keys {
    None,
    Some(Rows),
}

impl Keys {
    fn row(&self, row: usize) -> &[u8] {
        match self {
            Self::None => &[],
            Self::Some(rows) => rows.row(row).data(),
        }
    }
}

fn encoded<'a>(rows: &RecordBatch, names: impl Iterator<Item = &'a str>, order: SortOptions) -> Result<Keys> {
    let columns: Vec<ArrayRef> = names
        .map(|name| rows.column_by_name(name).cloned().ok_or_else(|| Error::bug(format!("{name} was not kept"))))
        .collect::<Result<_>>()?;
    if columns.is_empty() { Ok(Keys::None) } else { Ok(Keys::Some(convert(&columns, order)?)) }
}

fn all_values(rows: &RecordBatch, first: &str, order: SortOptions) -> Result<Rows> {
    let mut columns: Vec<ArrayRef> = rows.column_by_name(first).cloned().into_iter().collect();
    columns.extend(rows.columns().iter().cloned());
    convert(&columns, order)
}

fn convert(columns: &[ArrayRef], order: SortOptions) -> Result<Rows> {
    let fields = columns.iter().map(|column| SortField::new_with_options(column.data_type().clone(), order)).collect();
    RowConverter::new(fields)
        .and_then(|converter| converter.convert_columns(columns))
        .map_err(|error| Error::bug("rows could not be compared").caused_by(error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{Int64Array, StringArray};
    use std::sync::Arc;

    fn batch(time: Vec<i64>, line: Vec<&str>) -> RecordBatch {
        let time: ArrayRef = Arc::new(Int64Array::from(time));
        let line: ArrayRef = Arc::new(StringArray::from(line));
        RecordBatch::try_from_iter([("time", time), ("line", line)]).unwrap()
    }

    #[test]
    fn the_earliest_of_a_key_is_kept_within_its_customer() {
        let rows = batch(vec![3, 1, 2, 1], vec!["x", "x", "y", "x"]);
        let all = BooleanArray::from(vec![true; 4]);
        let lost = of_key(&rows, &[7, 7, 7, 8], &["line".to_owned()], &all).unwrap();
        assert_eq!(lost, vec![true, false, false, false]);
        let some = BooleanArray::from(vec![true, false, true, true]);
        assert_eq!(of_key(&rows, &[7, 7, 7, 8], &["line".to_owned()], &some).unwrap(), vec![false; 4]);
    }

    #[test]
    fn the_last_row_of_a_customer_is_kept_whatever_the_order() {
        let rows = batch(vec![3, 1, 2, 1], vec!["x", "x", "y", "x"]);
        assert_eq!(of_customer(&rows, &[7, 7, 7, 8], Some("time")).unwrap(), vec![false, true, true, false]);
        let turned = batch(vec![2, 1, 3, 1], vec!["y", "x", "x", "x"]);
        assert_eq!(of_customer(&turned, &[7, 7, 7, 8], Some("time")).unwrap(), vec![true, true, false, false]);
    }
}
