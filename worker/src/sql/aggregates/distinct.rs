//! Different values of a group.

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, FixedSizeBinaryArray, Int64Array};
use arrow::buffer::Buffer;
use arrow::datatypes::DataType;
use datafusion_common::{Result, exec_datafusion_err, internal_err};
use datafusion_expr::{EmitTo, GroupsAccumulator};
use hashbrown::HashSet;
use std::sync::Arc;

use super::answer::{at, engine_error};
use super::lists::{lists, opened};
use super::rows::{Rows, reach, states_of_rows};
use crate::expression::aggregate_kernels as kernels;

/// Bytes of a value's key.
const KEY: i32 = 16;

/// A value of a group, by its key of 128 bits: the value itself, or the hash of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Seen {
    group: u32,
    high: u64,
    low: u64,
}

/// One set of the values of all groups. The state is the sorted keys of each group.
#[derive(Debug, Default)]
pub(super) struct Distinct {
    seen: HashSet<Seen>,
    counts: Vec<i64>,
}

impl Distinct {
    /// Gives the type of a key in a state.
    pub(super) fn key_type() -> DataType {
        DataType::FixedSizeBinary(KEY)
    }

    fn add(&mut self, group: usize, key: u128) {
        let seen = Seen { group: group as u32, high: (key >> 64) as u64, low: key as u64 };
        self.counts[group] += i64::from(self.seen.insert(seen));
    }

    fn reach(&mut self, group_count: usize) -> Result<()> {
        u32::try_from(group_count).map_err(|_| exec_datafusion_err!("an aggregate has too many groups"))?;
        reach(&mut self.counts, group_count, 0);
        Ok(())
    }

    /// Takes the first groups out, and counts the others from 0 on.
    fn take(&mut self, emit_to: EmitTo) -> (Vec<Seen>, Vec<i64>) {
        let counts = emit_to.take_needed(&mut self.counts);
        let (taken, left): (Vec<Seen>, Vec<Seen>) =
            std::mem::take(&mut self.seen).into_iter().partition(|seen| (seen.group as usize) < counts.len());
        let moved = left.into_iter().map(|seen| Seen { group: seen.group - counts.len() as u32, ..seen });
        self.seen = moved.collect();
        (taken, counts)
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
        self.reach(group_count)?;
        let key = kernels::keys(at(values, 0)?).map_err(engine_error)?;
        Rows::of(values, filter).for_each(|row| self.add(groups[row], key(row)));
        Ok(())
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let counts = if emit_to == EmitTo::All {
            self.seen = HashSet::default();
            std::mem::take(&mut self.counts)
        } else {
            self.take(emit_to).1
        };
        Ok(Arc::new(Int64Array::from(counts)))
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        let (mut taken, counts) = self.take(emit_to);
        taken.sort_unstable();
        let mut bytes = Vec::with_capacity(taken.len() * KEY as usize);
        for seen in &taken {
            bytes.extend_from_slice(&seen.high.to_be_bytes());
            bytes.extend_from_slice(&seen.low.to_be_bytes());
        }
        let keys = FixedSizeBinaryArray::try_new(KEY, Buffer::from_vec(bytes), None)?;
        Ok(vec![lists(counts.into_iter().map(|count| count as usize), Arc::new(keys))?])
    }

    fn merge_batch(&mut self, states: &[ArrayRef], groups: &[usize], group_count: usize) -> Result<()> {
        self.reach(group_count)?;
        let (ranges, keys) = opened(at(states, 0)?);
        if keys.data_type() != &Self::key_type() {
            return internal_err!("keys of different values are {}", keys.data_type());
        }
        let keys = keys.as_fixed_size_binary();
        for (group, range) in groups.iter().zip(ranges) {
            for place in range {
                let mut key = [0; KEY as usize];
                key.copy_from_slice(keys.value(place));
                self.add(*group, u128::from_be_bytes(key));
            }
        }
        Ok(())
    }

    fn convert_to_state(&self, values: &[ArrayRef], filter: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        states_of_rows(Self::default(), values, filter)
    }

    fn size(&self) -> usize {
        self.seen.allocation_size() + self.counts.capacity() * size_of::<i64>()
    }
}
