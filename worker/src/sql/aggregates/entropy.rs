//! How evenly the rows of a group are spread over its values.

use arrow::array::{ArrayRef, AsArray, BooleanArray, Float64Array, UInt64Array};
use arrow::datatypes::{DataType, UInt64Type};
use datafusion_common::Result;
use datafusion_expr::{EmitTo, GroupsAccumulator};
use std::sync::Arc;

use super::answer::{Answer, at};
use super::gathered::{Entry, Gathered, column_of_keys, each_key, key_type, keys_of_column};
use super::lists::{list_type, lists, opened};
use super::rows::{Rows, states_of_rows};
use crate::expression::{FloatSum, aggregate_kernels as kernels};

/// How often each value of all groups is there. The state is the sorted keys of each group with their rows.
#[derive(Debug)]
pub(super) struct Entropy {
    answer: Answer,
    gathered: Gathered<Counted>,
}

/// A key and how many rows have it. The halves of the key, since 16 bytes in one would make 32 of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Counted {
    high: u64,
    low: u64,
    rows: u64,
}

impl Counted {
    fn new(key: u128, rows: u64) -> Self {
        Self { high: (key >> 64) as u64, low: key as u64, rows }
    }

    fn key(self) -> u128 {
        u128::from(self.high) << 64 | u128::from(self.low)
    }
}

impl Entry for Counted {
    const NONE: Self = Self { high: 0, low: 0, rows: 0 };

    fn absorb(&mut self, other: Self) -> bool {
        let is_same = self.key() == other.key();
        self.rows += if is_same { other.rows } else { 0 };
        is_same
    }
}

impl Entropy {
    pub(super) fn new(answer: Answer) -> Self {
        Self { answer, gathered: Gathered::default() }
    }

    pub(super) fn state_types() -> Vec<DataType> {
        vec![list_type(key_type()), list_type(DataType::UInt64)]
    }
}

impl GroupsAccumulator for Entropy {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        groups: &[usize],
        filter: Option<&BooleanArray>,
        group_count: usize,
    ) -> Result<()> {
        self.gathered.reach(group_count)?;
        let rows = Rows::of(values, filter);
        each_key(values, &rows, |row, key| self.gathered.add(groups[row], Counted::new(key, 1)))?;
        self.gathered.settle_some();
        Ok(())
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let (taken, lengths) = self.gathered.take(emit_to);
        let (mut rest, mut sum) = (taken.as_slice(), FloatSum::default());
        self.answer.of(lengths.len(), |_| {
            let entropies = lengths.into_iter().map(|length| {
                let (own, others) = rest.split_at(length);
                rest = others;
                kernels::entropy_of(own.iter().map(|counted| counted.rows), &mut sum)
            });
            Ok(Arc::new(entropies.collect::<Float64Array>()))
        })
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        let (taken, lengths) = self.gathered.take(emit_to);
        let keys = column_of_keys(taken.iter().map(|counted| counted.key()))?;
        let rows = UInt64Array::from_iter_values(taken.iter().map(|counted| counted.rows));
        Ok(vec![lists(lengths.iter().copied(), keys)?, lists(lengths.iter().copied(), Arc::new(rows))?])
    }

    fn merge_batch(&mut self, states: &[ArrayRef], groups: &[usize], group_count: usize) -> Result<()> {
        self.gathered.reach(group_count)?;
        let (ranges, keys) = opened(at(states, 0)?);
        let (key, rows) = (keys_of_column(keys)?, opened(at(states, 1)?).1.as_primitive::<UInt64Type>());
        for (group, range) in groups.iter().zip(ranges) {
            range.for_each(|place| self.gathered.add(*group, Counted::new(key(place), rows.value(place))));
            self.gathered.settle_some();
        }
        Ok(())
    }

    fn convert_to_state(&self, values: &[ArrayRef], filter: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        states_of_rows(Self::new(self.answer.clone()), values, filter)
    }

    fn size(&self) -> usize {
        self.gathered.size()
    }
}
