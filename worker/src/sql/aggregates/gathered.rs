//! Keys of different values, gathered by group.

use arrow::array::{ArrayRef, AsArray, FixedSizeBinaryArray};
use arrow::buffer::Buffer;
use arrow::datatypes::DataType;
use datafusion_common::{Result, exec_datafusion_err, internal_err};
use datafusion_expr::EmitTo;
use std::sync::Arc;
use xxhash_rust::xxh3::xxh3_128;

use super::answer::engine_error;
use super::rows::{Rows, reach};
use crate::expression::aggregate_kernels as kernels;

/// Bytes of a value's key: the value itself, or the hash of a long text.
const KEY: i32 = 16;

/// Keys that wait before they are sorted: a shard of usual size is sorted once, for 10 MB.
const WAITING: usize = 1 << 19;

/// A key, with what is known of its value.
pub(super) trait Entry: Copy + Ord + std::fmt::Debug {
    /// Stands where there is none yet.
    const NONE: Self;

    /// Adds another of the same key; gives false, and adds nothing, where it is of another.
    fn absorb(&mut self, other: Self) -> bool;
}

impl Entry for u128 {
    const NONE: Self = 0;

    fn absorb(&mut self, other: Self) -> bool {
        *self == other
    }
}

/// Entries of all groups, one a key.
///
/// They are collected and now and then sorted by group: mostly a group has a handful of them, and going through them one by one is
/// faster than a set of all, which fits no cache.
#[derive(Debug)]
pub(super) struct Gathered<E> {
    /// Where the entries of each group end.
    ends: Vec<usize>,
    /// Sorted, each key once, a group behind the other.
    entries: Vec<E>,
    /// Those that are not among them yet.
    waiting: Vec<E>,
    /// Their groups.
    groups: Vec<u32>,
}

impl<E> Default for Gathered<E> {
    fn default() -> Self {
        Self { ends: Vec::new(), entries: Vec::new(), waiting: Vec::new(), groups: Vec::new() }
    }
}

impl<E: Entry> Gathered<E> {
    pub(super) fn add(&mut self, group: usize, entry: E) {
        self.waiting.push(entry);
        self.groups.push(group as u32);
    }

    pub(super) fn reach(&mut self, group_count: usize) -> Result<()> {
        u32::try_from(group_count).map_err(|_| exec_datafusion_err!("an aggregate has too many groups"))?;
        reach(&mut self.ends, group_count, self.entries.len());
        Ok(())
    }

    /// Sorts what waits, if that has become much.
    pub(super) fn settle_some(&mut self) {
        // A quarter: what waits is there beside what is sorted, and sorting it again and again takes no more than five times as long.
        if self.waiting.len() >= WAITING.max(self.entries.len() / 4) {
            self.settle();
        }
    }

    /// Sorts what waits among the other entries of its group, a key once.
    fn settle(&mut self) {
        if self.waiting.is_empty() {
            return;
        }
        if let [end] = self.ends.as_mut_slice() {
            // One group, such as a customer with millions of rows, needs no second copy.
            self.entries.reserve_exact(self.waiting.len());
            self.entries.append(&mut self.waiting);
            self.groups.clear();
            self.entries.sort_unstable();
            self.entries.dedup_by(|next, kept| kept.absorb(*next));
            *end = self.entries.len();
            return;
        }
        // Where the next entry of a group goes: behind those that it has.
        let mut next = vec![0; self.ends.len()];
        for group in &self.groups {
            next[*group as usize] += 1;
        }
        let (mut start, mut before) = (0, 0);
        let mut all = vec![E::NONE; self.entries.len() + self.waiting.len()];
        for (next, end) in next.iter_mut().zip(&self.ends) {
            let old = &self.entries[before..*end];
            all[start..start + old.len()].copy_from_slice(old);
            let first = start + old.len();
            start = first + *next;
            *next = first;
            before = *end;
        }
        for (group, entry) in self.groups.drain(..).zip(self.waiting.drain(..)) {
            let place = &mut next[group as usize];
            all[*place] = entry;
            *place += 1;
        }
        let (mut start, mut kept) = (0, 0);
        for (end, new_end) in next.into_iter().zip(&mut self.ends) {
            all[start..end].sort_unstable();
            let first = kept;
            for at in start..end {
                let entry = all[at];
                if kept == first || !all[kept - 1].absorb(entry) {
                    all[kept] = entry;
                    kept += 1;
                }
            }
            (start, *new_end) = (end, kept);
        }
        all.truncate(kept);
        self.entries = all;
    }

    /// Takes the entries of the first groups out, and counts the others from 0 on; gives how many each has.
    pub(super) fn take(&mut self, emit_to: EmitTo) -> (Vec<E>, Vec<usize>) {
        self.settle();
        let ends = emit_to.take_needed(&mut self.ends);
        let last = ends.last().copied().unwrap_or_default();
        let left = self.entries.split_off(last);
        let taken = std::mem::replace(&mut self.entries, left);
        self.ends.iter_mut().for_each(|end| *end -= last);
        if self.ends.is_empty() {
            *self = Self::default();
        }
        let mut before = 0;
        let counts = ends.into_iter().map(|end| end - std::mem::replace(&mut before, end));
        (taken, counts.collect())
    }

    pub(super) fn size(&self) -> usize {
        // What is sorted is there twice while it is, but for a single group.
        let times = if self.ends.len() > 1 { 2 } else { 1 };
        times * (self.entries.capacity() + self.waiting.capacity()) * size_of::<E>()
            + self.groups.capacity() * size_of::<u32>()
            + 2 * self.ends.capacity() * size_of::<usize>()
    }
}

/// Visits the keys of the rows that count, with their places: of several columns the key of their values together.
pub(super) fn each_key(values: &[ArrayRef], rows: &Rows, mut visit: impl FnMut(usize, u128)) -> Result<()> {
    match values {
        [values] => {
            let key = kernels::keys(values).map_err(engine_error)?;
            rows.for_each(|row| visit(row, key(row)));
        }
        several => {
            let keys: std::result::Result<Vec<_>, _> = several.iter().map(kernels::keys).collect();
            let keys = keys.map_err(engine_error)?;
            let mut together = Vec::with_capacity(keys.len() * KEY as usize);
            rows.for_each(|row| {
                together.clear();
                keys.iter().for_each(|key| together.extend_from_slice(&key(row).to_be_bytes()));
                visit(row, xxh3_128(&together));
            });
        }
    }
    Ok(())
}

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
