//! Different values of a group.

use arrow::array::{ArrayRef, AsArray, BooleanArray, Int64Array, StringArray};
use datafusion_common::Result;
use datafusion_expr::{EmitTo, GroupsAccumulator};
use std::sync::Arc;

use super::answer::at;
use super::gathered::{Gathered, column_of_keys, each_key, keys_of_column};
use super::lists::{lists, opened};
use super::rows::{Rows, states_of_rows};
use crate::expression::aggregate_kernels as kernels;

/// Different values of all groups. The state is the sorted keys of each group.
#[derive(Debug, Default)]
pub(super) struct Distinct(Gathered<u128>);

impl Distinct {
    /// Adds values of one column of texts: rows of one thing mostly stand together, such as the lines of an order, and the second one adds
    /// nothing.
    fn update(&mut self, texts: &StringArray, groups: &[usize], rows: &Rows) {
        let mut before = None;
        rows.for_each(|row| {
            let is_same = |other: usize| groups[other] == groups[row] && texts.value(other) == texts.value(row);
            if !before.is_some_and(is_same) {
                self.0.add(groups[row], kernels::text_key(texts.value(row)));
                before = Some(row);
            }
        });
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
        match values.first().and_then(|first| first.as_string_opt::<i32>()).filter(|_| values.len() == 1) {
            Some(texts) => self.update(texts, groups, &rows),
            None => each_key(values, &rows, |row, key| self.0.add(groups[row], key))?,
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
