//! Rows that fit into memory, taken out partition by partition in their order.

use arrow::array::{RecordBatch, RecordBatchOptions, UInt32Array};
use arrow::compute::take;
use datafusion_common::Result;
use datafusion_common::utils::memory::get_record_batch_memory_size;

use super::collect::Work;
use super::compute::compute;
use super::sort::sort;

/// Bytes a row and column that computing takes at most beside the columns: frames, and places or sums on the way.
const COMPUTING: usize = 128;

/// The output in batches of whole partitions.
#[derive(Debug)]
pub(super) struct Chunks {
    work: Work,
    batch_size: usize,
    rows: RecordBatch,
    order: UInt32Array,
    /// Where partitions begin in the order, and the number of rows.
    partitions: Vec<usize>,
    /// The next partition.
    next: usize,
    /// Bytes that are held all the time, and those of a row.
    held: usize,
    width: usize,
}

impl Work {
    /// Gives the bytes that computing the calls over rows takes, beside the rows themselves.
    pub(super) fn computing(&self, rows: usize) -> usize {
        rows * (self.plan.calls.len() + 1) * COMPUTING
    }
}

impl Chunks {
    /// Sorts rows, for which memory is reserved.
    pub(super) fn new(rows: RecordBatch, work: Work, batch_size: usize) -> Result<Self> {
        let count = rows.num_rows();
        let (order, mut partitions) = sort(&rows, &work.plan)?;
        partitions.push(count);
        let bytes = get_record_batch_memory_size(&rows);
        let width = bytes.div_ceil(count.max(1));
        let held = bytes + count * size_of::<u32>() + partitions.capacity() * size_of::<usize>();
        work.reservation.try_resize(held)?;
        Ok(Self { work, batch_size, rows, order: UInt32Array::from(order), partitions, next: 0, held, width })
    }

    /// Computes the next partitions, as many as make a batch.
    fn advance(&mut self) -> Result<Option<RecordBatch>> {
        let Some((start, end)) = self.partitions.get(self.next).zip(self.partitions.get(self.next + 1)) else {
            return Ok(None);
        };
        let (start, mut end) = (*start, *end);
        self.next += 1;
        while let Some(further) = self.partitions.get(self.next + 1)
            && further - start <= self.batch_size
        {
            end = *further;
            self.next += 1;
        }
        let count = end - start;
        self.work.reservation.try_resize(self.held + count * self.width + self.work.computing(count))?;
        let places = self.order.slice(start, count);
        let taken = self.rows.columns().iter().map(|column| take(column, &places, None));
        let taken = taken.collect::<Result<Vec<_>, _>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(count));
        let rows = RecordBatch::try_new_with_options(self.rows.schema(), taken, &options)?;
        compute(rows, &self.work.plan, &self.work.schema).map(Some)
    }
}

impl Iterator for Chunks {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        let computed = self.advance();
        if computed.is_err() {
            self.next = self.partitions.len();
        }
        computed.transpose()
    }
}
