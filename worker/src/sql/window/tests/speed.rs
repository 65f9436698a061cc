//! A measurement to be looked at, of what most queries ask: `cargo test --release … window::tests::speed -- --ignored --nocapture`.

use arrow::array::{Int64Array, RecordBatch, UInt32Array};
use arrow::compute::SortOptions;
use arrow::datatypes::DataType;
use std::sync::Arc;
use std::time::Instant;

use super::{context, operator, run_in};
use crate::expression::Kernel;
use crate::sql::window::{Bound, Frame, FrameUnit, WindowCall, WindowFunction, WindowPlan};

#[test]
#[ignore = "a measurement"]
fn seven_thousand_customers() {
    let rows = 70_000_u32;
    let mixed = |i: u32| i.wrapping_mul(2_654_435_761) >> 7;
    let customers = UInt32Array::from_iter_values((0..rows).map(|i| mixed(i) % 7_000));
    let days = Int64Array::from_iter_values((0..rows).map(|i| i64::from(mixed(i ^ 77) % 1_000)));
    let amounts = Int64Array::from_iter_values((0..rows).map(i64::from));
    let batch = RecordBatch::try_from_iter([
        ("customer", Arc::new(customers) as _),
        ("day", Arc::new(days) as _),
        ("amount", Arc::new(amounts) as _),
    ])
    .unwrap();
    let batches: Vec<_> =
        (0..rows as usize).step_by(8192).map(|i| batch.slice(i, 8192.min(rows as usize - i))).collect();
    let running = Frame { unit: FrameUnit::Range, start: Bound::UnboundedPreceding, end: Bound::CurrentRow };
    for (name, function, frame, data_type) in [
        ("lag", WindowFunction::Lag { offset: 1, default: None, ignore_nulls: false }, Frame::whole(), DataType::Int64),
        ("row_number", WindowFunction::RowNumber, Frame::whole(), DataType::Int64),
        ("running sum", WindowFunction::Aggregate(Kernel::Sum), running.clone(), DataType::Int64),
        ("whole sum", WindowFunction::Aggregate(Kernel::Sum), Frame::whole(), DataType::Int64),
        ("whole median", WindowFunction::Aggregate(Kernel::Median), Frame::whole(), DataType::Float64),
        ("running max", WindowFunction::Aggregate(Kernel::Maximum), running, DataType::Int64),
    ] {
        let arguments = if function == WindowFunction::RowNumber { Vec::new() } else { vec![1] };
        let call = WindowCall { name: name.to_owned(), function, arguments, filter: None, frame, data_type };
        let order = vec![(1, SortOptions { descending: false, nulls_first: false })];
        let plan = WindowPlan { partition: vec![0], order, ties: vec![2], calls: vec![call] };
        let mut best = f64::INFINITY;
        for _ in 0..20 {
            let start = Instant::now();
            let found = run_in(context(8192, None), operator(&batches, plan.clone()).unwrap()).unwrap();
            assert_eq!(found.num_rows(), rows as usize);
            best = best.min(start.elapsed().as_secs_f64());
        }
        println!("{name}: {:.2} ms", best * 1e3);
    }
}
