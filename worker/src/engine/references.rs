//! Reference tables: the same rows for every shard, decoded once and shared by all threads.

use super::{
    memory::{Held, Slot},
    worker::Worker,
};
use crate::{
    partition::{ChunkReader, RowPlaces},
    program::DataBudget,
    shard::joined,
    spec::SourceSpec,
    sql::References,
};
use arrow::{
    array::{Array, ArrayRef, RecordBatch},
    compute::{SortColumn, lexsort_to_indices, partition, take_record_batch},
};
use segmenter_proto::{Error, Result, v1::Chunk};
use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError},
};

/// While a table is put in order it stands in memory as chunks, joined, and sorted.
const COPIES: u64 = 3;

/// Reference tables that are in use, which make no room for anything meanwhile.
#[derive(Debug)]
pub(super) struct HeldReferences {
    pub(super) tables: References,
    /// Bytes of them.
    pub(super) bytes: u64,
    _held: Vec<Arc<Held>>,
}

impl Worker {
    /// Gives the reference tables of chunks that `is_needed` says, by their sources.
    ///
    /// # Errors
    /// A key comes twice (Data), a table does not fit into memory (Resources), or a work file is gone or damaged: [`Error::lost_work`].
    pub(super) fn references(&self, chunks: &[Chunk], is_needed: impl Fn(usize) -> bool) -> Result<HeldReferences> {
        let mut by_source: BTreeMap<u32, Vec<Chunk>> = BTreeMap::new();
        for chunk in chunks.iter().filter(|chunk| is_needed(chunk.source as usize)) {
            by_source.entry(chunk.source).or_default().push(chunk.clone());
        }
        let mut references = HeldReferences { tables: References::default(), bytes: 0, _held: Vec::new() };
        // One thread makes a table, and the others wait for it.
        let _one = self.loading.lock().unwrap_or_else(PoisonError::into_inner);
        for (source, chunks) in by_source {
            let held = match self.memory.get(source, Slot::Reference) {
                Some(held) => held,
                None => self.load_reference(source, &chunks)?,
            };
            let Held::Table(table) = &*held else { return Err(Error::bug("a reference table is none")) };
            references.bytes += bytes_of(table)?;
            references.tables.insert(source as usize, table.clone());
            references._held.push(held);
        }
        Ok(references)
    }

    fn load_reference(&self, number: u32, chunks: &[Chunk]) -> Result<Arc<Held>> {
        let source = self.spec.sources.get(number as usize).ok_or_else(|| Error::bug("chunks are of no source"))?;
        let needed = chunks.iter().map(|chunk| chunk.memory).sum::<u64>() * COPIES;
        let what = format!("the reference table {}", source.source.name);
        let claim = self.memory.claim(number, Slot::Reference, needed, &what);
        // Smaller shards would not help: every worker has all of the table. Half as much more is for rows of customers.
        let mut claim = claim.map_err(|error| {
            let whole = DataBudget::whole_for(needed + needed / 2, self.threads).div_ceil(1 << 20);
            error.with_hint(format!("give --memory {whole}M, or leave out with where what queries do not need"))
        })?;
        let mut batches = ChunkReader::new(&self.chunks, &self.runtime).read(chunks)?;
        let rows = joined(&batches.remove(&number).unwrap_or_default())?;
        drop(batches);
        let rows = rows.ok_or_else(|| Error::bug("chunks hold no rows"))?;
        let table = ordered(&rows, source)?;
        claim.shrink(bytes_of(&table)?);
        let held = Arc::new(Held::Table(table));
        claim.keep(&held);
        Ok(held)
    }
}

fn bytes_of(table: &RecordBatch) -> Result<u64> {
    let bytes = table.columns().iter().map(|column| column.to_data().get_slice_memory_size());
    let bytes = bytes.sum::<std::result::Result<usize, _>>();
    Ok(bytes.map_err(|error| Error::bug("a reference table has no size").caused_by(error))? as u64)
}

/// Puts the rows of a reference table in the order of their keys.
///
/// # Errors
/// Two rows have the same key: Data, with their files and rows.
fn ordered(rows: &RecordBatch, source: &SourceSpec) -> Result<RecordBatch> {
    let bug = |error| Error::bug("a reference table cannot be put in order").caused_by(error);
    let (kept, places) = RowPlaces::split(rows)?;
    let key =
        source.source.key.iter().map(|name| {
            kept.column_by_name(name).cloned().ok_or_else(|| Error::bug("a reference table has lost its key"))
        });
    let key: Vec<ArrayRef> = key.collect::<Result<_>>()?;
    let by: Vec<SortColumn> =
        key.iter().map(|values| SortColumn { values: Arc::clone(values), options: None }).collect();
    let order = lexsort_to_indices(&by, None).map_err(bug)?;
    let table = take_record_batch(&kept, &order).map_err(bug)?;
    let sorted = source.source.key.iter().filter_map(|name| table.column_by_name(name).cloned());
    let groups = partition(&sorted.collect::<Vec<_>>()).map_err(bug)?.ranges();
    let mut repeated = 0;
    let mut first: Option<[(&str, u64); 2]> = None;
    for group in groups.iter().filter(|group| group.len() > 1) {
        repeated += group.len() - 1;
        let mut at: Vec<(&str, u64)> = group.clone().map(|row| places.of(order.value(row) as usize)).collect();
        at.sort_unstable();
        let pair = [at[0], at[1]];
        first = Some(first.map_or(pair, |known| known.min(pair)));
    }
    match first {
        None => Ok(table),
        Some([(file, row), (other, again)]) => Err(Error::data(format!(
            "source {}: {repeated} of {} rows have the {} of another, such as row {again} of {other}, which has that of row {row} of {file}",
            source.source.name,
            table.num_rows(),
            source.source.key.join(", "),
        ))
        .with_hint("leave such rows out with where, name more columns in key, or write the files without rows that come twice")),
    }
}
