//! Splits batches by shard and hands out full chunks, holding no more than its budget.

use arrow::{
    array::{Array, RecordBatch, StringArray, UInt32Array},
    compute::{concat_batches, take_record_batch},
};
use segmenter_proto::{Error, Result, shard_of};
use std::collections::BTreeMap;

/// Rows at which a chunk is full: about 1 MB of an order's few columns.
const CHUNK_ROWS: usize = 16_384;

/// Rows of one source and one shard, ready to be written.
#[derive(Debug)]
pub struct ReadyChunk {
    /// Position of the source in the run's specification.
    pub source: u32,
    /// The shard.
    pub shard: u32,
    /// The rows.
    pub rows: RecordBatch,
}

/// Rows that wait for their chunk to fill, by source and shard.
#[derive(Debug)]
pub struct Scatter {
    shards: u32,
    budget: usize,
    held: usize,
    waiting: BTreeMap<(u32, u32), Waiting>,
}

#[derive(Debug, Default)]
struct Waiting {
    batches: Vec<RecordBatch>,
    rows: usize,
}

impl Scatter {
    /// Makes an empty one for so many shards, that holds about `budget` bytes of rows at most.
    pub fn new(shards: u32, budget: usize) -> Self {
        Self { shards, budget, held: 0, waiting: BTreeMap::new() }
    }

    /// Takes in rows by the hash of their id; gives the chunks that are full, or all of them where the budget is.
    ///
    /// # Errors
    /// Bug only.
    pub fn push(&mut self, source: u32, ids: &StringArray, rows: &RecordBatch) -> Result<Vec<ReadyChunk>> {
        let shards: Vec<u32> = (0..ids.len()).map(|row| shard_of(ids.value(row), self.shards)).collect();
        self.push_to(source, &shards, rows)
    }

    /// Takes in rows with the shard of each; gives the chunks that are full, or all of them where the budget is.
    ///
    /// # Errors
    /// Bug only.
    pub fn push_to(&mut self, source: u32, shards: &[u32], rows: &RecordBatch) -> Result<Vec<ReadyChunk>> {
        let (order, ends) = counting_sort(shards, self.shards);
        let sorted = take_record_batch(rows, &order).map_err(cannot_scatter)?;
        self.held += sorted.get_array_memory_size();
        let mut ready = Vec::new();
        let mut start = 0;
        for (shard, end) in (0..self.shards).zip(ends) {
            if end > start {
                let waiting = self.waiting.entry((source, shard)).or_default();
                waiting.batches.push(sorted.slice(start, end - start));
                waiting.rows += end - start;
                if waiting.rows >= CHUNK_ROWS {
                    ready.extend(self.take(source, shard)?);
                }
            }
            start = end;
        }
        // A slice keeps its whole batch alive, so only letting go of all of them gives memory back for sure.
        if self.held > self.budget {
            ready.extend(self.finish()?);
        }
        Ok(ready)
    }

    /// Gives all rows that still wait.
    ///
    /// # Errors
    /// Bug only.
    pub fn finish(&mut self) -> Result<Vec<ReadyChunk>> {
        let keys: Vec<(u32, u32)> = self.waiting.keys().copied().collect();
        let mut ready = Vec::with_capacity(keys.len());
        for (source, shard) in keys {
            ready.extend(self.take(source, shard)?);
        }
        self.held = 0;
        Ok(ready)
    }

    fn take(&mut self, source: u32, shard: u32) -> Result<Option<ReadyChunk>> {
        let Some(waiting) = self.waiting.remove(&(source, shard)) else { return Ok(None) };
        let Some(first) = waiting.batches.first() else { return Ok(None) };
        let rows = concat_batches(&first.schema(), &waiting.batches).map_err(cannot_scatter)?;
        self.held = self.held.saturating_sub(rows.get_array_memory_size());
        Ok(Some(ReadyChunk { source, shard, rows }))
    }
}

/// Gives the order of the rows by shard, and where each shard ends in it.
fn counting_sort(shards: &[u32], count: u32) -> (UInt32Array, Vec<usize>) {
    let mut ends = vec![0_usize; count as usize];
    for &shard in shards {
        ends[shard as usize] += 1;
    }
    let mut total = 0;
    let mut next: Vec<usize> = Vec::with_capacity(ends.len());
    for end in &mut ends {
        next.push(total);
        total += *end;
        *end = total;
    }
    let mut order = vec![0_u32; shards.len()];
    for (row, &shard) in (0_u32..).zip(shards) {
        let at = &mut next[shard as usize];
        order[*at] = row;
        *at += 1;
    }
    (UInt32Array::from(order), ends)
}

fn cannot_scatter(error: arrow::error::ArrowError) -> Error {
    Error::bug("rows could not be split by shard").caused_by(error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{AsArray, Int64Array};
    use arrow::datatypes::{DataType, Field, Int64Type, Schema};
    use std::sync::Arc;

    fn rows(range: std::ops::Range<i64>) -> (StringArray, RecordBatch) {
        let ids: StringArray = range.clone().map(|id| Some(id.to_string())).collect();
        let schema = Schema::new(vec![Field::new("value", DataType::Int64, false)]);
        let values = Int64Array::from_iter_values(range);
        (ids, RecordBatch::try_new(Arc::new(schema), vec![Arc::new(values)]).unwrap())
    }

    #[test]
    fn every_row_comes_out_once_in_the_shard_of_its_id() {
        for budget in [0, 1 << 30] {
            let mut scatter = Scatter::new(7, budget);
            let mut seen = Vec::new();
            let mut chunks = Vec::new();
            for start in (0..50_000).step_by(10_000) {
                let (ids, batch) = rows(start..start + 10_000);
                chunks.extend(scatter.push(0, &ids, &batch).unwrap());
            }
            assert_eq!(chunks.is_empty(), budget > 0, "a budget of nothing holds nothing back");
            chunks.extend(scatter.finish().unwrap());
            for chunk in chunks {
                for &value in chunk.rows.column(0).as_primitive::<Int64Type>().values() {
                    assert_eq!(shard_of(&value.to_string(), 7), chunk.shard);
                    seen.push(value);
                }
            }
            seen.sort_unstable();
            assert_eq!(seen, (0..50_000).collect::<Vec<_>>());
        }
    }
}
