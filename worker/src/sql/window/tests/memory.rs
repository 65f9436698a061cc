//! What the operator holds is reserved, from the first batch to the end.

use arrow::array::{RecordBatch, UInt32Array};
use arrow::compute::take_record_batch;
use datafusion_common::DataFusionError;
use datafusion_common::utils::memory::get_record_batch_memory_size;
use datafusion_physical_plan::execute_stream;
use futures::StreamExt;
use std::sync::Arc;

use super::table::{CUSTOMER, Cell, NOTE, WHOLE, batch, types};
use super::{context, operator, run_in};
use crate::sql::window::{Frame, WindowCall, WindowFunction, WindowPlan};

fn plan() -> WindowPlan {
    let call = WindowCall {
        name: "w".to_owned(),
        function: WindowFunction::RowNumber,
        arguments: Vec::new(),
        filter: None,
        frame: Frame::whole(),
        data_type: arrow::datatypes::DataType::Int64,
    };
    WindowPlan { partition: vec![CUSTOMER], order: Vec::new(), ties: Vec::new(), calls: vec![call] }
}

/// Copies of pieces of a batch.
fn cut(batch: &RecordBatch, size: usize) -> Vec<RecordBatch> {
    let pieces = (0..batch.num_rows()).step_by(size).map(|start| batch.slice(start, size));
    let whole = |piece: RecordBatch| {
        let places = UInt32Array::from_iter_values(0..piece.num_rows() as u32);
        take_record_batch(&piece, &places).unwrap()
    };
    pieces.map(whole).collect()
}

fn batches() -> Vec<RecordBatch> {
    let row = |i: usize| {
        let mut row = vec![Cell::Null; types().len()];
        row[CUSTOMER] = Cell::Whole((i % 100) as i128);
        row[WHOLE] = Cell::Whole(i as i128);
        row
    };
    (0..10).map(|piece| batch(&(0..1000).map(|i| row(piece * 1000 + i)).collect::<Vec<_>>())).collect()
}

#[test]
fn rows_that_do_not_fit_are_sorted_on_disk_with_the_same_answer() {
    let bytes: usize = batches().iter().map(get_record_batch_memory_size).sum();
    for partition in [vec![CUSTOMER], vec![NOTE, CUSTOMER]] {
        for pieces in [100, 1000] {
            let plan = WindowPlan { partition: partition.clone(), ..plan() };
            let batches: Vec<_> = batches().iter().flat_map(|batch| cut(batch, pieces)).collect();
            let held = run_in(context(256, None), operator(&batches, plan.clone()).unwrap()).unwrap();
            let spilled = run_in(context(256, Some(bytes * 3 / 4)), operator(&batches, plan).unwrap()).unwrap();
            assert_eq!(held, spilled);
        }
    }
}

#[test]
fn a_partition_that_does_not_fit_is_told() {
    let bytes: usize = batches().iter().map(get_record_batch_memory_size).sum();
    let plan = WindowPlan { partition: Vec::new(), ..plan() };
    let batches: Vec<_> = batches().iter().flat_map(|batch| cut(batch, 100)).collect();
    let error = run_in(context(256, Some(bytes * 3 / 4)), operator(&batches, plan).unwrap()).unwrap_err();
    assert!(matches!(error.find_root(), DataFusionError::ResourcesExhausted(_)), "{error}");
    assert!(error.to_string().contains("WindowExec"), "{error}");
}

#[test]
fn what_is_held_is_reserved_until_the_stream_ends() {
    let context = context(1024, Some(10_000_000));
    let pool = Arc::clone(context.memory_pool());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let mut stream = execute_stream(operator(&batches(), plan()).unwrap(), context).unwrap();
        assert_eq!(pool.reserved(), 0);
        let mut rows = 0;
        while let Some(batch) = stream.next().await {
            rows += batch.unwrap().num_rows();
            // Ordinals, numbers, and the narrower ones of all columns at the least.
            assert!(pool.reserved() > 10_000 * 12);
        }
        assert_eq!(rows, 10_000);
        drop(stream);
        assert_eq!(pool.reserved(), 0);
    });
}
