//! Different values of a group.

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, FixedSizeBinaryArray, Int64Array};
use arrow::buffer::Buffer;
use arrow::datatypes::DataType;
use datafusion_common::{Result, exec_datafusion_err, internal_err};
use datafusion_expr::{EmitTo, GroupsAccumulator};
use std::sync::Arc;
use xxhash_rust::xxh3::xxh3_128;

use super::answer::{at, engine_error};
use super::lists::{lists, opened};
use super::rows::{Rows, reach, states_of_rows};
use crate::expression::aggregate_kernels as kernels;

/// Bytes of a value's key: the value itself, or the hash of a long text.
const KEY: i32 = 16;

/// Keys that wait before they are sorted: a shard of usual size is sorted once, for 10 MB.
const WAITING: usize = 1 << 19;

/// Different values of all groups. The state is the sorted keys of each group.
///
/// Keys are collected and now and then sorted by group: mostly a group has a handful of them, and going through them one by one is
/// faster than a set of all, which fits no cache.
#[derive(Debug, Default)]
pub(super) struct Distinct {
    /// Where the keys of each group end.
    ends: Vec<usize>,
    /// Different keys, sorted, a group behind the other.
    keys: Vec<u128>,
    /// Keys that are not among them yet.
    waiting: Vec<u128>,
    /// Their groups.
    groups: Vec<u32>,
}

impl Distinct {
    /// Gives the type of a key in a state.
    pub(super) fn key_type() -> DataType {
        DataType::FixedSizeBinary(KEY)
    }

    fn add(&mut self, group: usize, key: u128) {
        self.waiting.push(key);
        self.groups.push(group as u32);
    }

    fn reach(&mut self, group_count: usize) -> Result<()> {
        u32::try_from(group_count).map_err(|_| exec_datafusion_err!("an aggregate has too many groups"))?;
        reach(&mut self.ends, group_count, self.keys.len());
        Ok(())
    }

    /// Sorts what waits, if that has become much.
    fn settle_some(&mut self) {
        if self.waiting.len() >= WAITING.max(self.keys.len()) {
            self.settle();
        }
    }

    /// Sorts what waits among the other keys of its group, each once.
    fn settle(&mut self) {
        if self.waiting.is_empty() {
            return;
        }
        // Where the next key of a group goes: behind those that it has.
        let mut next = vec![0; self.ends.len()];
        for group in &self.groups {
            next[*group as usize] += 1;
        }
        let (mut start, mut before) = (0, 0);
        let mut all = vec![0; self.keys.len() + self.waiting.len()];
        for (next, end) in next.iter_mut().zip(&self.ends) {
            let old = &self.keys[before..*end];
            all[start..start + old.len()].copy_from_slice(old);
            let first = start + old.len();
            start = first + *next;
            *next = first;
            before = *end;
        }
        for (group, key) in self.groups.drain(..).zip(self.waiting.drain(..)) {
            let place = &mut next[group as usize];
            all[*place] = key;
            *place += 1;
        }
        let (mut start, mut kept) = (0, 0);
        for (end, new_end) in next.into_iter().zip(&mut self.ends) {
            all[start..end].sort_unstable();
            let first = kept;
            for at in start..end {
                if kept == first || all[kept - 1] != all[at] {
                    all[kept] = all[at];
                    kept += 1;
                }
            }
            (start, *new_end) = (end, kept);
        }
        all.truncate(kept);
        self.keys = all;
    }

    /// Takes the keys of the first groups out, and counts the others from 0 on; gives how many each has.
    fn take(&mut self, emit_to: EmitTo) -> (Vec<u128>, Vec<usize>) {
        self.settle();
        let ends = emit_to.take_needed(&mut self.ends);
        let last = ends.last().copied().unwrap_or_default();
        let left = self.keys.split_off(last);
        let taken = std::mem::replace(&mut self.keys, left);
        self.ends.iter_mut().for_each(|end| *end -= last);
        if self.ends.is_empty() {
            *self = Self::default();
        }
        let mut before = 0;
        let counts = ends.into_iter().map(|end| end - std::mem::replace(&mut before, end));
        (taken, counts.collect())
    }

    /// Adds values of one column.
    fn update(&mut self, values: &ArrayRef, groups: &[usize], rows: &Rows) -> Result<()> {
        let key = kernels::keys(values).map_err(engine_error)?;
        let Some(texts) = values.as_string_opt::<i32>() else {
            rows.for_each(|row| self.add(groups[row], key(row)));
            return Ok(());
        };
        // Rows of one thing mostly stand together, such as the lines of an order: the second one adds nothing.
        let mut before = None;
        rows.for_each(|row| {
            let is_same = |other: usize| groups[other] == groups[row] && texts.value(other) == texts.value(row);
            if !before.is_some_and(is_same) {
                self.add(groups[row], kernels::text_key(texts.value(row)));
                before = Some(row);
            }
        });
        Ok(())
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
        let rows = Rows::of(values, filter);
        match values {
            [values] => self.update(values, groups, &rows)?,
            several => {
                let keys: std::result::Result<Vec<_>, _> = several.iter().map(kernels::keys).collect();
                let keys = keys.map_err(engine_error)?;
                let mut together = Vec::with_capacity(keys.len() * KEY as usize);
                rows.for_each(|row| {
                    together.clear();
                    keys.iter().for_each(|key| together.extend_from_slice(&key(row).to_be_bytes()));
                    self.add(groups[row], xxh3_128(&together));
                });
            }
        }
        self.settle_some();
        Ok(())
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let (_, counts) = self.take(emit_to);
        Ok(Arc::new(counts.into_iter().map(|count| Some(count as i64)).collect::<Int64Array>()))
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        let (taken, counts) = self.take(emit_to);
        let bytes: Vec<u8> = taken.iter().flat_map(|key| key.to_be_bytes()).collect();
        let keys = FixedSizeBinaryArray::try_new(KEY, Buffer::from_vec(bytes), None)?;
        Ok(vec![lists(counts.into_iter(), Arc::new(keys))?])
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
            self.settle_some();
        }
        Ok(())
    }

    fn convert_to_state(&self, values: &[ArrayRef], filter: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        states_of_rows(Self::default(), values, filter)
    }

    fn size(&self) -> usize {
        // What is sorted is there twice while it is.
        let keys = 2 * self.keys.capacity() + 2 * self.waiting.capacity();
        keys * size_of::<u128>()
            + self.groups.capacity() * size_of::<u32>()
            + 2 * self.ends.capacity() * size_of::<usize>()
    }
}
