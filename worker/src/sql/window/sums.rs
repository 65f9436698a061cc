//! Sums and averages that follow the frame, exact: what leaves takes away precisely what it brought.

use arrow::array::{ArrayRef, AsArray, BooleanArray, Float64Array};
use arrow::datatypes::{DataType, Decimal128Type, Float64Type, Int64Type};
use datafusion_common::Result;
use std::sync::Arc;

use super::check::{bug, through};
use super::frames::Frames;
use super::sliding::{Counted, Sliding, slide};
use crate::expression::FloatSum;
use crate::expression::aggregate_kernels::{Total, averages_of, sums_of};

/// Sums each frame; gives also where the sum is too large.
pub(super) fn sum(values: &ArrayRef, frames: &Frames, counted: &Counted) -> Result<(ArrayRef, BooleanArray)> {
    if *values.data_type() == DataType::Float64 {
        return Ok(floats(values, frames, counted, |sum, _| sum));
    }
    let (totals, mut lost) = totals(values, frames, counted)?;
    let sums = sums_of(values.data_type(), totals.into_iter(), &mut |frame| lost[frame] = true);
    Ok((sums.map_err(through)?, BooleanArray::from(lost)))
}

/// Averages each frame; gives also where the average cannot be known.
pub(super) fn average(values: &ArrayRef, frames: &Frames, counted: &Counted) -> Result<(ArrayRef, BooleanArray)> {
    if *values.data_type() == DataType::Float64 {
        return Ok(floats(values, frames, counted, |sum, count| sum / count as f64));
    }
    let (totals, mut lost) = totals(values, frames, counted)?;
    let averages = averages_of(values.data_type(), totals.into_iter(), &mut |frame| lost[frame] = true);
    Ok((averages.map_err(through)?, BooleanArray::from(lost)))
}

/// Gives the sums of whole numbers, and a place for each to say that it is lost.
fn totals(values: &ArrayRef, frames: &Frames, counted: &Counted) -> Result<(Vec<Total>, Vec<bool>)> {
    let totals = match values.data_type() {
        DataType::Int64 => {
            let values = values.as_primitive::<Int64Type>().values();
            slide(Whole::new(|row| i128::from(values[row])), frames, counted)
        }
        DataType::Decimal128(..) => {
            let values = values.as_primitive::<Decimal128Type>().values();
            slide(Whole::new(|row| values[row]), frames, counted)
        }
        other => return Err(bug(format!("{other} cannot be summed"))),
    };
    let lost = vec![false; totals.len()];
    Ok((totals, lost))
}

fn floats(
    values: &ArrayRef,
    frames: &Frames,
    counted: &Counted,
    finish: fn(f64, u64) -> f64,
) -> (ArrayRef, BooleanArray) {
    let values = values.as_primitive::<Float64Type>().values();
    let state = FloatTotal { values, finish, sum: FloatSum::default(), refused: 0, count: 0 };
    let sums = slide(state, frames, counted);
    let lost = sums.iter().map(|sum| matches!(sum, Outcome::Lost)).collect::<Vec<_>>();
    let values = sums.into_iter().map(|sum| if let Outcome::Is(sum) = sum { Some(sum) } else { None });
    (Arc::new(values.collect::<Float64Array>()), BooleanArray::from(lost))
}

/// What a frame's floats give.
#[derive(Debug, Clone, Copy)]
enum Outcome {
    /// No row.
    Nothing,
    Is(f64),
    Lost,
}

/// The sum of whole numbers, in two halves so that no order overflows on the way.
struct Whole<V> {
    value: V,
    low: i128,
    high: i128,
    count: u64,
}

impl<V: Fn(usize) -> i128> Whole<V> {
    fn new(value: V) -> Self {
        Self { value, low: 0, high: 0, count: 0 }
    }
}

impl<V: Fn(usize) -> i128> Sliding for Whole<V> {
    type Value = Total;

    fn add(&mut self, row: usize) {
        let value = (self.value)(row);
        self.low += value & i128::from(u64::MAX);
        self.high += value >> 64;
        self.count += 1;
    }

    fn remove(&mut self, row: usize) {
        let value = (self.value)(row);
        self.low -= value & i128::from(u64::MAX);
        self.high -= value >> 64;
        self.count -= 1;
    }

    fn clear(&mut self) -> bool {
        (self.low, self.high, self.count) = (0, 0, 0);
        true
    }

    fn value(&self) -> Total {
        if self.count == 0 {
            return Total::Empty;
        }
        let carried = self.high.checked_add(self.low >> 64).and_then(|high| high.checked_mul(1 << 64));
        match carried.and_then(|high| high.checked_add(self.low & i128::from(u64::MAX))) {
            Some(sum) => Total::Is { sum, count: self.count },
            None => Total::Lost,
        }
    }
}

/// The sum of floats. The parts of an exact sum take a negative value as well as a positive one, so that what is left after
/// a row has gone is exact too.
struct FloatTotal<'a> {
    values: &'a [f64],
    finish: fn(f64, u64) -> f64,
    sum: FloatSum,
    /// Rows that no sum takes.
    refused: u64,
    count: u64,
}

impl FloatTotal<'_> {
    fn is_refused(value: f64) -> bool {
        // Only what is near the limit is tried: a sum that is lost once stays so, and must not be the one of the frame.
        let is_near = value.is_nan() || value.abs() > 1e280;
        is_near && {
            let mut alone = FloatSum::default();
            alone.add(value);
            alone.value().is_none()
        }
    }
}

impl Sliding for FloatTotal<'_> {
    type Value = Outcome;

    fn add(&mut self, row: usize) {
        self.count += 1;
        match Self::is_refused(self.values[row]) {
            true => self.refused += 1,
            false => self.sum.add(self.values[row]),
        }
    }

    fn remove(&mut self, row: usize) {
        self.count -= 1;
        match Self::is_refused(self.values[row]) {
            true => self.refused -= 1,
            false => self.sum.add(-self.values[row]),
        }
    }

    fn clear(&mut self) -> bool {
        self.sum.clear();
        (self.refused, self.count) = (0, 0);
        true
    }

    fn value(&self) -> Outcome {
        match (self.count, self.refused, self.sum.value()) {
            (0, ..) => Outcome::Nothing,
            (count, 0, Some(sum)) => Outcome::Is((self.finish)(sum, count)),
            _ => Outcome::Lost,
        }
    }
}
