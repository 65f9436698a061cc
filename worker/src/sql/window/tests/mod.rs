//! Window functions against the standard, written again without care for time.

mod against_oracle;
mod by_hand;
mod limits;
mod memory;
mod oracle;
mod plans;
mod speed;
mod table;

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use datafusion_common::Result;
use datafusion_execution::TaskContext;
use datafusion_execution::config::SessionConfig;
use datafusion_execution::runtime_env::RuntimeEnvBuilder;
use datafusion_physical_plan::test::TestMemoryExec;
use datafusion_physical_plan::{ExecutionPlan, collect};
use std::sync::Arc;

use super::{WindowExec, WindowPlan};

/// The operator over batches of one table.
fn operator(batches: &[RecordBatch], plan: WindowPlan) -> Result<Arc<dyn ExecutionPlan>> {
    let input = TestMemoryExec::try_new_exec(&[batches.to_vec()], batches[0].schema(), None).unwrap();
    Ok(Arc::new(WindowExec::try_new(input, plan)?))
}

/// What runs an operator: batches of a size, a pool of bytes.
fn context(batch_size: usize, memory: Option<usize>) -> Arc<TaskContext> {
    let runtime = RuntimeEnvBuilder::new();
    let runtime = memory.map_or(runtime.clone(), |bytes| runtime.with_memory_limit(bytes, 1.0));
    let config = SessionConfig::new().with_batch_size(batch_size).with_sort_spill_reservation_bytes(65_536);
    Arc::new(TaskContext::default().with_session_config(config).with_runtime(runtime.build_arc().unwrap()))
}

fn run_in(context: Arc<TaskContext>, operator: Arc<dyn ExecutionPlan>) -> Result<RecordBatch> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let schema = operator.schema();
    let batches = runtime.block_on(collect(operator, context))?;
    Ok(concat_batches(&schema, &batches).unwrap())
}

/// The rows of a table with a plan's columns.
fn run(batches: &[RecordBatch], plan: &WindowPlan, batch_size: usize) -> RecordBatch {
    run_in(context(batch_size, None), operator(batches, plan.clone()).unwrap()).unwrap()
}
