//! What is refused: plans that do not fit, and work that would grow with the square of the rows.

use arrow::compute::SortOptions;
use arrow::datatypes::{DataType, IntervalMonthDayNano};
use datafusion_common::{DataFusionError, ScalarValue};
use segmenter_proto::{Error, Fault};

use super::operator;
use super::plans::result;
use super::table::{CUSTOMER, Cell, DAY, KEEP, NOTE, PRICE, Row, WEIGHT, WHOLE, batch, types};
use crate::expression::Kernel;
use crate::sql::window::boundaries::Chunk;
use crate::sql::window::frames::Frames;
use crate::sql::window::recomputed::recompute;
use crate::sql::window::sliding::Counted;
use crate::sql::window::{Bound, Frame, FrameUnit, WindowCall, WindowFunction, WindowPlan};

const ASCENDING: SortOptions = SortOptions { descending: false, nulls_first: false };

fn call(function: WindowFunction, argument: Option<usize>, frame: Frame) -> WindowCall {
    let data_type = result(function, argument);
    WindowCall {
        name: "w".to_owned(),
        function,
        arguments: argument.into_iter().collect(),
        filter: None,
        frame,
        data_type,
    }
}

fn plan(order: &[usize], call: WindowCall) -> WindowPlan {
    let order = order.iter().map(|column| (*column, ASCENDING)).collect();
    WindowPlan { partition: vec![CUSTOMER], order, ties: Vec::new(), calls: vec![call] }
}

fn rows(count: usize) -> Vec<Row> {
    (0..count)
        .map(|i| {
            let mut row = vec![Cell::Null; types().len()];
            row[CUSTOMER] = Cell::Whole(0);
            row[WHOLE] = Cell::Whole(i as i128);
            row
        })
        .collect()
}

fn ours(error: DataFusionError) -> Error {
    match error {
        DataFusionError::External(error) => *error.downcast::<Error>().unwrap(),
        other => panic!("{other}"),
    }
}

#[test]
fn the_work_of_frames_that_move_is_limited_by_the_partition() {
    let running = Frame { unit: FrameUnit::Rows, start: Bound::UnboundedPreceding, end: Bound::CurrentRow };
    let within = |frame: Frame, limit: u64| {
        let plan = plan(&[WHOLE], call(WindowFunction::Aggregate(Kernel::Median), Some(WHOLE), frame));
        let chunk = Chunk::new(batch(&rows(100)), &plan).unwrap();
        let call = &plan.calls[0];
        let frames = Frames::new(&chunk, &call.frame, &plan).unwrap();
        let counted = Counted::new(&chunk, call);
        recompute(&chunk, &frames, &counted, (Kernel::Median, call), limit)
    };
    assert!(within(running.clone(), 5050).is_ok());
    let error = ours(within(running, 5049).unwrap_err());
    assert_eq!(error.fault, Fault::Data);
    assert_eq!(error.message, "median over frames that move would read more than 5049 rows for one partition of 100");
    // All rows of the partition are one frame.
    assert!(within(Frame::whole(), 100).is_ok());
}

#[test]
fn a_plan_that_does_not_fit_is_refused_before_a_row_is_read() {
    let refused = |plan: WindowPlan| ours(operator(&[batch(&rows(1))], plan).unwrap_err()).message;
    let count = |unit: FrameUnit, start: Bound| {
        let frame = Frame { unit, start, end: Bound::CurrentRow };
        call(WindowFunction::Aggregate(Kernel::Count), None, frame)
    };
    let ranged = |distance: ScalarValue| count(FrameUnit::Range, Bound::Preceding(distance));
    let month = IntervalMonthDayNano { months: 1, days: 0, nanoseconds: 0 };
    let month = ScalarValue::IntervalMonthDayNano(Some(month));
    assert_eq!(
        refused(plan(&[DAY, WHOLE], ranged(ScalarValue::Int64(Some(1))))),
        "a range with a distance has one order column"
    );
    for (column, distance) in [
        (DAY, month),
        (DAY, ScalarValue::Int64(Some(1))),
        (WHOLE, ScalarValue::Int64(Some(-1))),
        (WHOLE, ScalarValue::Int64(None)),
        (WHOLE, ScalarValue::Float64(Some(0.5))),
        (PRICE, ScalarValue::Decimal128(Some(5), 5, 3)),
        (WEIGHT, ScalarValue::Float64(Some(f64::NAN))),
        (NOTE, ScalarValue::Int64(Some(1))),
    ] {
        assert!(refused(plan(&[column], ranged(distance))).contains("cannot reach"));
    }
    let minus = Bound::Preceding(ScalarValue::Int64(Some(-1)));
    assert_eq!(refused(plan(&[WHOLE], count(FrameUnit::Rows, minus))), "-1 is no number of rows or groups");
    let behind = count(FrameUnit::Rows, Bound::UnboundedFollowing);
    assert_eq!(refused(plan(&[WHOLE], behind)), "a frame starts behind its end");
    let lag = WindowFunction::Lag { offset: 1, default: Some(KEEP), ignore_nulls: false };
    assert_eq!(refused(plan(&[WHOLE], call(lag, Some(WHOLE), Frame::whole()))), "`w` has a default of another type");
    let of_text = call(WindowFunction::Aggregate(Kernel::Sum), Some(NOTE), Frame::whole());
    assert_eq!(refused(plan(&[], of_text)), "`w` cannot be computed of its argument");
    let wrong = WindowCall { data_type: DataType::Utf8, ..call(WindowFunction::Rank, None, Frame::whole()) };
    assert_eq!(refused(plan(&[], wrong)), "`w` gives Int64, not Utf8");
    let filter = WindowCall { filter: Some(KEEP), ..call(WindowFunction::Rank, None, Frame::whole()) };
    assert_eq!(refused(plan(&[], filter)), "`w` cannot have its filter");
    let beyond = WindowPlan { partition: vec![99], ..plan(&[], call(WindowFunction::Rank, None, Frame::whole())) };
    assert_eq!(refused(beyond), "a window has no column 99 to look at");
}
