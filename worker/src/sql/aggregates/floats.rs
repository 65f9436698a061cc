//! Sums and averages of float64.

use arrow::array::{ArrayRef, AsArray, BooleanArray, Float64Array, UInt64Array};
use arrow::datatypes::{DataType, Float64Type, UInt64Type};
use datafusion_common::{Result, internal_err};
use datafusion_expr::{EmitTo, GroupsAccumulator};
use std::sync::Arc;

use super::answer::{Answer, at};
use super::lists::{list_type, lists, opened};
use super::rows::{Rows, reach, states_of_rows};
use crate::expression::FloatSum;

#[derive(Debug, Clone, Default)]
struct Sum {
    sum: FloatSum,
    count: u64,
}

/// An exact sum a group. The state is its parts, whether it was lost, and the count; other parts of the same sum are the
/// same state.
#[derive(Debug)]
pub(super) struct Floats {
    is_average: bool,
    answer: Answer,
    sums: Vec<Sum>,
    /// What the sums hold beside themselves.
    held_bytes: usize,
}

impl Floats {
    pub(super) fn new(is_average: bool, answer: Answer) -> Self {
        Self { is_average, answer, sums: Vec::new(), held_bytes: 0 }
    }

    /// Gives the types of a state.
    pub(super) fn state_types() -> Vec<DataType> {
        vec![list_type(DataType::Float64), DataType::Boolean, DataType::UInt64]
    }

    fn change(&mut self, group: usize, count: u64, change: impl FnOnce(&mut FloatSum)) {
        let sum = &mut self.sums[group];
        let before = sum.sum.held_bytes();
        change(&mut sum.sum);
        sum.count += count;
        // Parts are never fewer bytes than before.
        self.held_bytes += sum.sum.held_bytes() - before;
    }

    fn take(&mut self, emit_to: EmitTo) -> Vec<Sum> {
        let taken = emit_to.take_needed(&mut self.sums);
        self.held_bytes -= taken.iter().map(|sum| sum.sum.held_bytes()).sum::<usize>();
        taken
    }
}

impl GroupsAccumulator for Floats {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        groups: &[usize],
        filter: Option<&BooleanArray>,
        group_count: usize,
    ) -> Result<()> {
        reach(&mut self.sums, group_count, Sum::default());
        let rows = Rows::of(values, filter);
        let Some(values) = at(values, 0)?.as_primitive_opt::<Float64Type>() else {
            return internal_err!("only float64 has a sum of floats");
        };
        rows.for_each(|row| self.change(groups[row], 1, |sum| sum.add(values.value(row))));
        Ok(())
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let sums = self.take(emit_to);
        let is_average = self.is_average;
        self.answer.of(sums.len(), |lost| {
            let values = sums.iter().enumerate().map(|(group, Sum { sum, count })| {
                if *count == 0 {
                    return None;
                }
                let Some(sum) = sum.value() else {
                    lost(group);
                    return None;
                };
                Some(if is_average { sum / *count as f64 } else { sum })
            });
            Ok(Arc::new(values.collect::<Float64Array>()))
        })
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        let sums = self.take(emit_to);
        let parts = Float64Array::from_iter_values(sums.iter().flat_map(|sum| sum.sum.parts()).copied());
        let lost: Vec<bool> = sums.iter().map(|sum| sum.sum.is_lost()).collect();
        Ok(vec![
            lists(sums.iter().map(|sum| sum.sum.parts().len()), Arc::new(parts))?,
            Arc::new(BooleanArray::from(lost)),
            Arc::new(sums.iter().map(|sum| sum.count).collect::<UInt64Array>()),
        ])
    }

    fn merge_batch(&mut self, states: &[ArrayRef], groups: &[usize], group_count: usize) -> Result<()> {
        reach(&mut self.sums, group_count, Sum::default());
        let (ranges, parts) = opened(at(states, 0)?);
        let parts = parts.as_primitive::<Float64Type>().values();
        let (lost, count) = (at(states, 1)?.as_boolean(), at(states, 2)?.as_primitive::<UInt64Type>());
        for (row, (group, range)) in groups.iter().zip(ranges).enumerate() {
            self.change(*group, count.value(row), |sum| sum.merge(&parts[range], lost.value(row)));
        }
        Ok(())
    }

    fn convert_to_state(&self, values: &[ArrayRef], filter: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        states_of_rows(Self::new(self.is_average, self.answer.clone()), values, filter)
    }

    fn size(&self) -> usize {
        self.sums.capacity() * size_of::<Sum>() + self.held_bytes
    }
}
