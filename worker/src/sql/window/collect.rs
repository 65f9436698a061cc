//! The input of the operator: held and sorted here where it fits into memory, else sorted by the engine, which spills.

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use arrow::datatypes::SchemaRef;
use datafusion_common::Result;
use datafusion_common::utils::memory::{RecordBatchMemoryCounter, get_record_batch_memory_size};
use datafusion_execution::memory_pool::MemoryReservation;
use datafusion_execution::{SendableRecordBatchStream, TaskContext};
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt, stream};
use std::collections::VecDeque;
use std::sync::Arc;

use super::check::bug;
use super::chunks::Chunks;
use super::plan::WindowPlan;
use super::spilled::{Rest, spilled};

/// Bytes a row that sorting takes at most: the row, where runs begin before and after, and the widest key beside the row.
const SORTING: usize = 4 + 2 * 8 + 32;

/// What the operator works with.
#[derive(Debug)]
pub(super) struct Work {
    pub(super) plan: Arc<WindowPlan>,
    /// Of the output.
    pub(super) schema: SchemaRef,
    /// Kept to the end.
    pub(super) reservation: MemoryReservation,
    pub(super) context: Arc<TaskContext>,
}

/// Gives the output.
pub(super) async fn output(
    mut input: SendableRecordBatchStream,
    work: Work,
) -> Result<BoxStream<'static, Result<RecordBatch>>> {
    let batch_size = work.context.session_config().batch_size().max(1);
    let mut held = VecDeque::new();
    let mut counter = RecordBatchMemoryCounter::new();
    while let Some(batch) = input.try_next().await? {
        let bytes = counter.count_batch(&batch);
        // For the batch, for the copy of all in one piece, and for sorting. Where that is refused, the half that is held
        // leaves the engine as much to sort in.
        if let Err(refused) = work.reservation.try_grow(2 * bytes + batch.num_rows() * SORTING) {
            held.push_back((batch, 0));
            return Ok(in_pieces(spilled(Rest { held, input }, work, refused)?, batch_size));
        }
        held.push_back((batch, bytes));
    }
    let count = held.iter().map(|(batch, _)| batch.num_rows()).sum::<usize>();
    if u32::try_from(count).is_err() {
        return Err(bug(format!("{count} rows are too many for a window at once")));
    }
    let rows = concat_batches(&input.schema(), held.iter().map(|(batch, _)| batch))?;
    drop((held, input));
    work.reservation.try_resize(get_record_batch_memory_size(&rows) + count * SORTING)?;
    Ok(in_pieces(stream::iter(Chunks::new(rows, work, batch_size)?).boxed(), batch_size))
}

/// Cuts batches that are larger than they should be.
fn in_pieces(batches: BoxStream<'static, Result<RecordBatch>>, size: usize) -> BoxStream<'static, Result<RecordBatch>> {
    let pieces = move |batch: RecordBatch| {
        let starts = (0..batch.num_rows()).step_by(size);
        stream::iter(starts.map(move |start| Ok(batch.slice(start, size.min(batch.num_rows() - start)))))
    };
    batches.map_ok(pieces).try_flatten().boxed()
}
