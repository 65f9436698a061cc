//! The smallest and the largest value of a group.

use arrow::array::{
    ArrayRef, ArrowNativeTypeOp, ArrowPrimitiveType, AsArray, BooleanArray, PrimitiveArray, StringArray,
};
use arrow::datatypes::DataType;
use datafusion_common::{Result, exec_err, internal_err};
use datafusion_expr::{EmitTo, GroupsAccumulator};
use std::cmp::Ordering;
use std::sync::Arc;

use super::answer::at;
use super::rows::{Rows, reach, states_of_rows};

/// The best value a group of numbers, dates or instants, which is its own state: none without values.
#[derive(Debug)]
pub(super) struct Extreme<T: ArrowPrimitiveType> {
    wanted: Ordering,
    /// As the column has it: with its scale or zone.
    data_type: DataType,
    best: Vec<Option<T::Native>>,
}

impl<T: ArrowPrimitiveType> Extreme<T> {
    /// Wants the smallest (`Ordering::Less`) or the largest.
    pub(super) fn new(wanted: Ordering, data_type: DataType) -> Self {
        Self { wanted, data_type, best: Vec::new() }
    }
}

impl<T: ArrowPrimitiveType> GroupsAccumulator for Extreme<T> {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        groups: &[usize],
        filter: Option<&BooleanArray>,
        group_count: usize,
    ) -> Result<()> {
        reach(&mut self.best, group_count, None);
        let rows = Rows::of(values, filter);
        let Some(values) = at(values, 0)?.as_primitive_opt::<T>() else {
            return internal_err!("values to compare are not {}", self.data_type);
        };
        rows.for_each(|row| {
            let best = &mut self.best[groups[row]];
            let value = values.value(row);
            if best.is_none_or(|so_far| value.compare(so_far) == self.wanted) {
                *best = Some(value);
            }
        });
        Ok(())
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let best: PrimitiveArray<T> = emit_to.take_needed(&mut self.best).into_iter().collect();
        Ok(Arc::new(best.with_data_type(self.data_type.clone())))
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        Ok(vec![self.evaluate(emit_to)?])
    }

    fn merge_batch(&mut self, states: &[ArrayRef], groups: &[usize], group_count: usize) -> Result<()> {
        self.update_batch(states, groups, None, group_count)
    }

    fn convert_to_state(&self, values: &[ArrayRef], filter: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        states_of_rows(Self::new(self.wanted, self.data_type.clone()), values, filter)
    }

    fn size(&self) -> usize {
        self.best.capacity() * size_of::<Option<T::Native>>()
    }
}

/// The first or last text a group by its bytes, which is its own state: none without values.
#[derive(Debug)]
pub(super) struct ExtremeText {
    wanted: Ordering,
    best: Vec<Option<Box<str>>>,
    /// Bytes of the texts.
    held_bytes: usize,
}

impl ExtremeText {
    /// Wants the first (`Ordering::Less`) or the last.
    pub(super) fn new(wanted: Ordering) -> Self {
        Self { wanted, best: Vec::new(), held_bytes: 0 }
    }
}

impl GroupsAccumulator for ExtremeText {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        groups: &[usize],
        filter: Option<&BooleanArray>,
        group_count: usize,
    ) -> Result<()> {
        reach(&mut self.best, group_count, None);
        let rows = Rows::of(values, filter);
        let Some(values) = at(values, 0)?.as_string_opt::<i32>() else {
            return internal_err!("values to compare are not texts");
        };
        rows.for_each(|row| {
            let best = &mut self.best[groups[row]];
            let value = values.value(row);
            if best.as_deref().is_none_or(|so_far| value.cmp(so_far) == self.wanted) {
                self.held_bytes += value.len();
                self.held_bytes -= best.replace(value.into()).map_or(0, |old| old.len());
            }
        });
        Ok(())
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let best = emit_to.take_needed(&mut self.best);
        let bytes = best.iter().flatten().map(|text| text.len()).sum::<usize>();
        if i32::try_from(bytes).is_err() {
            return exec_err!("texts of an aggregate are more than 2 GiB");
        }
        self.held_bytes -= bytes;
        Ok(Arc::new(best.into_iter().collect::<StringArray>()))
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        Ok(vec![self.evaluate(emit_to)?])
    }

    fn merge_batch(&mut self, states: &[ArrayRef], groups: &[usize], group_count: usize) -> Result<()> {
        self.update_batch(states, groups, None, group_count)
    }

    fn convert_to_state(&self, values: &[ArrayRef], filter: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        states_of_rows(Self::new(self.wanted), values, filter)
    }

    fn size(&self) -> usize {
        self.best.capacity() * size_of::<Option<Box<str>>>() + self.held_bytes
    }
}
