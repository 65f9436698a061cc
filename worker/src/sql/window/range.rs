//! Frames by values of the order column: RANGE with a distance.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::buffer::NullBuffer;
use arrow::compute::{SortOptions, cast};
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Float64Type, Int64Type, TimeUnit, TimestampMicrosecondType,
};
use datafusion_common::{Result, ScalarValue};
use std::iter::repeat_n;
use std::ops::Range;

use super::boundaries::Partition;
use super::check::bug;
use super::frames::Side;
use super::plan::Bound;

const MICROSECONDS_A_DAY: i128 = 86_400_000_000;

/// How far a frame reaches from a value; not negative.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Distance {
    /// In units of the column: one, the last digit of a decimal, or a microsecond.
    Whole(i128),
    Float(f64),
}

impl Distance {
    /// Reads a distance for a column.
    pub(super) fn new(distance: &ScalarValue, column: &DataType) -> Result<Self> {
        let known = match column {
            DataType::Float32 | DataType::Float64 => float(distance).filter(|n| *n >= 0.0).map(Self::Float),
            DataType::Date32 | DataType::Timestamp(..) => microseconds(distance).filter(|n| *n >= 0).map(Self::Whole),
            DataType::Decimal128(_, scale) => at_scale(distance, *scale).filter(|n| *n >= 0).map(Self::Whole),
            column if column.is_integer() => at_scale(distance, 0).filter(|n| *n >= 0).map(Self::Whole),
            _ => None,
        };
        known.ok_or_else(|| bug(format!("a range over {column} cannot reach {distance} far")))
    }
}

fn float(distance: &ScalarValue) -> Option<f64> {
    match distance {
        ScalarValue::Float32(n) => n.map(f64::from),
        ScalarValue::Float64(n) => *n,
        ScalarValue::Decimal128(Some(n), _, scale) => Some(*n as f64 / 10_f64.powi(i32::from(*scale))),
        other => at_scale(other, 0).map(|n| n as f64),
    }
}

/// Gives a whole number or decimal in units of 10^−scale, if it is a whole number of them.
fn at_scale(distance: &ScalarValue, scale: i8) -> Option<i128> {
    let (number, own) = match distance {
        ScalarValue::Int8(n) => (i128::from((*n)?), 0),
        ScalarValue::Int16(n) => (i128::from((*n)?), 0),
        ScalarValue::Int32(n) => (i128::from((*n)?), 0),
        ScalarValue::Int64(n) => (i128::from((*n)?), 0),
        ScalarValue::UInt8(n) => (i128::from((*n)?), 0),
        ScalarValue::UInt16(n) => (i128::from((*n)?), 0),
        ScalarValue::UInt32(n) => (i128::from((*n)?), 0),
        ScalarValue::UInt64(n) => (i128::from((*n)?), 0),
        ScalarValue::Decimal128(n, _, scale) => ((*n)?, *scale),
        _ => return None,
    };
    let power = 10_i128.checked_pow(u32::from(scale.abs_diff(own)))?;
    match scale >= own {
        true => number.checked_mul(power),
        false => (number % power == 0).then_some(number / power),
    }
}

/// Gives an interval of a fixed length: no months, nothing finer than a microsecond.
fn microseconds(distance: &ScalarValue) -> Option<i128> {
    Some(match distance {
        ScalarValue::IntervalDayTime(Some(n)) => {
            i128::from(n.days) * MICROSECONDS_A_DAY + i128::from(n.milliseconds) * 1000
        }
        ScalarValue::IntervalMonthDayNano(Some(n)) if n.months == 0 && n.nanoseconds % 1000 == 0 => {
            i128::from(n.days) * MICROSECONDS_A_DAY + i128::from(n.nanoseconds / 1000)
        }
        ScalarValue::DurationSecond(Some(n)) => i128::from(*n) * 1_000_000,
        ScalarValue::DurationMillisecond(Some(n)) => i128::from(*n) * 1000,
        ScalarValue::DurationMicrosecond(Some(n)) => i128::from(*n),
        ScalarValue::DurationNanosecond(Some(n)) if n % 1000 == 0 => i128::from(n / 1000),
        _ => return None,
    })
}

/// The order column as numbers that rise along a partition, whichever way it is ordered.
#[derive(Debug)]
pub(super) struct Axis {
    values: Values,
    nulls: Option<NullBuffer>,
    column: DataType,
}

#[derive(Debug)]
enum Values {
    Whole(Vec<i128>),
    Float(Vec<f64>),
}

impl Axis {
    pub(super) fn new(column: &ArrayRef, options: SortOptions) -> Result<Self> {
        let turned = |value: i128| if options.descending { value.saturating_neg() } else { value };
        let values = match column.data_type() {
            DataType::Float32 | DataType::Float64 => {
                let values = cast(column, &DataType::Float64)?;
                let values = values.as_primitive::<Float64Type>().values();
                Values::Float(values.iter().map(|value| if options.descending { -value } else { *value }).collect())
            }
            DataType::Date32 => {
                let days = column.as_primitive::<Date32Type>().values();
                Values::Whole(days.iter().map(|day| turned(i128::from(*day) * MICROSECONDS_A_DAY)).collect())
            }
            DataType::Timestamp(TimeUnit::Microsecond, _) => {
                let times = column.as_primitive::<TimestampMicrosecondType>().values();
                Values::Whole(times.iter().map(|time| turned(i128::from(*time))).collect())
            }
            DataType::Decimal128(..) => {
                let values = column.as_primitive::<Decimal128Type>().values();
                Values::Whole(values.iter().map(|value| turned(*value)).collect())
            }
            DataType::UInt64 => {
                let values = cast(column, &DataType::Decimal128(20, 0))?;
                let values = values.as_primitive::<Decimal128Type>().values();
                Values::Whole(values.iter().map(|value| turned(*value)).collect())
            }
            other if other.is_integer() => {
                let values = cast(column, &DataType::Int64)?;
                let values = values.as_primitive::<Int64Type>().values();
                Values::Whole(values.iter().map(|value| turned(i128::from(*value))).collect())
            }
            other => return Err(bug(format!("a range over {other} has no distance"))),
        };
        Ok(Self { values, nulls: column.logical_nulls(), column: column.data_type().clone() })
    }

    /// Adds the edges of a partition's frames.
    ///
    /// Rows without a value stand together at one end of the partition. From them any distance leads to themselves, and no
    /// distance leads from other rows to them.
    pub(super) fn edges(
        &self,
        partition: &Partition<'_>,
        bound: &Bound,
        side: Side,
        edges: &mut Vec<u32>,
    ) -> Result<()> {
        let distance = bound.distance().ok_or_else(|| bug("a frame has no distance"))?;
        let is_null = |row: usize| self.nulls.as_ref().is_some_and(|nulls| nulls.is_null(row));
        let Range { start, end } = partition.rows.clone();
        let first = (start..end).find(|row| !is_null(*row)).unwrap_or(end);
        let behind = (first..end).find(|row| is_null(*row)).unwrap_or(end);
        let edge_of = |nulls: Range<usize>| if side == Side::Start { nulls.start } else { nulls.end };
        edges.extend(repeat_n(edge_of(start..first) as u32, first - start));
        let is_before = matches!(bound, Bound::Preceding(_));
        match (&self.values, Distance::new(distance, &self.column)?) {
            (Values::Whole(values), Distance::Whole(by)) => {
                reach(values, first..behind, side, edges, |value| match is_before {
                    true => value.saturating_sub(by),
                    false => value.saturating_add(by),
                });
            }
            (Values::Float(values), Distance::Float(by)) => {
                reach(values, first..behind, side, edges, |value| if is_before { value - by } else { value + by });
            }
            _ => return Err(bug("a range has a distance of another kind")),
        }
        edges.extend(repeat_n(edge_of(behind..end) as u32, end - behind));
        Ok(())
    }
}

/// Finds for each row the first one that is not before where the row reaches (`Start`), or that is behind it (`End`).
fn reach<T: Copy + PartialOrd>(
    values: &[T],
    rows: Range<usize>,
    side: Side,
    edges: &mut Vec<u32>,
    reached: impl Fn(T) -> T,
) {
    let mut edge = rows.start;
    for row in rows.clone() {
        let limit = reached(values[row]);
        while edge < rows.end && (values[edge] < limit || (side == Side::End && values[edge] == limit)) {
            edge += 1;
        }
        edges.push(edge as u32);
    }
}
