//! Answers that were worked out by hand.

use arrow::compute::SortOptions;
use arrow::datatypes::{DataType, IntervalMonthDayNano};
use datafusion_common::ScalarValue;

use super::plans::result;
use super::run;
use super::table::{CUSTOMER, Cell, DAY, LARGE, NOTE, Row, WEIGHT, WHOLE, batch, cell, types};
use crate::expression::Kernel;
use crate::sql::window::{Bound, Frame, FrameUnit, WindowCall, WindowFunction, WindowPlan};

const ASCENDING: SortOptions = SortOptions { descending: false, nulls_first: false };

/// A row of nulls, but for these cells.
fn row(cells: &[(usize, Cell)]) -> Row {
    let mut row = vec![Cell::Null; types().len()];
    cells.iter().for_each(|(column, cell)| row[*column] = cell.clone());
    row
}

/// Rows of a customer and a number.
fn numbers(rows: &[(i128, Option<i128>)]) -> Vec<Row> {
    let number = |n: Option<i128>| n.map_or(Cell::Null, Cell::Whole);
    rows.iter().map(|(customer, n)| row(&[(CUSTOMER, Cell::Whole(*customer)), (WHOLE, number(*n))])).collect()
}

fn call(function: WindowFunction, argument: Option<usize>, frame: Frame) -> WindowCall {
    let data_type = result(function, argument);
    let arguments = argument.into_iter().collect();
    WindowCall { name: "w".to_owned(), function, arguments, filter: None, frame, data_type }
}

/// The values of a call over customers ordered by `order`, in the order of partition, order and number.
fn values(rows: &[Row], order: &[(usize, SortOptions)], call: WindowCall) -> Vec<Cell> {
    let plan =
        WindowPlan { partition: vec![CUSTOMER], order: order.to_vec(), ties: vec![WHOLE, NOTE], calls: vec![call] };
    let found = run(&[batch(rows)], &plan, 8192);
    (0..found.num_rows()).map(|row| cell(found.column(types().len()), row)).collect()
}

fn wholes(values: &[i128]) -> Vec<Cell> {
    values.iter().map(|n| Cell::Whole(*n)).collect()
}

/// The frame that ORDER BY has without one: up to the peers of the row.
fn running() -> Frame {
    Frame { unit: FrameUnit::Range, start: Bound::UnboundedPreceding, end: Bound::CurrentRow }
}

#[test]
fn gaps_between_days_are_those_of_one_customer() {
    let rows = numbers(&[(7, Some(9)), (3, Some(5)), (7, Some(1)), (3, Some(2)), (5, Some(4))]);
    let lag = WindowFunction::Lag { offset: 1, default: None, ignore_nulls: false };
    let found = values(&rows, &[(WHOLE, ASCENDING)], call(lag, Some(WHOLE), Frame::whole()));
    assert_eq!(found, [Cell::Null, Cell::Whole(2), Cell::Null, Cell::Null, Cell::Whole(1)]);
}

#[test]
fn ranks_of_peers_are_those_of_the_first() {
    let rows = numbers(&[(1, Some(10)), (1, Some(20)), (1, Some(20)), (1, Some(30)), (1, None)]);
    let of = |function| values(&rows, &[(WHOLE, ASCENDING)], call(function, None, Frame::whole()));
    assert_eq!(of(WindowFunction::RowNumber), wholes(&[1, 2, 3, 4, 5]));
    assert_eq!(of(WindowFunction::Rank), wholes(&[1, 2, 2, 4, 5]));
    assert_eq!(of(WindowFunction::DenseRank), wholes(&[1, 2, 2, 3, 4]));
    assert_eq!(of(WindowFunction::PercentRank), [0.0, 0.25, 0.25, 0.75, 1.0].map(Cell::Float));
    assert_eq!(of(WindowFunction::CumeDist), [0.2, 0.6, 0.6, 0.8, 1.0].map(Cell::Float));
    assert_eq!(of(WindowFunction::Ntile(3)), wholes(&[1, 1, 2, 2, 3]));
    assert_eq!(of(WindowFunction::Ntile(9)), wholes(&[1, 2, 3, 4, 5]));
}

#[test]
fn a_running_sum_takes_all_peers_and_rows_take_one() {
    let rows = numbers(&[(1, Some(1)), (1, Some(2)), (1, Some(2)), (1, Some(3))]);
    let answers =
        |sums: &[i128]| sums.iter().map(|sum| Cell::Answer(Box::new(Cell::Whole(*sum)), false)).collect::<Vec<_>>();
    let sum = WindowFunction::Aggregate(Kernel::Sum);
    let order = [(WHOLE, ASCENDING)];
    assert_eq!(values(&rows, &order, call(sum, Some(WHOLE), running())), answers(&[1, 5, 5, 8]));
    let by_rows = Frame { unit: FrameUnit::Rows, ..running() };
    assert_eq!(values(&rows, &order, call(sum, Some(WHOLE), by_rows)), answers(&[1, 3, 5, 8]));
    // Without an order all rows are peers.
    assert_eq!(values(&rows, &[], call(sum, Some(WHOLE), running())), answers(&[8, 8, 8, 8]));
}

#[test]
fn a_sum_is_lost_only_in_the_frames_where_it_is_too_large() {
    let numbers = [1, i128::from(i64::MAX), 5, 6];
    let of = |(i, n): (usize, i128)| {
        row(&[(CUSTOMER, Cell::Whole(0)), (WHOLE, Cell::Whole(i as i128)), (LARGE, Cell::Whole(n))])
    };
    let rows: Vec<Row> = numbers.into_iter().enumerate().map(of).collect();
    let frame =
        Frame { unit: FrameUnit::Rows, start: Bound::Preceding(ScalarValue::UInt64(Some(1))), end: Bound::CurrentRow };
    let found = values(&rows, &[(WHOLE, ASCENDING)], call(WindowFunction::Aggregate(Kernel::Sum), Some(LARGE), frame));
    let answer = |value: Option<i128>| Cell::Answer(Box::new(value.map_or(Cell::Null, Cell::Whole)), value.is_none());
    assert_eq!(found, [answer(Some(1)), answer(None), answer(None), answer(Some(11))]);
}

#[test]
fn a_float_that_leaves_the_frame_leaves_nothing_behind() {
    let weights = [1e17, 0.1, 0.2, -1e17, 1e300, 0.3];
    let of = |(i, x): (usize, f64)| {
        row(&[(CUSTOMER, Cell::Whole(0)), (WHOLE, Cell::Whole(i as i128)), (WEIGHT, Cell::Float(x))])
    };
    let rows: Vec<Row> = weights.into_iter().enumerate().map(of).collect();
    let frame =
        Frame { unit: FrameUnit::Rows, start: Bound::CurrentRow, end: Bound::Following(ScalarValue::UInt64(Some(1))) };
    let found = values(&rows, &[(WHOLE, ASCENDING)], call(WindowFunction::Aggregate(Kernel::Sum), Some(WEIGHT), frame));
    let answer = |value: Option<f64>| Cell::Answer(Box::new(value.map_or(Cell::Null, Cell::Float)), value.is_none());
    let sums = [Some(1e17 + 0.1), Some(0.1 + 0.2), Some(0.2 - 1e17), None, None, Some(0.3)];
    assert_eq!(found, sums.map(answer));
}

#[test]
fn a_range_of_days_counts_days_in_either_direction_and_keeps_nulls_apart() {
    let days = [Some(1), Some(2), Some(4), Some(9), None, None];
    let of = |day: Option<i128>| row(&[(CUSTOMER, Cell::Whole(0)), (DAY, day.map_or(Cell::Null, Cell::Whole))]);
    let rows: Vec<Row> = days.into_iter().map(of).collect();
    let three_days = IntervalMonthDayNano { months: 0, days: 3, nanoseconds: 0 };
    let start = Bound::Preceding(ScalarValue::IntervalMonthDayNano(Some(three_days)));
    let frame = Frame { unit: FrameUnit::Range, start, end: Bound::CurrentRow };
    let count = || call(WindowFunction::Aggregate(Kernel::Count), None, frame.clone());
    assert_eq!(values(&rows, &[(DAY, ASCENDING)], count()), wholes(&[1, 2, 3, 1, 2, 2]));
    let descending = SortOptions { descending: true, nulls_first: true };
    // Nulls, 9, 4, 2, 1.
    assert_eq!(values(&rows, &[(DAY, descending)], count()), wholes(&[2, 2, 1, 1, 2, 3]));
}

#[test]
fn what_is_ignored_does_not_count_as_a_row() {
    let text = |n: i128, text: Option<&str>| {
        let note = text.map_or(Cell::Null, |text| Cell::Text(text.to_owned()));
        row(&[(CUSTOMER, Cell::Whole(0)), (WHOLE, Cell::Whole(n)), (NOTE, note)])
    };
    let rows = [text(1, Some("a")), text(2, None), text(3, None), text(4, Some("b"))];
    let of = |function| values(&rows, &[(WHOLE, ASCENDING)], call(function, Some(NOTE), Frame::whole()));
    let texts =
        |texts: [Option<&str>; 4]| texts.map(|text| text.map_or(Cell::Null, |text| Cell::Text(text.to_owned())));
    let lag = WindowFunction::Lag { offset: 1, default: None, ignore_nulls: true };
    assert_eq!(of(lag), texts([None, Some("a"), Some("a"), Some("a")]));
    let lead = WindowFunction::Lead { offset: 1, default: Some(NOTE), ignore_nulls: true };
    // The default is that of the row itself.
    assert_eq!(of(lead), texts([Some("b"), Some("b"), Some("b"), Some("b")]));
    assert_eq!(of(WindowFunction::NthValue { n: 2, ignore_nulls: true }), texts([Some("b"); 4]));
    assert_eq!(of(WindowFunction::NthValue { n: 2, ignore_nulls: false }), texts([None; 4]));
}

#[test]
fn what_breaks_ties_decides_positions() {
    let of = |n: i128, note: &str| {
        row(&[(CUSTOMER, Cell::Whole(0)), (WHOLE, Cell::Whole(n)), (NOTE, Cell::Text(note.to_owned()))])
    };
    let rows = [of(1, "z"), of(2, "a"), of(3, "m")];
    let plan = |ties: Vec<usize>| WindowPlan {
        partition: vec![CUSTOMER],
        order: vec![(CUSTOMER, ASCENDING)],
        ties,
        calls: vec![call(WindowFunction::RowNumber, None, Frame::whole())],
    };
    let numbers = |ties: Vec<usize>| {
        let found = run(&[batch(&rows)], &plan(ties), 8192);
        (0..3).map(|row| cell(found.column(WHOLE), row)).collect::<Vec<_>>()
    };
    assert_eq!(numbers(vec![NOTE]), wholes(&[2, 3, 1]));
    assert_eq!(numbers(vec![WHOLE]), wholes(&[1, 2, 3]));
}

#[test]
fn columns_are_those_of_the_input_and_then_the_calls() {
    let rows = numbers(&[(1, Some(1))]);
    let plan = WindowPlan {
        partition: Vec::new(),
        order: Vec::new(),
        ties: Vec::new(),
        calls: vec![
            call(WindowFunction::Aggregate(Kernel::Average), Some(WHOLE), Frame::whole()),
            call(WindowFunction::Aggregate(Kernel::Average), Some(WEIGHT), Frame::whole()),
        ],
    };
    let found = run(&[batch(&rows)], &plan, 8192);
    let types_of = found.schema().fields().iter().map(|field| field.data_type().clone()).collect::<Vec<_>>();
    assert_eq!(types_of[..types().len()], types());
    // The average of whole numbers always fits.
    assert_eq!(types_of[types().len()], DataType::Float64);
    assert!(matches!(&types_of[types().len() + 1], DataType::Struct(fields) if fields.len() == 2));
    // No row at all.
    assert_eq!(run(&[batch(&[])], &plan, 8192).num_rows(), 0);
}
