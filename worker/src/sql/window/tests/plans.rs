//! Rows with many ties and nulls, and plans of all functions and frames over them.

use arrow::compute::SortOptions;
use arrow::datatypes::{DataType, IntervalMonthDayNano};
use datafusion_common::ScalarValue;
use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;
use proptest::sample::select;

use super::table::{
    CUSTOMER, Cell, DAY, DEEP, FACTOR, KEEP, KIND, LARGE, NOTE, PRICE, Row, TIME, WEIGHT, WHOLE, types,
};
use crate::expression::Kernel;
use crate::expression::aggregate_kernels::Share;
use crate::sql::window::{Bound, Frame, FrameUnit, WindowCall, WindowFunction, WindowPlan};

const DAY_LONG: i128 = 86_400_000_000;

/// Up to `most` rows.
pub(super) fn rows(most: usize) -> impl Strategy<Value = Vec<Row>> {
    fn some(values: Vec<Cell>) -> impl Strategy<Value = Cell> {
        weighted(0.8, select(values)).prop_map(|cell| cell.unwrap_or(Cell::Null))
    }
    let whole = |values: &[i128]| some(values.iter().map(|n| Cell::Whole(*n)).collect());
    let texts = |values: &[&str]| some(values.iter().map(|text| Cell::Text((*text).to_owned())).collect());
    let floats = [0.0, 0.1, 0.2, -0.3, 1.5, 1e17, -1e17, 1e300, 3.0].map(Cell::Float).to_vec();
    let truths = [true, false].map(Cell::Truth).to_vec();
    let small = (
        (0_i128..4).prop_map(Cell::Whole),
        texts(&["", "a", "ab"]),
        whole(&[-2, -1, 0, 1, 2, 5]),
        whole(&[-150, 0, 50, 99, 100, 1234]),
        some(floats),
        whole(&[-1, 0, 1, 2, 7]),
        whole(&[0, 1, DAY_LONG, DAY_LONG + 1, 3 * DAY_LONG]),
    );
    let limit = 10_i128.pow(38) - 1;
    let factors = [0.0, 1.0, 2.5, -7.0].map(Cell::Float).to_vec();
    let large = (
        some(factors),
        texts(&["x", "y", "zebra", "ź"]),
        some(truths),
        whole(&[i128::from(i64::MAX), i128::from(i64::MIN), 1, 7]),
        whole(&[limit, -limit, 1, 70]),
    );
    let row =
        (small, large).prop_map(|((a, b, c, d, e, f, g), (l, h, i, j, k))| vec![a, b, c, d, e, f, g, h, i, j, k, l]);
    vec(row, 1..=most)
}

pub(super) fn plan() -> impl Strategy<Value = WindowPlan> {
    let partition = select(vec![vec![], vec![CUSTOMER], vec![KIND], vec![CUSTOMER, KIND], vec![KEEP, DAY]]);
    let order = vec((select(vec![WHOLE, PRICE, WEIGHT, DAY, TIME, NOTE, KEEP]), any::<bool>(), any::<bool>()), 0..3);
    let ties = vec(select(vec![NOTE, WHOLE, KEEP, DEEP, TIME]), 0..3);
    (partition, order, ties).prop_flat_map(|(partition, order, ties)| {
        let options = |(column, descending, nulls_first)| (column, SortOptions { descending, nulls_first });
        let order: Vec<(usize, SortOptions)> = order.into_iter().map(options).collect();
        let ranged = if let [(column, _)] = order.as_slice() { Some(*column) } else { None };
        vec(call(ranged), 1..5).prop_map(move |mut calls| {
            calls.iter_mut().enumerate().for_each(|(i, call)| call.name = format!("w{i}"));
            WindowPlan { partition: partition.clone(), order: order.clone(), ties: ties.clone(), calls }
        })
    })
}

/// Any function over any frame; `ranged` is the order column, if it is one.
fn call(ranged: Option<usize>) -> impl Strategy<Value = WindowCall> {
    let numbers = select(vec![WHOLE, PRICE, WEIGHT, LARGE, DEEP]);
    let any_column = select((0..types().len()).collect::<Vec<_>>());
    let function = (0..32_usize, 1_u64..5, -3_i64..4, any::<bool>());
    let filter = weighted(0.3, Just(KEEP));
    (function, numbers, any_column, any::<bool>(), filter, frame(ranged)).prop_map(
        |((which, n, offset, ignore_nulls), number, column, has_default, filter, frame)| {
            let default = has_default.then_some(if column == WHOLE { LARGE } else { column });
            let spread = |of_sample: bool, is_root: bool| Kernel::Spread { of_sample, is_root };
            let (function, argument) = match which {
                0 => (WindowFunction::RowNumber, None),
                1 => (WindowFunction::Rank, None),
                2 => (WindowFunction::DenseRank, None),
                3 => (WindowFunction::PercentRank, None),
                4 => (WindowFunction::CumeDist, None),
                5 => (WindowFunction::Ntile(n), None),
                6 | 7 => (WindowFunction::Lag { offset, default, ignore_nulls }, Some(column)),
                8 | 9 => (WindowFunction::Lead { offset, default, ignore_nulls }, Some(column)),
                10 => (WindowFunction::FirstValue { ignore_nulls }, Some(column)),
                11 => (WindowFunction::LastValue { ignore_nulls }, Some(column)),
                12 => (WindowFunction::NthValue { n, ignore_nulls }, Some(column)),
                13 => (WindowFunction::Aggregate(Kernel::Count), None),
                14 => (WindowFunction::Aggregate(Kernel::Count), Some(column)),
                15 => (WindowFunction::Aggregate(Kernel::CountDistinct), Some(column)),
                16 | 17 => (WindowFunction::Aggregate(Kernel::Sum), Some(number)),
                18 | 19 => (WindowFunction::Aggregate(Kernel::Average), Some(number)),
                20 => (WindowFunction::Aggregate(Kernel::Median), Some(number)),
                21 => (WindowFunction::Aggregate(Kernel::Minimum), Some(column)),
                22 => (WindowFunction::Aggregate(Kernel::Maximum), Some(column)),
                23 => (WindowFunction::Aggregate(Kernel::All), Some(KEEP)),
                24 => (WindowFunction::Aggregate(Kernel::Any), Some(KEEP)),
                25 => (WindowFunction::Aggregate(spread(ignore_nulls, has_default)), Some(WEIGHT)),
                26 => (WindowFunction::Aggregate(Kernel::Sum), Some(WEIGHT)),
                27 => {
                    let share = Share::new(i128::from(n), 1).unwrap();
                    (WindowFunction::Aggregate(Kernel::Quantile(share)), Some(number))
                }
                28 => (WindowFunction::Aggregate(Kernel::Mode), Some(column)),
                29 => (WindowFunction::Aggregate(Kernel::Skewness), Some(WEIGHT)),
                30 => (WindowFunction::Aggregate(Kernel::Entropy), Some(column)),
                _ => (WindowFunction::Aggregate(Kernel::Correlation), Some(WEIGHT)),
            };
            let filter = filter.filter(|_| matches!(function, WindowFunction::Aggregate(_)));
            let data_type = result(function, argument);
            let second = (function == WindowFunction::Aggregate(Kernel::Correlation)).then_some(FACTOR);
            let arguments = argument.into_iter().chain(second).collect();
            WindowCall { name: String::new(), function, arguments, filter, frame, data_type }
        },
    )
}

/// The type of a function's value, as README says it.
pub(super) fn result(function: WindowFunction, argument: Option<usize>) -> DataType {
    let argument = argument.map(|column| types()[column].clone());
    match (function, argument) {
        (WindowFunction::PercentRank | WindowFunction::CumeDist, _) => DataType::Float64,
        (WindowFunction::Aggregate(Kernel::Entropy), _) => DataType::Float64,
        (WindowFunction::Aggregate(Kernel::Count | Kernel::CountDistinct), _) | (_, None) => DataType::Int64,
        (WindowFunction::Aggregate(Kernel::Sum), Some(DataType::Decimal128(_, scale))) => {
            DataType::Decimal128(38, scale)
        }
        (WindowFunction::Aggregate(Kernel::Average | Kernel::Median | Kernel::Quantile(_)), Some(argument)) => {
            match argument {
                DataType::Decimal128(..) => DataType::Decimal128(38, 4),
                _ => DataType::Float64,
            }
        }
        (_, Some(argument)) => argument,
    }
}

fn frame(ranged: Option<usize>) -> impl Strategy<Value = Frame> {
    let unit = select(vec![FrameUnit::Rows, FrameUnit::Range, FrameUnit::Groups]);
    (unit, 0..5_usize, 0..5_usize, 0_u64..4, 0_u64..4).prop_map(move |(unit, start, end, before, after)| {
        let bound = |which: usize, n: u64, unbounded: Bound| {
            let distance = match (unit, ranged) {
                (FrameUnit::Rows | FrameUnit::Groups, _) => Some(ScalarValue::UInt64(Some(n))),
                (FrameUnit::Range, Some(column)) => distance(column, n),
                (FrameUnit::Range, None) => None,
            };
            match (which, distance) {
                (0, _) => unbounded,
                (1 | 2, Some(distance)) => Bound::Preceding(distance),
                (3, Some(distance)) => Bound::Following(distance),
                _ => Bound::CurrentRow,
            }
        };
        let start = bound(start, before, Bound::UnboundedPreceding);
        let end = bound(end, after, Bound::UnboundedFollowing);
        Frame { unit, start, end }
    })
}

/// A distance along a column, if it has any.
fn distance(column: usize, n: u64) -> Option<ScalarValue> {
    let half = |days: i32, nanoseconds: i64| {
        ScalarValue::IntervalMonthDayNano(Some(IntervalMonthDayNano { months: 0, days, nanoseconds }))
    };
    match column {
        WHOLE => Some(ScalarValue::Int64(Some(n as i64))),
        PRICE => Some(ScalarValue::Decimal128(Some(i128::from(n) * 50), 10, 2)),
        WEIGHT => Some(ScalarValue::Float64(Some(n as f64 * 0.1))),
        DAY => Some(half(n as i32 / 2, (n as i64 % 2) * 43_200_000_000_000)),
        TIME => Some(half(n as i32 / 2, (n as i64 % 2) * 1000)),
        _ => None,
    }
}
