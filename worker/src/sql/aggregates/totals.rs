//! Sums and averages of whole numbers and decimals.

use arrow::array::{ArrayRef, AsArray, BooleanArray, Int64Array, UInt64Array};
use arrow::datatypes::{DataType, Decimal128Type, Int64Type, UInt64Type};
use datafusion_common::{Result, internal_err};
use datafusion_expr::{EmitTo, GroupsAccumulator};
use std::sync::Arc;

use super::answer::{Answer, at};
use super::rows::{Rows, reach, states_of_rows};
use crate::expression::aggregate_kernels as kernels;

/// A sum in 128 bits, and how often it ran over them: exact whatever stands between.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    sum: i128,
    /// The sum is `sum + over · 2¹²⁸`.
    over: i64,
    count: u64,
}

impl Sum {
    fn add(&mut self, value: i128) {
        let (sum, ran_over) = self.sum.overflowing_add(value);
        self.sum = sum;
        if ran_over {
            self.over += if value > 0 { 1 } else { -1 };
        }
    }

    fn total(&self) -> kernels::Total {
        match (self.count, self.over) {
            (0, _) => kernels::Total::Empty,
            (count, 0) => kernels::Total::Is { sum: self.sum, count },
            _ => kernels::Total::Lost,
        }
    }
}

/// A sum a group of int64 or decimals. The state is the sum in two halves, how often it ran over, and the count.
#[derive(Debug)]
pub(super) struct Totals {
    argument: DataType,
    is_average: bool,
    answer: Answer,
    sums: Vec<Sum>,
}

impl Totals {
    pub(super) fn new(argument: DataType, is_average: bool, answer: Answer) -> Self {
        Self { argument, is_average, answer, sums: Vec::new() }
    }

    /// Gives the types of a state.
    pub(super) fn state_types() -> Vec<DataType> {
        vec![DataType::Int64, DataType::UInt64, DataType::Int64, DataType::UInt64]
    }
}

impl GroupsAccumulator for Totals {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        groups: &[usize],
        filter: Option<&BooleanArray>,
        group_count: usize,
    ) -> Result<()> {
        reach(&mut self.sums, group_count, Sum::default());
        let rows = Rows::of(values, filter);
        let mut add = |row: usize, value: i128| {
            let sum = &mut self.sums[groups[row]];
            sum.add(value);
            sum.count += 1;
        };
        let values = at(values, 0)?;
        match values.data_type() {
            DataType::Int64 => {
                let values = values.as_primitive::<Int64Type>();
                rows.for_each(|row| add(row, values.value(row).into()));
            }
            DataType::Decimal128(..) => {
                let values = values.as_primitive::<Decimal128Type>();
                rows.for_each(|row| add(row, values.value(row)));
            }
            other => return internal_err!("{other} cannot be summed"),
        }
        Ok(())
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let sums = emit_to.take_needed(&mut self.sums);
        let totals = sums.iter().map(Sum::total);
        self.answer.of(sums.len(), |lost| match self.is_average {
            true => kernels::averages_of(&self.argument, totals, lost),
            false => kernels::sums_of(&self.argument, totals, lost),
        })
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        let sums = emit_to.take_needed(&mut self.sums);
        Ok(vec![
            Arc::new(sums.iter().map(|sum| (sum.sum >> 64) as i64).collect::<Int64Array>()),
            Arc::new(sums.iter().map(|sum| sum.sum as u64).collect::<UInt64Array>()),
            Arc::new(sums.iter().map(|sum| sum.over).collect::<Int64Array>()),
            Arc::new(sums.iter().map(|sum| sum.count).collect::<UInt64Array>()),
        ])
    }

    fn merge_batch(&mut self, states: &[ArrayRef], groups: &[usize], group_count: usize) -> Result<()> {
        reach(&mut self.sums, group_count, Sum::default());
        let (high, low) = (at(states, 0)?.as_primitive::<Int64Type>(), at(states, 1)?.as_primitive::<UInt64Type>());
        let (over, count) = (at(states, 2)?.as_primitive::<Int64Type>(), at(states, 3)?.as_primitive::<UInt64Type>());
        for (row, group) in groups.iter().enumerate() {
            let sum = &mut self.sums[*group];
            sum.add(i128::from(high.value(row)) << 64 | i128::from(low.value(row)));
            sum.over += over.value(row);
            sum.count += count.value(row);
        }
        Ok(())
    }

    fn convert_to_state(&self, values: &[ArrayRef], filter: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        states_of_rows(Self::new(self.argument.clone(), self.is_average, self.answer.clone()), values, filter)
    }

    fn size(&self) -> usize {
        self.sums.capacity() * size_of::<Sum>()
    }
}
