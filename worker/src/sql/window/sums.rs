//! Sums and averages that follow the frame, exact: what leaves takes away precisely what it brought.

use arrow::array::{ArrayRef, AsArray, BooleanArray, Decimal128Array, Float64Array, Int64Array};
use arrow::datatypes::{DataType, Decimal128Type, Float64Type, Int64Type, i256};
use datafusion_common::Result;
use std::sync::Arc;

use super::check::bug;
use super::frames::Frames;
use super::sliding::{Counted, Sliding, slide};
use crate::expression::FloatSum;
use crate::expression::aggregate_kernels::divide_half_away;

/// The largest decimal of 38 digits, plus one.
const LIMIT: u128 = 10_u128.pow(38);

/// Sums each frame; gives also where the sum is too large.
pub(super) fn sum(values: &ArrayRef, frames: &Frames, counted: &Counted) -> Result<(ArrayRef, BooleanArray)> {
    Ok(match values.data_type() {
        DataType::Int64 => {
            let values = values.as_primitive::<Int64Type>().values();
            let state = Total::new(|row| i128::from(values[row]), |sum, _| i64::try_from(sum).ok());
            let (sums, lost) = outcomes(slide(state, frames, counted));
            (Arc::new(Int64Array::from(sums)), lost)
        }
        DataType::Decimal128(_, scale) => {
            let values = values.as_primitive::<Decimal128Type>().values();
            let state = Total::new(|row| values[row], |sum, _| Some(sum).filter(|sum| sum.unsigned_abs() < LIMIT));
            let (sums, lost) = outcomes(slide(state, frames, counted));
            (decimals(sums, *scale)?, lost)
        }
        DataType::Float64 => floats(values, frames, counted, |sum, _| sum),
        other => return Err(bug(format!("{other} cannot be summed"))),
    })
}

/// Averages each frame; gives also where the average cannot be known.
pub(super) fn average(values: &ArrayRef, frames: &Frames, counted: &Counted) -> Result<(ArrayRef, BooleanArray)> {
    Ok(match values.data_type() {
        DataType::Int64 => {
            let values = values.as_primitive::<Int64Type>().values();
            let state = Total::new(|row| i128::from(values[row]), |sum, count| Some(sum as f64 / count as f64));
            let (averages, lost) = outcomes(slide(state, frames, counted));
            (Arc::new(Float64Array::from(averages)), lost)
        }
        DataType::Decimal128(_, scale) => {
            let values = values.as_primitive::<Decimal128Type>().values();
            let state = Total::new(
                |row| values[row],
                |sum, count| divide_half_away(i256::from_i128(sum), *scale, i128::from(count)),
            );
            let (averages, lost) = outcomes(slide(state, frames, counted));
            (decimals(averages, 4)?, lost)
        }
        DataType::Float64 => floats(values, frames, counted, |sum, count| sum / count as f64),
        other => return Err(bug(format!("{other} cannot be averaged"))),
    })
}

fn floats(
    values: &ArrayRef,
    frames: &Frames,
    counted: &Counted,
    finish: fn(f64, u64) -> f64,
) -> (ArrayRef, BooleanArray) {
    let values = values.as_primitive::<Float64Type>().values();
    let state = FloatTotal { values, finish, sum: FloatSum::default(), refused: 0, count: 0 };
    let (sums, lost) = outcomes(slide(state, frames, counted));
    (Arc::new(Float64Array::from(sums)), lost)
}

fn decimals(values: Vec<Option<i128>>, scale: i8) -> Result<ArrayRef> {
    Ok(Arc::new(Decimal128Array::from(values).with_precision_and_scale(38, scale)?))
}

/// What a frame's rows give.
#[derive(Debug, Clone, Copy)]
enum Outcome<T> {
    /// No row.
    Nothing,
    Is(T),
    Lost,
}

fn outcomes<T: Copy>(outcomes: Vec<Outcome<T>>) -> (Vec<Option<T>>, BooleanArray) {
    let lost = outcomes.iter().map(|outcome| matches!(outcome, Outcome::Lost)).collect::<Vec<_>>();
    let values = outcomes.into_iter().map(|outcome| match outcome {
        Outcome::Is(value) => Some(value),
        Outcome::Nothing | Outcome::Lost => None,
    });
    (values.collect(), BooleanArray::from(lost))
}

/// The sum of whole numbers, in two halves so that no order overflows on the way.
struct Total<V, F> {
    value: V,
    finish: F,
    low: i128,
    high: i128,
    count: u64,
}

impl<V: Fn(usize) -> i128, F> Total<V, F> {
    fn new<T>(value: V, finish: F) -> Self
    where
        F: Fn(i128, u64) -> Option<T>,
    {
        Self { value, finish, low: 0, high: 0, count: 0 }
    }

    fn sum(&self) -> Option<i128> {
        let carried = self.high.checked_add(self.low >> 64)?.checked_mul(1 << 64)?;
        carried.checked_add(self.low & i128::from(u64::MAX))
    }
}

impl<T: Copy, V: Fn(usize) -> i128, F: Fn(i128, u64) -> Option<T>> Sliding for Total<V, F> {
    type Value = Outcome<T>;

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

    fn value(&self) -> Outcome<T> {
        if self.count == 0 {
            return Outcome::Nothing;
        }
        self.sum().and_then(|sum| (self.finish)(sum, self.count)).map_or(Outcome::Lost, Outcome::Is)
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
    type Value = Outcome<f64>;

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

    fn value(&self) -> Outcome<f64> {
        match (self.count, self.refused, self.sum.value()) {
            (0, ..) => Outcome::Nothing,
            (count, 0, Some(sum)) => Outcome::Is((self.finish)(sum, count)),
            _ => Outcome::Lost,
        }
    }
}
