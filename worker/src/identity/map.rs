//! The end: a shard's part of `identity/` and of the key map.

use super::rows::{PEOPLE, texts_of};
use crate::{keymap::KeyMapBuilder, partition::ChunkReader, results::identity_schema, shard::joined};
use arrow::{
    array::RecordBatch,
    compute::{sort_to_indices, take_record_batch},
};
use bytes::Bytes;
use segmenter_proto::{
    Error, Result,
    v1::{Chunk, KeyMapPart},
};
use std::sync::Arc;

/// The name of the key map from ids to those of their persons.
pub const IDENTITY: &str = "identity";

/// Gives the bytes of memory that this takes of these chunks.
pub fn memory_of_map(chunks: &[Chunk]) -> u64 {
    let own = chunks.iter().filter(|chunk| chunk.source == PEOPLE);
    // Rows stand in memory twice while they are put in order.
    own.map(|chunk| 2 * chunk.memory + KeyMapBuilder::memory_of(chunk.rows, chunk.memory)).sum()
}

/// Gives the rows of `identity/`, sorted by id, and the part of the key map, which has those ids that are not their person's.
///
/// # Errors
/// A work file is gone or damaged: [`Error::lost_work`].
pub fn map(reader: &ChunkReader<'_>, chunks: &[Chunk]) -> Result<(RecordBatch, KeyMapPart, Bytes)> {
    let own: Vec<Chunk> = chunks.iter().filter(|chunk| chunk.source == PEOPLE).cloned().collect();
    let batches = reader.read(&own)?.remove(&PEOPLE).unwrap_or_default();
    let schema = identity_schema();
    let cannot = |error| Error::bug("ids with their persons could not be put in order").caused_by(error);
    let rows = match joined(&batches)? {
        None => RecordBatch::new_empty(schema),
        Some(rows) => {
            drop(batches);
            let order = sort_to_indices(rows.column(0), None, None).map_err(cannot)?;
            let sorted = take_record_batch(&rows, &order).map_err(cannot)?;
            RecordBatch::try_new(schema, sorted.columns().iter().map(Arc::clone).collect()).map_err(cannot)?
        }
    };
    let (ids, canonical) = (texts_of(&rows, 0)?, texts_of(&rows, 1)?);
    let mut builder = KeyMapBuilder::default();
    for (id, canonical) in
        ids.iter().flatten().zip(canonical.iter().flatten()).filter(|(id, canonical)| id != canonical)
    {
        builder.add(id, canonical)?;
    }
    let (part, bytes) = builder.finish()?;
    Ok((rows, part, bytes))
}
