//! The order of rows, column by column: each column splits the runs that all before it left equal.
//!
//! Most runs are short after the first column (a customer), so a run is sorted by itself with its keys beside it, and what
//! is alone is not looked at again.

use arrow::array::{Array, ArrayRef, ArrowPrimitiveType, AsArray, RecordBatch, make_comparator};
use arrow::buffer::NullBuffer;
use arrow::compute::SortOptions;
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Float64Type, Int32Type, Int64Type, TimeUnit, TimestampMicrosecondType,
    UInt32Type, UInt64Type,
};
use datafusion_common::Result;
use std::cmp::Reverse;

use super::plan::WindowPlan;

/// What is not said to be ordered otherwise.
pub(super) const ASCENDING: SortOptions = SortOptions { descending: false, nulls_first: false };

/// Rows in an order, as far as it is known.
#[derive(Debug)]
pub(super) struct Order {
    pub(super) rows: Vec<u32>,
    /// Where runs of equal rows begin.
    pub(super) runs: Vec<usize>,
}

/// Sorts rows by partition, order, what breaks ties, and all other columns; gives also where partitions begin.
///
/// All is sorted by, whatever is asked: what comes out is then a function of the set of rows.
pub(super) fn sort(rows: &RecordBatch, plan: &WindowPlan) -> Result<(Vec<u32>, Vec<usize>)> {
    let mut order = Order::new(rows.num_rows());
    for column in &plan.partition {
        order.refine(rows.column(*column), ASCENDING)?;
    }
    let partitions = order.runs.clone();
    for (column, options) in after_partition(plan, rows.num_columns()) {
        order.refine(rows.column(column), options)?;
    }
    Ok((order.rows, partitions))
}

/// Gives what rows of a partition are sorted by.
pub(super) fn after_partition(plan: &WindowPlan, columns: usize) -> Vec<(usize, SortOptions)> {
    let mut keys = plan.order.clone();
    for column in plan.ties.iter().copied().chain(0..columns) {
        if !plan.partition.contains(&column) && keys.iter().all(|(key, _)| *key != column) {
            keys.push((column, ASCENDING));
        }
    }
    keys
}

impl Order {
    /// Starts with all rows in one run.
    pub(super) fn new(rows: usize) -> Self {
        Self::within(rows, if rows == 0 { Vec::new() } else { vec![0] })
    }

    /// Starts with runs of rows that stand together already.
    pub(super) fn within(rows: usize, runs: Vec<usize>) -> Self {
        Self { rows: (0..rows as u32).collect(), runs }
    }

    /// Sorts each run by a column and splits it where the column differs.
    pub(super) fn refine(&mut self, column: &ArrayRef, options: SortOptions) -> Result<()> {
        if self.runs.len() == self.rows.len() {
            return Ok(());
        }
        match column.data_type() {
            DataType::Null => {}
            DataType::UInt32 if self.count(column, options) => {}
            DataType::UInt32 => self.by_number::<UInt32Type>(column, options),
            DataType::UInt64 => self.by_number::<UInt64Type>(column, options),
            DataType::Int32 => self.by_number::<Int32Type>(column, options),
            DataType::Int64 => self.by_number::<Int64Type>(column, options),
            DataType::Decimal128(..) => self.by_number::<Decimal128Type>(column, options),
            DataType::Date32 => self.by_number::<Date32Type>(column, options),
            DataType::Timestamp(TimeUnit::Microsecond, _) => {
                self.by_number::<TimestampMicrosecondType>(column, options);
            }
            DataType::Float64 => {
                let values = column.as_primitive::<Float64Type>().values();
                self.by(|row| risen(values[row]), column.logical_nulls(), options);
            }
            DataType::Boolean => {
                let values = column.as_boolean();
                self.by(|row| values.value(row), column.logical_nulls(), options);
            }
            DataType::Utf8 => {
                let values = column.as_string::<i32>();
                self.by(|row| values.value(row), column.logical_nulls(), options);
            }
            _ => self.compared(column, options)?,
        }
        Ok(())
    }

    fn by_number<T: ArrowPrimitiveType>(&mut self, column: &ArrayRef, options: SortOptions)
    where
        T::Native: Ord,
    {
        let values = column.as_primitive::<T>().values();
        self.by(|row| values[row], column.logical_nulls(), options);
    }

    /// Sorts all rows by small numbers such as the ordinals of customers, by counting; says whether it did.
    fn count(&mut self, column: &ArrayRef, options: SortOptions) -> bool {
        let values = column.as_primitive::<UInt32Type>();
        let largest = values.values().iter().copied().max().unwrap_or(0) as usize;
        let is_small = largest < values.len().saturating_mul(4);
        if self.runs.len() != 1 || options.descending || values.null_count() > 0 || !is_small {
            return false;
        }
        let mut next = vec![0_usize; largest + 2];
        for value in values.values() {
            next[*value as usize + 1] += 1;
        }
        self.runs.clear();
        for value in 0..=largest {
            if next[value + 1] > 0 {
                self.runs.push(next[value]);
            }
            next[value + 1] += next[value];
        }
        let mut sorted = vec![0_u32; self.rows.len()];
        for row in &self.rows {
            let place = &mut next[values.value(*row as usize) as usize];
            sorted[*place] = *row;
            *place += 1;
        }
        self.rows = sorted;
        true
    }

    fn by<K: Ord + Copy>(&mut self, key: impl Fn(usize) -> K, nulls: Option<NullBuffer>, options: SortOptions) {
        let (mut held, mut without): (Vec<(K, u32)>, Vec<u32>) = (Vec::new(), Vec::new());
        self.each(|run, start, runs| {
            held.clear();
            without.clear();
            held.reserve(run.len());
            for &row in run.iter() {
                match &nulls {
                    Some(nulls) if nulls.is_null(row as usize) => without.push(row),
                    _ => held.push((key(row as usize), row)),
                }
            }
            match options.descending {
                false => held.sort_unstable_by_key(|(key, _)| *key),
                true => held.sort_unstable_by_key(|(key, _)| Reverse(*key)),
            }
            let (first, first_null) = if options.nulls_first { (without.len(), 0) } else { (0, held.len()) };
            run[first_null..][..without.len()].copy_from_slice(&without);
            for (place, (_, row)) in run[first..].iter_mut().zip(&held) {
                *place = *row;
            }
            if first > 0 && !held.is_empty() {
                runs.push(start + first);
            }
            let splits = held.windows(2).enumerate().filter(|(_, pair)| pair[0].0 != pair[1].0);
            runs.extend(splits.map(|(i, _)| start + first + i + 1));
            if first_null > 0 && !without.is_empty() {
                runs.push(start + first_null);
            }
        });
    }

    /// As [`Self::by`], for all types that have an order.
    fn compared(&mut self, column: &ArrayRef, options: SortOptions) -> Result<()> {
        let compare = make_comparator(column, column, options)?;
        self.each(|run, start, runs| {
            run.sort_unstable_by(|a, b| compare(*a as usize, *b as usize));
            let is_split = |pair: &[u32]| compare(pair[0] as usize, pair[1] as usize).is_ne();
            let splits = run.windows(2).enumerate().filter(|(_, pair)| is_split(pair));
            runs.extend(splits.map(|(i, _)| start + i + 1));
        });
        Ok(())
    }

    /// Hands out each run of more than one row, with its start, and a place for the starts that it splits into.
    fn each(&mut self, mut split: impl FnMut(&mut [u32], usize, &mut Vec<usize>)) {
        let mut runs = Vec::with_capacity(self.runs.len());
        for (i, start) in self.runs.iter().copied().enumerate() {
            let end = self.runs.get(i + 1).copied().unwrap_or(self.rows.len());
            runs.push(start);
            if end - start > 1 {
                split(&mut self.rows[start..end], start, &mut runs);
            }
        }
        self.runs = runs;
    }
}

/// Maps floats to numbers of the same order; both zeros are one.
fn risen(value: f64) -> i64 {
    let bits = (value + 0.0).to_bits() as i64;
    bits ^ ((bits >> 63) as u64 >> 1) as i64
}
