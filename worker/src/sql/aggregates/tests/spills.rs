//! Aggregates that do not fit into memory give the same bits.

use arrow::array::{ArrayRef, AsArray, RecordBatch, UInt32Array, UInt64Array};
use arrow::compute::{concat_batches, take};
use arrow::datatypes::UInt32Type;
use datafusion_execution::TaskContext;
use datafusion_execution::config::SessionConfig;
use datafusion_execution::memory_pool::FairSpillPool;
use datafusion_execution::runtime_env::RuntimeEnvBuilder;
use datafusion_physical_expr::aggregate::AggregateExprBuilder;
use datafusion_physical_expr::expressions::Column;
use datafusion_physical_plan::aggregates::{AggregateExec, AggregateMode, PhysicalGroupBy};
use datafusion_physical_plan::test::TestMemoryExec;
use datafusion_physical_plan::{ExecutionPlan, collect};
use segmenter_proto::draw;
use std::collections::HashMap;
use std::sync::Arc;

use super::calls::{ALL, Row, call, opened, table};

const CUSTOMERS: u32 = 1_500;

/// Rows of many customers, drawn by hash.
fn rows() -> Vec<Row> {
    let rows = (0..24_000_u64).map(|i| {
        let drawn = |what: &str| draw(7, what, &i.to_string());
        let number = (drawn("number") % 2_000_000) as i64 - 1_000_000;
        let text = format!("text {}", drawn("text") % 5_000);
        (
            (drawn("group") % u64::from(CUSTOMERS)) as u32,
            (i % 11 != 0).then_some((number as f64 / 3.0, (drawn("power") % 80) as i32 - 40)),
            (i % 7 != 0).then_some(number),
            (i % 5 != 0).then_some(i128::from(number) * 10_i128.pow(31)),
            (i % 13 != 0).then_some(text),
            (i % 3 != 0).then_some(i % 2 == 0),
        )
    });
    rows.collect()
}

/// The results sorted by group, one column an aggregate, and how often the states were written to disk.
fn aggregated(sql: &[&str], rows: &RecordBatch, pool: Option<usize>) -> (Vec<ArrayRef>, usize) {
    let batches: Vec<RecordBatch> = (0..rows.num_rows()).step_by(1_000).map(|start| rows.slice(start, 1_000)).collect();
    let input = TestMemoryExec::try_new_exec(&[batches], rows.schema(), None).unwrap();
    let calls: Vec<_> = sql.iter().map(|sql| call(sql, rows)).collect();
    let functions = calls.iter().enumerate().map(|(i, call)| {
        let builder = AggregateExprBuilder::new(Arc::clone(&call.exact.function), call.arguments.clone());
        Arc::new(builder.schema(rows.schema()).alias(format!("c{i}")).build().unwrap())
    });
    let plan = AggregateExec::try_new(
        AggregateMode::Single,
        PhysicalGroupBy::new_single(vec![(Arc::new(Column::new("g", 0)), "g".to_owned())]),
        functions.collect(),
        calls.iter().map(|call| call.filter.clone()).collect(),
        input,
        rows.schema(),
    );
    let plan = Arc::new(plan.unwrap());
    let scratch = tempfile::tempdir().unwrap();
    let runtime = RuntimeEnvBuilder::new().with_temp_file_path(scratch.path());
    let runtime = match pool {
        Some(bytes) => runtime.with_memory_pool(Arc::new(FairSpillPool::new(bytes))),
        None => runtime,
    };
    let config = SessionConfig::new().with_target_partitions(1).with_batch_size(1_024);
    let context = TaskContext::new(
        None,
        "aggregates".to_owned(),
        config,
        HashMap::new(),
        HashMap::new(),
        HashMap::new(),
        HashMap::new(),
        runtime.build_arc().unwrap(),
    );
    let threads = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let batches = threads.block_on(collect(Arc::clone(&plan) as Arc<dyn ExecutionPlan>, Arc::new(context)));
    let batches = batches.unwrap_or_else(|error| panic!("{sql:?}: {error}"));
    let found = concat_batches(&plan.schema(), &batches).unwrap();
    let groups = found.column(0).as_primitive::<UInt32Type>();
    let mut order: Vec<u32> = (0..found.num_rows() as u32).collect();
    order.sort_by_key(|row| groups.value(*row as usize));
    let order = UInt32Array::from(order);
    let columns = found.columns()[1..].iter().map(|column| take(column, &order, None).unwrap());
    let columns = columns.zip(&calls).flat_map(|(column, call)| {
        let (values, lost) = opened(call, &column);
        [values, Arc::new(UInt64Array::from(vec![lost])) as ArrayRef]
    });
    let spills = plan.metrics().and_then(|metrics| metrics.spill_count()).unwrap_or(0);
    (columns.collect(), spills)
}

#[test]
fn states_on_disk_give_the_same_bits() {
    let rows = table(&rows());
    // Each set has aggregates of many sizes.
    let sets = 6;
    for set in 0..sets {
        let some: Vec<&str> = ALL.iter().skip(set).step_by(sets).copied().collect();
        let (expected, spills) = aggregated(&some, &rows, None);
        assert_eq!(spills, 0);
        let mut most = 0;
        for pool in [1_500_000, 1_000_000, 700_000, 500_000, 350_000] {
            let (found, spills) = aggregated(&some, &rows, Some(pool));
            for (found, expected) in found.iter().zip(&expected) {
                assert_eq!(found.to_data(), expected.to_data(), "{some:?}");
            }
            most = most.max(spills);
            if spills > 2 {
                break;
            }
        }
        assert!(most > 2, "{some:?}: written to disk {most} times");
    }
}
