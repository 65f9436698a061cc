//! Rows that do not fit into memory: sorted by the engine, which writes what is too much to disk, and computed partition by
//! partition as they come back. Only the largest partition has to fit.
//!
//! The order is the one of [`super::sort`], which is total but for rows that are equal in everything, so nothing shows which
//! way was taken.

use arrow::array::RecordBatch;
use arrow::compute::{concat, concat_batches};
use arrow::datatypes::SchemaRef;
use datafusion_common::utils::memory::get_record_batch_memory_size;
use datafusion_common::{DataFusionError, Result};
use datafusion_execution::memory_pool::MemoryReservation;
use datafusion_execution::{SendableRecordBatchStream, TaskContext};
use datafusion_physical_expr::expressions::Column;
use datafusion_physical_expr::{LexOrdering, PhysicalSortExpr};
use datafusion_physical_plan::ExecutionPlan;
use datafusion_physical_plan::sorts::sort::SortExec;
use datafusion_physical_plan::stream::RecordBatchStreamAdapter;
use datafusion_physical_plan::streaming::{PartitionStream, StreamingTableExec};
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt, stream};
use std::collections::VecDeque;
use std::fmt::{Debug, Formatter};
use std::sync::{Arc, Mutex};

use super::boundaries::runs;
use super::check::bug;
use super::collect::Work;
use super::compute::compute;
use super::plan::WindowPlan;
use super::sort::{ASCENDING, after_partition};

/// The input: what was read of it already, with the bytes that are reserved for it, and what is left.
pub(super) struct Rest {
    pub(super) held: VecDeque<(RecordBatch, usize)>,
    pub(super) input: SendableRecordBatchStream,
}

/// Gives the output in batches of whole partitions; `refused` is why it was not computed in memory.
pub(super) fn spilled(
    rest: Rest,
    mut work: Work,
    refused: DataFusionError,
) -> Result<BoxStream<'static, Result<RecordBatch>>> {
    let Some((first, _)) = rest.held.front() else { return Err(refused) };
    let schema = first.schema();
    let partition = work.plan.partition.iter().map(|column| (*column, ASCENDING));
    let keys = partition.chain(after_partition(&work.plan, schema.fields().len()));
    let keys = keys.map(|(column, options)| {
        PhysicalSortExpr::new(Arc::new(Column::new(schema.field(column).name(), column)), options)
    });
    let Some(order) = LexOrdering::new(keys) else { return Err(refused) };
    let context = Arc::clone(&work.context);
    work.reservation.try_resize(rest.held.iter().map(|(_, bytes)| bytes).sum())?;
    let rows = rest.stream(Arc::clone(&schema), work.reservation.take());
    let source = Once { schema: Arc::clone(&schema), rows: Mutex::new(Some(rows)) };
    let source = StreamingTableExec::try_new(schema, vec![Arc::new(source)], None, [], false, None)?;
    let sorted = SortExec::new(order, Arc::new(source)).execute(0, context)?;
    let partitions = Partitions { work, sorted: Some(sorted), waiting: Vec::new(), bytes: 0 };
    Ok(stream::try_unfold(partitions, |mut partitions| async move {
        Ok(partitions.next().await?.map(|batch| (batch, partitions)))
    })
    .boxed())
}

impl Rest {
    /// Gives all rows; what is reserved for a batch is free as soon as it is handed out.
    fn stream(self, schema: SchemaRef, reservation: MemoryReservation) -> SendableRecordBatchStream {
        let held = stream::iter(self.held);
        let held = held.map(move |(batch, bytes)| reservation.try_shrink(bytes).map(|_| batch));
        let rows = held.chain(self.input);
        Box::pin(RecordBatchStreamAdapter::new(schema, rows))
    }
}

/// Rows that the engine reads once.
struct Once {
    schema: SchemaRef,
    rows: Mutex<Option<SendableRecordBatchStream>>,
}

impl Debug for Once {
    fn fmt(&self, to: &mut Formatter<'_>) -> std::fmt::Result {
        to.write_str("Once")
    }
}

impl PartitionStream for Once {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        let rows = self.rows.lock().ok().and_then(|mut rows| rows.take());
        let missing = || stream::once(async { Err(bug("the input of a window is read twice")) });
        rows.unwrap_or_else(|| Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), missing())))
    }
}

/// Sorted rows as they come back.
struct Partitions {
    work: Work,
    /// None at the end.
    sorted: Option<SendableRecordBatchStream>,
    /// Rows of a partition that may go on, and of whole ones before it.
    waiting: Vec<RecordBatch>,
    bytes: usize,
}

impl Partitions {
    /// Computes the next whole partitions.
    async fn next(&mut self) -> Result<Option<RecordBatch>> {
        while let Some(sorted) = &mut self.sorted {
            let Some(batch) = sorted.try_next().await? else {
                self.sorted = None;
                let last = std::mem::take(&mut self.waiting);
                return if last.is_empty() { Ok(None) } else { self.compute(&last).map(Some) };
            };
            if batch.num_rows() == 0 {
                continue;
            }
            let last = last_partition(&batch, &self.work.plan)?;
            if last == 0 && self.goes_on(&batch)? {
                self.wait(batch)?;
                continue;
            }
            let mut whole = std::mem::take(&mut self.waiting);
            if last > 0 {
                whole.push(batch.slice(0, last));
            }
            let computed = if whole.is_empty() { None } else { Some(self.compute(&whole)?) };
            self.bytes = 0;
            self.wait(batch.slice(last, batch.num_rows() - last))?;
            if computed.is_some() {
                return Ok(computed);
            }
        }
        Ok(None)
    }

    /// Keeps rows until their partition ends.
    fn wait(&mut self, batch: RecordBatch) -> Result<()> {
        self.bytes += get_record_batch_memory_size(&batch);
        self.work.reservation.try_resize(self.bytes)?;
        self.waiting.push(batch);
        Ok(())
    }

    /// Says whether the first row of a batch has the partition of the last one that waits.
    fn goes_on(&self, batch: &RecordBatch) -> Result<bool> {
        let Some(before) = self.waiting.last() else { return Ok(false) };
        let pair = |column: &usize| {
            concat(&[&before.column(*column).slice(before.num_rows() - 1, 1), &batch.column(*column).slice(0, 1)])
        };
        let columns = self.work.plan.partition.iter().map(pair).collect::<Result<Vec<_>, _>>()?;
        Ok(runs(&columns, 2)?.len() == 2)
    }

    fn compute(&self, whole: &[RecordBatch]) -> Result<RecordBatch> {
        let count = whole.iter().map(|batch| batch.num_rows()).sum();
        let bytes = whole.iter().map(get_record_batch_memory_size).sum::<usize>();
        let copied = if whole.len() > 1 { bytes } else { 0 };
        self.work.reservation.try_resize(bytes + copied + self.work.computing(count))?;
        let rows = concat_batches(&whole[0].schema(), whole)?;
        compute(rows, &self.work.plan, &self.work.schema)
    }
}

/// Gives where the last partition of sorted rows begins.
fn last_partition(rows: &RecordBatch, plan: &WindowPlan) -> Result<usize> {
    let columns: Vec<_> = plan.partition.iter().map(|column| Arc::clone(rows.column(*column))).collect();
    Ok(runs(&columns, rows.num_rows())?.iter().rev().nth(1).copied().unwrap_or(0))
}
