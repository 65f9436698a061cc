//! Splits batches by shard and hands out full chunks, holding no more than its budget.
//!
//! The number of chunks grows with the rows and not with tasks × shards × budgets: where the budget is full, what is large enough becomes a chunk, and
//! the rest waits on disk for more rows of its shard.

use super::spill::{Segment, Spill};
use arrow::{
    array::{Array, RecordBatch, StringArray, UInt32Array},
    compute::{concat_batches, take_record_batch},
};
use segmenter_proto::{Error, Result, shard_of};
use std::{collections::BTreeMap, path::Path};

/// Rows at which a chunk is full: about 1 MB of an order's few columns.
pub(super) const CHUNK_ROWS: usize = 16_384;
/// A chunk of fewer rows is written only at the end ...
const LEAST_ROWS: usize = 2_048;
/// ... unless it has so many bytes.
const LEAST_BYTES: usize = 128 << 10;
/// After so many chunks of one task, only full ones are written before its end: the answer that lists them is one message.
const MANY_CHUNKS: usize = 100_000;
/// Bytes on disk at which everything is written, whatever its size: rows of the quarantine may wait for ever for more of their kind.
const MOST_SPILLED: u64 = 1 << 30;

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

/// A shard and a source, in this order: what is written together lies together, so that a shard is read in few requests.
type Place = (u32, u32);

/// Rows that wait for their chunk to fill, by shard and source.
#[derive(Debug)]
pub struct Scatter {
    shards: u32,
    budget: usize,
    held: usize,
    held_rows: usize,
    written: usize,
    waiting: BTreeMap<Place, Waiting>,
    spill: Spill,
}

#[derive(Debug, Default)]
struct Waiting {
    spilled: Vec<Segment>,
    batches: Vec<RecordBatch>,
    /// Of the batches.
    rows: usize,
}

impl Waiting {
    fn all_rows(&self) -> usize {
        self.spilled.iter().map(|segment| segment.rows).sum::<usize>() + self.rows
    }
}

impl Scatter {
    /// Makes an empty one for so many shards, that holds about `budget` bytes of rows at most; others wait in a nameless file of `scratch`.
    pub fn new(shards: u32, budget: usize, scratch: &Path) -> Self {
        let (waiting, spill) = (BTreeMap::new(), Spill::new(scratch));
        Self { shards, budget, held: 0, held_rows: 0, written: 0, waiting, spill }
    }

    /// Takes in rows by the hash of their id; gives `write` the chunks that are full, or large enough where the budget is full.
    ///
    /// # Errors
    /// Those of `write` and of the scratch folder.
    pub fn push(
        &mut self,
        source: u32,
        ids: &StringArray,
        rows: &RecordBatch,
        write: &mut impl FnMut(ReadyChunk) -> Result<()>,
    ) -> Result<()> {
        let shards: Vec<u32> = (0..ids.len()).map(|row| shard_of(ids.value(row), self.shards)).collect();
        self.push_to(source, &shards, rows, write)
    }

    /// Takes in rows with the shard of each, as [`Self::push`] does.
    ///
    /// # Errors
    /// As [`Self::push`].
    pub fn push_to(
        &mut self,
        source: u32,
        shards: &[u32],
        rows: &RecordBatch,
        write: &mut impl FnMut(ReadyChunk) -> Result<()>,
    ) -> Result<()> {
        let (order, ends) = counting_sort(shards, self.shards);
        let sorted = take_record_batch(rows, &order).map_err(cannot_scatter)?;
        self.held += sorted.get_array_memory_size();
        self.held_rows += sorted.num_rows();
        let mut start = 0;
        for (shard, end) in (0..self.shards).zip(ends) {
            if end > start {
                let waiting = self.waiting.entry((shard, source)).or_default();
                waiting.batches.push(sorted.slice(start, end - start));
                waiting.rows += end - start;
                if waiting.rows >= CHUNK_ROWS {
                    self.take((shard, source), write)?;
                }
            }
            start = end;
        }
        drop(sorted);
        // A slice keeps its whole batch alive, so only letting go of all of them gives memory back for sure.
        if self.held > self.budget { self.relieve(write) } else { Ok(()) }
    }

    /// Gives `write` all rows that still wait.
    ///
    /// # Errors
    /// As [`Self::push`].
    pub fn finish(&mut self, write: &mut impl FnMut(ReadyChunk) -> Result<()>) -> Result<()> {
        while let Some((&place, _)) = self.waiting.first_key_value() {
            self.take(place, write)?;
        }
        (self.held, self.held_rows) = (0, 0);
        self.spill.clear()
    }

    /// Lets go of all rows in memory.
    fn relieve(&mut self, write: &mut impl FnMut(ReadyChunk) -> Result<()>) -> Result<()> {
        let bytes_a_row = self.held / self.held_rows.max(1);
        let least = match self.written < MANY_CHUNKS {
            true => LEAST_ROWS.min(LEAST_BYTES / bytes_a_row.max(1)),
            false => CHUNK_ROWS,
        };
        for place in self.waiting.keys().copied().collect::<Vec<_>>() {
            match self.waiting.get(&place).is_some_and(|waiting| waiting.all_rows() >= least) {
                true => self.take(place, write)?,
                false => self.spill(place)?,
            }
        }
        (self.held, self.held_rows) = (0, 0);
        if self.waiting.is_empty() {
            return self.spill.clear();
        }
        if self.spill.bytes() > MOST_SPILLED { self.finish(write) } else { Ok(()) }
    }

    fn spill(&mut self, place: Place) -> Result<()> {
        let Some(waiting) = self.waiting.get_mut(&place) else { return Ok(()) };
        let batches = std::mem::take(&mut waiting.batches);
        waiting.rows = 0;
        let Some(first) = batches.first() else { return Ok(()) };
        let rows = concat_batches(&first.schema(), &batches).map_err(cannot_scatter)?;
        waiting.spilled.push(self.spill.put(&rows)?);
        Ok(())
    }

    /// Writes all rows of a place, in the order in which they came.
    fn take(&mut self, place: Place, write: &mut impl FnMut(ReadyChunk) -> Result<()>) -> Result<()> {
        let Some(Waiting { spilled, batches, rows: in_memory }) = self.waiting.remove(&place) else { return Ok(()) };
        let (shard, source) = place;
        let mut write = |batches: &[RecordBatch]| -> Result<()> {
            let Some(first) = batches.first() else { return Ok(()) };
            let rows = concat_batches(&first.schema(), batches).map_err(cannot_scatter)?;
            self.written += 1;
            write(ReadyChunk { source, shard, rows })
        };
        let (mut chunk, mut rows) = (Vec::new(), 0);
        for segment in &spilled {
            chunk.extend(self.spill.get(segment)?);
            rows += segment.rows;
            if rows >= CHUNK_ROWS {
                write(&chunk)?;
                (chunk, rows) = (Vec::new(), 0);
            }
        }
        chunk.extend(batches);
        write(&chunk)?;
        self.held -= self.held / self.held_rows.max(1) * in_memory.min(self.held_rows);
        self.held_rows = self.held_rows.saturating_sub(in_memory);
        Ok(())
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

    fn values(chunk: &ReadyChunk) -> Vec<i64> {
        chunk.rows.column(0).as_primitive::<Int64Type>().values().to_vec()
    }

    /// Scatters 0 to `count` − 1 in batches of so many rows; gives the chunks of the middle and those of the end.
    fn scattered(shards: u32, budget: usize, count: i64, batch: usize) -> [Vec<ReadyChunk>; 2] {
        let folder = tempfile::tempdir().unwrap();
        let mut scatter = Scatter::new(shards, budget, folder.path());
        let [mut middle, mut last] = [Vec::new(), Vec::new()];
        for start in (0..count).step_by(batch) {
            let (ids, batch) = rows(start..(start + batch as i64).min(count));
            scatter
                .push(0, &ids, &batch, &mut |chunk| {
                    middle.push(chunk);
                    Ok(())
                })
                .unwrap();
        }
        scatter
            .finish(&mut |chunk| {
                last.push(chunk);
                Ok(())
            })
            .unwrap();
        [middle, last]
    }

    #[test]
    fn every_row_comes_out_once_in_the_shard_of_its_id() {
        for budget in [0, 100_000, 1 << 30] {
            let [middle, last] = scattered(7, budget, 50_000, 10_000);
            assert_eq!(middle.is_empty(), budget > 100_000, "a small budget holds little back");
            let mut seen = Vec::new();
            for chunk in middle.iter().chain(&last) {
                for value in values(chunk) {
                    assert_eq!(shard_of(&value.to_string(), 7), chunk.shard);
                    seen.push(value);
                }
            }
            seen.sort_unstable();
            assert_eq!(seen, (0..50_000).collect::<Vec<_>>());
        }
    }

    #[test]
    fn little_memory_and_many_shards_do_not_make_tiny_chunks() {
        let of = |budget| {
            let [middle, last] = scattered(500, budget, 300_000, 5_000);
            assert!(middle.iter().all(|chunk| chunk.rows.num_rows() >= LEAST_ROWS));
            assert!(middle.len() + last.len() <= 500, "a chunk a shard: none reaches {LEAST_ROWS} rows");
            last.iter().map(values).collect::<Vec<_>>()
        };
        assert_eq!(of(1), of(usize::MAX), "the same rows in the same order, from disk or from memory");
    }

    #[test]
    fn rows_that_waited_on_disk_are_written_when_there_are_enough_of_them() {
        let [middle, last] = scattered(10, 20_000, 100_000, 5_000);
        assert!(middle.iter().all(|chunk| chunk.rows.num_rows() >= LEAST_ROWS));
        let largest = middle.iter().map(|chunk| chunk.rows.num_rows()).max();
        assert!(largest < Some(2 * LEAST_ROWS) && middle.len() >= 30 && last.len() <= 10, "{largest:?}");
    }

    #[test]
    fn what_is_written_together_lies_together_a_shard() {
        let folder = tempfile::tempdir().unwrap();
        let mut scatter = Scatter::new(4, usize::MAX, folder.path());
        let mut order = Vec::new();
        for source in [1, 0, u32::MAX] {
            let (ids, batch) = rows(0..1_000);
            scatter.push(source, &ids, &batch, &mut |_| Ok(())).unwrap();
        }
        scatter
            .finish(&mut |chunk| {
                order.push((chunk.shard, chunk.source));
                Ok(())
            })
            .unwrap();
        assert!(order.is_sorted() && order.len() == 12, "{order:?}");
    }
}
