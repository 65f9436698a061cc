//! Different values of a group.

use arrow::array::{ArrayRef, AsArray, BooleanArray, FixedSizeBinaryArray, Int64Array};
use arrow::buffer::Buffer;
use arrow::datatypes::DataType;
use datafusion_common::{Result, internal_err};
use datafusion_expr::{EmitTo, GroupsAccumulator};
use std::sync::Arc;

use super::answer::at;
use super::gathered::{Gathered, KEY, each_key};
use super::lists::{lists, opened};
use super::rows::{Rows, states_of_rows};
use crate::expression::aggregate_kernels as kernels;

/// Different values of all groups. The state is the sorted keys of each group.
#[derive(Debug, Default)]
pub(super) struct Distinct(Gathered<u128>);

/// Gives the type of a key in a state.
pub(super) fn key_type() -> DataType {
    DataType::FixedSizeBinary(KEY)
}

/// Gives keys as a column of a state.
pub(super) fn column_of_keys(keys: impl Iterator<Item = u128>) -> Result<ArrayRef> {
    let bytes: Vec<u8> = keys.flat_map(u128::to_be_bytes).collect();
    Ok(Arc::new(FixedSizeBinaryArray::try_new(KEY, Buffer::from_vec(bytes), None)?))
}

/// Gives the keys of a column of a state by their places.
pub(super) fn keys_of_column(column: &ArrayRef) -> Result<impl Fn(usize) -> u128> {
    if column.data_type() != &key_type() {
        return internal_err!("keys of different values are {}", column.data_type());
    }
    let keys = column.as_fixed_size_binary();
    Ok(move |place| {
        let mut key = [0; KEY as usize];
        key.copy_from_slice(keys.value(place));
        u128::from_be_bytes(key)
    })
}

impl Distinct {
    /// Adds values of one column of texts: rows of one thing mostly stand together, such as the lines of an order, and the second one adds
    /// nothing.
    fn update(&mut self, values: &ArrayRef, groups: &[usize], rows: &Rows) -> bool {
        let Some(texts) = values.as_string_opt::<i32>() else { return false };
        let mut before = None;
        rows.for_each(|row| {
            let is_same = |other: usize| groups[other] == groups[row] && texts.value(other) == texts.value(row);
            if !before.is_some_and(is_same) {
                self.0.add(groups[row], kernels::text_key(texts.value(row)));
                before = Some(row);
            }
        });
        true
    }
}

impl GroupsAccumulator for Distinct {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        groups: &[usize],
        filter: Option<&BooleanArray>,
        group_count: usize,
    ) -> Result<()> {
        self.0.reach(group_count)?;
        let rows = Rows::of(values, filter);
        let is_done = match values {
            [values] => self.update(values, groups, &rows),
            _ => false,
        };
        if !is_done {
            each_key(values, &rows, |row, key| self.0.add(groups[row], key))?;
        }
        self.0.settle_some();
        Ok(())
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let (_, counts) = self.0.take(emit_to);
        Ok(Arc::new(counts.into_iter().map(|count| Some(count as i64)).collect::<Int64Array>()))
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        let (taken, counts) = self.0.take(emit_to);
        Ok(vec![lists(counts.into_iter(), column_of_keys(taken.into_iter())?)?])
    }

    fn merge_batch(&mut self, states: &[ArrayRef], groups: &[usize], group_count: usize) -> Result<()> {
        self.0.reach(group_count)?;
        let (ranges, keys) = opened(at(states, 0)?);
        let key = keys_of_column(keys)?;
        for (group, range) in groups.iter().zip(ranges) {
            range.for_each(|place| self.0.add(*group, key(place)));
            self.0.settle_some();
        }
        Ok(())
    }

    fn convert_to_state(&self, values: &[ArrayRef], filter: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        states_of_rows(Self::default(), values, filter)
    }

    fn size(&self) -> usize {
        self.0.size()
    }
}
