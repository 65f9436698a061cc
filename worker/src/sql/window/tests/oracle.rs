//! Window functions as the standard words them: for each row its partition, its place, its frame, by looking at all rows.

use arrow::compute::SortOptions;
use arrow::datatypes::DataType;
use datafusion_common::ScalarValue;
use std::cmp::Ordering;

use super::table::{Cell, DAY, Row, array, cell, types};
use crate::expression::Kernel;
use crate::sql::tests::plain::plain;
use crate::sql::window::{Bound, Frame, FrameUnit, WindowCall, WindowFunction, WindowPlan};

/// The rows, each followed by the value of each call.
pub(super) fn expected(rows: &[Row], plan: &WindowPlan) -> Vec<Row> {
    (0..rows.len())
        .map(|row| {
            let window = Window::around(rows, row, plan);
            let values = plan.calls.iter().map(|call| window.value(call));
            rows[row].iter().cloned().chain(values).collect()
        })
        .collect()
}

/// A partition in order, and one of its rows.
struct Window<'a> {
    plan: &'a WindowPlan,
    rows: Vec<&'a Row>,
    at: usize,
}

fn compare_cells(a: &Cell, b: &Cell, options: SortOptions) -> Ordering {
    let known = match (a, b) {
        (Cell::Null, Cell::Null) => return Ordering::Equal,
        (Cell::Null, _) => return if options.nulls_first { Ordering::Less } else { Ordering::Greater },
        (_, Cell::Null) => return if options.nulls_first { Ordering::Greater } else { Ordering::Less },
        (Cell::Whole(a), Cell::Whole(b)) => a.cmp(b),
        (Cell::Float(a), Cell::Float(b)) => a.partial_cmp(b).unwrap(),
        (Cell::Truth(a), Cell::Truth(b)) => a.cmp(b),
        (Cell::Text(a), Cell::Text(b)) => a.cmp(b),
        _ => panic!("{a:?} and {b:?}"),
    };
    if options.descending { known.reverse() } else { known }
}

impl<'a> Window<'a> {
    fn around(rows: &'a [Row], row: usize, plan: &'a WindowPlan) -> Self {
        let ascending = SortOptions { descending: false, nulls_first: false };
        let is_same = |other: &Row| plan.partition.iter().all(|column| other[*column] == rows[row][*column]);
        let mut members: Vec<usize> = (0..rows.len()).filter(|other| is_same(&rows[*other])).collect();
        let ties = plan.ties.iter().copied().chain(0..types().len()).map(|column| (column, ascending));
        let keys: Vec<(usize, SortOptions)> = plan.order.iter().copied().chain(ties).collect();
        members.sort_by(|a, b| {
            let keys =
                keys.iter().map(|(column, options)| compare_cells(&rows[*a][*column], &rows[*b][*column], *options));
            keys.fold(Ordering::Equal, Ordering::then)
        });
        let at = members.iter().position(|member| *member == row).unwrap();
        Self { plan, rows: members.into_iter().map(|member| &rows[member]).collect(), at }
    }

    fn compare(&self, a: usize, b: usize) -> Ordering {
        let keys = self.plan.order.iter();
        let keys =
            keys.map(|(column, options)| compare_cells(&self.rows[a][*column], &self.rows[b][*column], *options));
        keys.fold(Ordering::Equal, Ordering::then)
    }

    /// How many runs of peers stand before a row.
    fn group(&self, row: usize) -> usize {
        (1..=row).filter(|row| self.compare(row - 1, *row).is_ne()).count()
    }

    fn value(&self, call: &WindowCall) -> Cell {
        let count = self.rows.len();
        let rank = (0..count).filter(|row| self.compare(*row, self.at).is_lt()).count() + 1;
        let whole = |n: usize| Cell::Whole(n as i128);
        match call.function {
            WindowFunction::RowNumber => whole(self.at + 1),
            WindowFunction::Rank => whole(rank),
            WindowFunction::DenseRank => whole(self.group(self.at) + 1),
            WindowFunction::PercentRank if count == 1 => Cell::Float(0.0),
            WindowFunction::PercentRank => Cell::Float((rank - 1) as f64 / (count - 1) as f64),
            WindowFunction::CumeDist => {
                let up_to = (0..count).filter(|row| self.compare(*row, self.at).is_le()).count();
                Cell::Float(up_to as f64 / count as f64)
            }
            WindowFunction::Ntile(buckets) => {
                let buckets = buckets as usize;
                let sizes = (0..buckets).map(|bucket| count / buckets + usize::from(bucket < count % buckets));
                let ends = sizes.scan(0, |end, size| {
                    *end += size;
                    Some(*end)
                });
                whole(ends.filter(|end| *end <= self.at).count() + 1)
            }
            WindowFunction::Lag { offset, default, ignore_nulls } => self.shifted(call, -offset, default, ignore_nulls),
            WindowFunction::Lead { offset, default, ignore_nulls } => self.shifted(call, offset, default, ignore_nulls),
            WindowFunction::FirstValue { ignore_nulls } => self.placed(call, ignore_nulls, |values| values.first()),
            WindowFunction::LastValue { ignore_nulls } => self.placed(call, ignore_nulls, |values| values.last()),
            WindowFunction::NthValue { n, ignore_nulls } => {
                self.placed(call, ignore_nulls, |values| values.get(n as usize - 1))
            }
            WindowFunction::Aggregate(kernel) => self.aggregate(call, kernel),
        }
    }

    fn shifted(&self, call: &WindowCall, by: i64, default: Option<usize>, ignore_nulls: bool) -> Cell {
        let of = |row: usize| self.rows[row][call.arguments[0]].clone();
        let counts = |row: &usize| !ignore_nulls || of(*row) != Cell::Null;
        let found = match by {
            0 => Some(self.at),
            1.. => (self.at + 1..self.rows.len()).filter(counts).nth(by as usize - 1),
            _ => (0..self.at).rev().filter(counts).nth(by.unsigned_abs() as usize - 1),
        };
        let default = || default.map_or(Cell::Null, |column| self.rows[self.at][column].clone());
        found.map_or_else(default, of)
    }

    fn placed(&self, call: &WindowCall, ignore_nulls: bool, of: impl Fn(&[Cell]) -> Option<&Cell>) -> Cell {
        let values = self.frame(&call.frame).into_iter().map(|row| row[call.arguments[0]].clone());
        let values: Vec<Cell> = values.filter(|value| !ignore_nulls || *value != Cell::Null).collect();
        of(&values).cloned().unwrap_or(Cell::Null)
    }

    fn frame(&self, frame: &Frame) -> Vec<&'a Row> {
        let is_in = |row: &usize| {
            self.reaches(&frame.start, frame.unit, *row, true) && self.reaches(&frame.end, frame.unit, *row, false)
        };
        (0..self.rows.len()).filter(is_in).map(|row| self.rows[row]).collect()
    }

    /// Whether a row is not before the start of the frame, or not behind its end.
    fn reaches(&self, bound: &Bound, unit: FrameUnit, row: usize, is_start: bool) -> bool {
        let (sign, distance) = match bound {
            Bound::UnboundedPreceding | Bound::UnboundedFollowing => return true,
            Bound::CurrentRow => (0, None),
            Bound::Preceding(distance) => (-1, Some(distance)),
            Bound::Following(distance) => (1, Some(distance)),
        };
        let place = match unit {
            FrameUnit::Rows => row as i128 - self.at as i128,
            FrameUnit::Groups => self.group(row) as i128 - self.group(self.at) as i128,
            FrameUnit::Range if distance.is_some() => return self.in_range(sign, distance.unwrap(), row, is_start),
            FrameUnit::Range => self.group(row) as i128 - self.group(self.at) as i128,
        };
        let limit = sign * distance.map_or(0, whole);
        if is_start { place >= limit } else { place <= limit }
    }

    fn in_range(&self, sign: i128, distance: &ScalarValue, row: usize, is_start: bool) -> bool {
        let (column, options) = self.plan.order[0];
        let sign = if options.descending { -sign } else { sign };
        let order = match (&self.rows[row][column], &self.rows[self.at][column]) {
            (Cell::Whole(there), Cell::Whole(here)) => {
                // Days are counted, and an interval of days is told in microseconds.
                let unit = if column == DAY { 86_400_000_000 } else { 1 };
                (there * unit).cmp(&(here * unit + sign * whole(distance)))
            }
            (Cell::Float(there), Cell::Float(here)) => {
                let ScalarValue::Float64(Some(by)) = distance else { panic!("{distance}") };
                there.partial_cmp(&(here + sign as f64 * by)).unwrap()
            }
            // Nulls are as far from all else as can be, and stand together.
            (Cell::Null, Cell::Null) => return true,
            (Cell::Null, _) => return is_start != options.nulls_first,
            (_, Cell::Null) => return is_start == options.nulls_first,
            other => panic!("{other:?}"),
        };
        let order = if options.descending { order.reverse() } else { order };
        if is_start { order.is_ge() } else { order.is_le() }
    }

    /// What GROUP BY gives on the rows of the frame.
    fn aggregate(&self, call: &WindowCall, kernel: Kernel) -> Cell {
        let mut rows = self.frame(&call.frame);
        rows.retain(|row| call.filter.is_none_or(|filter| row[filter] == Cell::Truth(true)));
        let Some(column) = call.arguments.first() else { return Cell::Whole(rows.len() as i128) };
        rows.retain(|row| call.arguments.iter().all(|column| row[*column] != Cell::Null));
        let data_type = &types()[*column];
        let of =
            |column: usize| array(&rows.iter().map(|row| row[column].clone()).collect::<Vec<_>>(), &types()[column]);
        let values = of(*column);
        let mut arguments = vec![values];
        arguments.extend(call.arguments.iter().skip(1).map(|column| of(*column)));
        let (value, lost) = plain(kernel, &arguments, &[(0..rows.len()).collect()]);
        let lost = lost > 0;
        let value = cell(&value, 0);
        let is_decimal = matches!(data_type, DataType::Decimal128(..));
        match kernel {
            Kernel::Sum | Kernel::Spread { .. } | Kernel::Skewness | Kernel::Correlation => {
                Cell::Answer(Box::new(value), lost)
            }
            Kernel::Average if *data_type != DataType::Int64 => Cell::Answer(Box::new(value), lost),
            Kernel::Median | Kernel::Quantile(_) if is_decimal => Cell::Answer(Box::new(value), lost),
            _ => value,
        }
    }
}

/// A distance in rows, groups, units of a column, or microseconds.
fn whole(distance: &ScalarValue) -> i128 {
    match distance {
        ScalarValue::UInt64(Some(n)) => i128::from(*n),
        ScalarValue::Int64(Some(n)) => i128::from(*n),
        ScalarValue::Decimal128(Some(n), 10, 2) => *n,
        ScalarValue::IntervalMonthDayNano(Some(n)) => {
            i128::from(n.days) * 86_400_000_000 + i128::from(n.nanoseconds / 1000)
        }
        other => panic!("{other}"),
    }
}
