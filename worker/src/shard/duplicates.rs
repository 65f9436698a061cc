//! Rows that stand for the same thing: lines loaded twice, and customers with several rows.

use arrow::{
    array::{Array, ArrayRef, BooleanArray, RecordBatch},
    buffer::NullBuffer,
    compute::SortOptions,
    row::{RowConverter, Rows, SortField},
};
use hashbrown::HashTable;
use segmenter_proto::{Error, Result};
use std::cmp::Ordering;
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// Which of the rows that stand for the same thing is kept.
#[derive(Debug, Clone, Copy)]
pub enum Keep<'a> {
    /// The earliest by time, then the smallest in all values.
    First,
    /// The one with the largest value of this name, null being the smallest, then the largest in all values.
    Last(&'a str),
}

/// Rows for which others stand in.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Duplicates {
    /// Says of each row whether another stands in for it.
    pub lost: Vec<bool>,
    /// Rows for which a row with other values stands in.
    pub differing: u64,
    /// Rows for which a row with other values stands in though the value that decides is the same: which one is kept follows from the
    /// other values, and from nothing that was asked for.
    pub undecided: u64,
    /// Rows that take part and lack a value of the key: they are nobody's duplicates.
    pub without_key: u64,
}

/// Finds the rows for which another of the same customer and key stands in.
///
/// Rows that are equal in everything are interchangeable. `candidates` false takes no part and is no duplicate. The same key at two
/// customers is two things, and a key that lacks a value is none.
///
/// # Errors
/// Bug only.
pub fn of_key(
    rows: &RecordBatch,
    numbers: &[u32],
    key: &[String],
    keep: Keep<'_>,
    candidates: &BooleanArray,
) -> Result<Duplicates> {
    let columns = named(rows, key.iter().map(String::as_str))?;
    let nulls = columns.iter().filter_map(|column| column.logical_nulls());
    let nulls = nulls.fold(None, |all: Option<NullBuffer>, more| NullBuffer::union(all.as_ref(), Some(&more)));
    let has_key = |row: usize| nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row));
    let takes_part = |row: usize| candidates.is_valid(row) && candidates.value(row);
    let keys = Keys::Some(convert(&columns, SortOptions::default())?);
    let mut found = losers(rows, numbers, &keys, keep, |row| takes_part(row) && has_key(row))?;
    found.without_key = (0..numbers.len()).filter(|&row| takes_part(row) && !has_key(row)).count() as u64;
    Ok(found)
}

/// Finds the rows of a customers source for which another of the customer stands in: the last by `by`, of those that are `there`.
///
/// # Errors
/// Bug only.
pub fn of_customer(rows: &RecordBatch, numbers: &[u32], by: &str, there: &[bool]) -> Result<Duplicates> {
    let takes_part = |row: usize| there.get(row).copied().unwrap_or_default();
    losers(rows, numbers, &Keys::None, Keep::Last(by), takes_part)
}

fn losers(
    rows: &RecordBatch,
    numbers: &[u32],
    keys: &Keys,
    keep: Keep<'_>,
    takes_part: impl Fn(usize) -> bool,
) -> Result<Duplicates> {
    let (first, wins, order) = match keep {
        Keep::First => ("time", Ordering::Less, SortOptions::default()),
        Keep::Last(by) => (by, Ordering::Greater, SortOptions { descending: false, nulls_first: true }),
    };
    let all = all_values(rows, first, order)?;
    let mut groups: HashTable<usize> = HashTable::with_capacity(numbers.len());
    // The row that is kept, a group, and the group of each row.
    let mut kept: Vec<usize> = Vec::new();
    let mut group_of: Vec<usize> = vec![usize::MAX; numbers.len()];
    let hash = |row: usize| xxh3_64_with_seed(keys.row(row), numbers[row].into());
    for row in (0..numbers.len()).filter(|&row| takes_part(row)) {
        let same = |&group: &usize| {
            let other = kept[group];
            numbers[other] == numbers[row] && keys.row(other) == keys.row(row)
        };
        let group = match groups.find(hash(row), same) {
            Some(&group) => {
                if all.row(row).cmp(&all.row(kept[group])) == wins {
                    kept[group] = row;
                }
                group
            }
            None => {
                groups.insert_unique(hash(row), kept.len(), |&group| hash(kept[group]));
                kept.push(row);
                kept.len() - 1
            }
        };
        group_of[row] = group;
    }
    let mut found = Duplicates { lost: vec![false; numbers.len()], ..Duplicates::default() };
    if kept.len() == group_of.iter().filter(|group| **group != usize::MAX).count() {
        return Ok(found);
    }
    let decides = match keep {
        Keep::First => None,
        Keep::Last(by) => Some(convert(&named(rows, [by].into_iter())?, order)?),
    };
    for (row, &group) in group_of.iter().enumerate() {
        let Some(&best) = kept.get(group).filter(|best| **best != row) else { continue };
        found.lost[row] = true;
        if all.row(row) != all.row(best) {
            found.differing += 1;
            found.undecided += u64::from(decides.as_ref().is_some_and(|by| by.row(row) == by.row(best)));
        }
    }
    Ok(found)
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

fn named<'a>(rows: &RecordBatch, names: impl Iterator<Item = &'a str>) -> Result<Vec<ArrayRef>> {
    names
        .map(|name| rows.column_by_name(name).cloned().ok_or_else(|| Error::bug(format!("{name} was not kept"))))
        .collect()
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

    fn lost(rows: &RecordBatch, numbers: &[u32], keep: Keep<'_>, candidates: &[bool]) -> Duplicates {
        of_key(rows, numbers, &["line".to_owned()], keep, &BooleanArray::from(candidates.to_vec())).unwrap()
    }

    #[test]
    fn the_earliest_of_a_key_is_kept_within_its_customer() {
        let rows = batch(vec![3, 1, 2, 1], vec!["x", "x", "y", "x"]);
        let found = lost(&rows, &[7, 7, 7, 8], Keep::First, &[true; 4]);
        assert_eq!((found.lost, found.differing), (vec![true, false, false, false], 1));
        let found = lost(&rows, &[7, 7, 7, 8], Keep::First, &[true, false, true, true]);
        assert_eq!(found.lost, vec![false; 4]);
    }

    #[test]
    fn a_key_without_a_value_is_nobody_s_duplicate() {
        let time: ArrayRef = Arc::new(Int64Array::from(vec![1, 1, 2, 2]));
        let line: ArrayRef = Arc::new(StringArray::from(vec![None, None, Some("x"), Some("x")]));
        let rows = RecordBatch::try_from_iter([("time", time), ("line", line)]).unwrap();
        let found = lost(&rows, &[7; 4], Keep::First, &[true; 4]);
        assert_eq!(
            found,
            Duplicates { lost: vec![false, false, false, true], without_key: 2, ..Duplicates::default() }
        );
        let found = lost(&rows, &[7; 4], Keep::First, &[true, false, true, false]);
        assert_eq!((found.lost, found.without_key), (vec![false; 4], 1), "who takes no part is not counted");
    }

    #[test]
    fn the_last_of_a_key_is_kept_and_what_its_value_does_not_decide_is_counted() {
        let by: ArrayRef = Arc::new(Int64Array::from(vec![Some(2), Some(1), None, Some(2), Some(2)]));
        let line: ArrayRef = Arc::new(StringArray::from(vec!["x"; 5]));
        let amount: ArrayRef = Arc::new(Int64Array::from(vec![10, 99, 99, 12, 12]));
        let rows = RecordBatch::try_from_iter([("line", line), ("amount", amount), ("updated_at", by)]).unwrap();
        let found = lost(&rows, &[7; 5], Keep::Last("updated_at"), &[true; 5]);
        assert_eq!(found.lost, vec![true, true, true, false, true], "of equal values the larger content");
        assert_eq!((found.differing, found.undecided), (3, 1));
        let order = arrow::array::UInt32Array::from(vec![4, 3, 2, 1, 0]);
        let turned = arrow::compute::take_record_batch(&rows, &order).unwrap();
        let found = lost(&turned, &[7; 5], Keep::Last("updated_at"), &[true; 5]);
        assert_eq!((found.differing, found.undecided), (3, 1), "whatever the order");
    }

    #[test]
    fn the_last_row_of_a_customer_is_kept_whatever_the_order() {
        let rows = batch(vec![3, 1, 2, 1], vec!["x", "x", "y", "x"]);
        let all = [true; 4];
        assert_eq!(of_customer(&rows, &[7, 7, 7, 8], "time", &all).unwrap().lost, vec![false, true, true, false]);
        let turned = batch(vec![2, 1, 3, 1], vec!["y", "x", "x", "x"]);
        assert_eq!(of_customer(&turned, &[7, 7, 7, 8], "time", &all).unwrap().lost, vec![true, true, false, false]);
    }
}
