//! Aggregates that follow the frame: each row enters once and leaves once, so the work is linear in the rows.

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, DynComparator, make_comparator};
use arrow::buffer::BooleanBuffer;
use arrow::compute::SortOptions;
use datafusion_common::Result;
use std::cmp::Ordering;
use std::collections::VecDeque;

use super::boundaries::Chunk;
use super::frames::Frames;
use super::plan::WindowCall;
use super::sort::{ASCENDING, Order};

/// What is known of the rows that a frame has now.
pub(super) trait Sliding {
    type Value;

    fn add(&mut self, row: usize);

    /// Takes back the row that was added first.
    fn remove(&mut self, row: usize);

    /// Forgets all rows at once; gives false if it can only remove them one by one.
    fn clear(&mut self) -> bool {
        false
    }

    fn value(&self) -> Self::Value;
}

/// Gives the value of each frame.
pub(super) fn slide<S: Sliding>(mut state: S, frames: &Frames, counted: &Counted) -> Vec<S::Value> {
    let mut values: Vec<S::Value> = Vec::with_capacity(frames.len());
    let (mut start, mut end) = (0, 0);
    for frame in frames.iter() {
        if frame.start >= end {
            if !state.clear() {
                (start..end).filter(|row| counted.has(*row)).for_each(|row| state.remove(row));
            }
            (start, end) = (frame.start, frame.start);
        }
        (start..frame.start).filter(|row| counted.has(*row)).for_each(|row| state.remove(row));
        (end..frame.end).filter(|row| counted.has(*row)).for_each(|row| state.add(row));
        (start, end) = (frame.start, frame.end);
        values.push(state.value());
    }
    values
}

/// The rows on which an aggregate looks: its arguments are not null, its filter is true.
#[derive(Debug)]
pub(super) struct Counted(Option<BooleanBuffer>);

impl Counted {
    pub(super) fn new(chunk: &Chunk, call: &WindowCall) -> Self {
        let nulls = call.arguments.iter().filter_map(|column| chunk.rows.column(*column).logical_nulls());
        let known = nulls.map(|nulls| nulls.into_inner()).reduce(|a, b| &a & &b);
        let passes = call.filter.map(|filter| {
            let truths = chunk.rows.column(filter).as_boolean();
            truths.nulls().map_or_else(|| truths.values().clone(), |nulls| truths.values() & nulls.inner())
        });
        Self(match (known, passes) {
            (Some(known), Some(passes)) => Some(&known & &passes),
            (known, passes) => known.or(passes),
        })
    }

    pub(super) fn has(&self, row: usize) -> bool {
        self.0.as_ref().is_none_or(|counted| counted.value(row))
    }
}

/// How many rows.
#[derive(Debug, Default)]
pub(super) struct Count(i64);

impl Sliding for Count {
    type Value = i64;

    fn add(&mut self, _: usize) {
        self.0 += 1;
    }

    fn remove(&mut self, _: usize) {
        self.0 -= 1;
    }

    fn clear(&mut self) -> bool {
        self.0 = 0;
        true
    }

    fn value(&self) -> i64 {
        self.0
    }
}

/// How many different values.
#[derive(Debug)]
pub(super) struct Different {
    /// The same number for rows of a partition with equal values.
    kinds: Vec<u32>,
    /// How often the frame has each.
    held: Vec<u32>,
    different: i64,
}

impl Different {
    pub(super) fn new(chunk: &Chunk, values: &ArrayRef) -> Result<Self> {
        let mut order = Order::within(chunk.len(), chunk.partitions().map(|partition| partition.rows.start).collect());
        order.refine(values, ASCENDING)?;
        let mut kinds = vec![0; chunk.len()];
        for (kind, start) in order.runs.iter().enumerate() {
            let end = order.runs.get(kind + 1).copied().unwrap_or(kinds.len());
            order.rows[*start..end].iter().for_each(|row| kinds[*row as usize] = kind as u32);
        }
        Ok(Self { kinds, held: vec![0; order.runs.len()], different: 0 })
    }
}

impl Sliding for Different {
    type Value = i64;

    fn add(&mut self, row: usize) {
        let held = &mut self.held[self.kinds[row] as usize];
        self.different += i64::from(*held == 0);
        *held += 1;
    }

    fn remove(&mut self, row: usize) {
        let held = &mut self.held[self.kinds[row] as usize];
        *held -= 1;
        self.different -= i64::from(*held == 0);
    }

    fn value(&self) -> i64 {
        self.different
    }
}

/// Where the smallest or largest value stands.
pub(super) struct Extreme {
    compare: DynComparator,
    wanted: Ordering,
    /// Rows that may yet be it: each is better than all behind it.
    held: VecDeque<usize>,
}

impl Extreme {
    /// Looks for the smallest (`Ordering::Less`) or the largest value.
    pub(super) fn new(values: &ArrayRef, wanted: Ordering) -> Result<Self> {
        Ok(Self { compare: make_comparator(values, values, SortOptions::default())?, wanted, held: VecDeque::new() })
    }
}

impl Sliding for Extreme {
    type Value = Option<u32>;

    fn add(&mut self, row: usize) {
        while let Some(last) = self.held.back()
            && (self.compare)(*last, row) != self.wanted
        {
            self.held.pop_back();
        }
        self.held.push_back(row);
    }

    fn remove(&mut self, row: usize) {
        if self.held.front() == Some(&row) {
            self.held.pop_front();
        }
    }

    fn clear(&mut self) -> bool {
        self.held.clear();
        true
    }

    fn value(&self) -> Option<u32> {
        self.held.front().map(|row| *row as u32)
    }
}

/// Whether all or some are true.
#[derive(Debug)]
pub(super) struct Truth<'a> {
    values: &'a BooleanArray,
    /// Whether all have to be.
    all: bool,
    are_true: usize,
    are_false: usize,
}

impl<'a> Truth<'a> {
    pub(super) fn new(values: &'a ArrayRef, all: bool) -> Self {
        Self { values: values.as_boolean(), all, are_true: 0, are_false: 0 }
    }

    fn side(&mut self, row: usize) -> &mut usize {
        if self.values.value(row) { &mut self.are_true } else { &mut self.are_false }
    }
}

impl Sliding for Truth<'_> {
    type Value = Option<bool>;

    fn add(&mut self, row: usize) {
        *self.side(row) += 1;
    }

    fn remove(&mut self, row: usize) {
        *self.side(row) -= 1;
    }

    fn clear(&mut self) -> bool {
        (self.are_true, self.are_false) = (0, 0);
        true
    }

    fn value(&self) -> Option<bool> {
        let is_true = if self.all { self.are_false == 0 } else { self.are_true > 0 };
        (self.are_true + self.are_false > 0).then_some(is_true)
    }
}
