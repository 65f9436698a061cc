//! Makes few large chunks of many small ones, all of one number of shards: what the tasks of many days wrote becomes what one would have.

use super::{
    chunk_writer::ChunkWriter,
    chunks::ChunkReader,
    order_owners::is_order_owners,
    scatter::{CHUNK_ROWS, ReadyChunk},
    task::PartitionContext,
};
use crate::failpoint::failpoint;
use arrow::{array::RecordBatch, compute::concat_batches};
use segmenter_proto::{Error, Result, v1::Chunk};
use std::collections::BTreeMap;

/// Writes the rows of `chunks`, by shard and source, to the object `object`; gives where they lie now. Rows of so many shards are in memory at a
/// time as the budget has room for, and of one at least.
///
/// # Errors
/// A chunk is gone or damaged: [`Error::lost_work`]. The folder cannot be written to: Dependency.
pub fn merge(context: &PartitionContext, mut chunks: Vec<Chunk>, object: &str) -> Result<Vec<Chunk>> {
    let reader = ChunkReader::new(context.folders, context.runtime);
    let mut writer = ChunkWriter::create(context.folders.of(object), context.runtime, object)?;
    chunks.sort_by_key(|chunk| chunk.shard);
    let mut rest = chunks.as_slice();
    while !rest.is_empty() {
        let (group, others) = rest.split_at(group_within(rest, context.budget as u64));
        rest = others;
        let mut rows: BTreeMap<(u32, u32), Vec<RecordBatch>> = BTreeMap::new();
        reader.each_chunk(group, |chunk, batch| {
            rows.entry((chunk.shard, chunk.source)).or_default().push(batch);
            Ok(())
        })?;
        failpoint("merge.middle")?;
        for ((shard, source), batches) in rows {
            write(&mut writer, shard, source, &batches)?;
        }
    }
    writer.finish()
}

/// Gives how many of the chunks, which are sorted by shard, go together: whole shards.
fn group_within(chunks: &[Chunk], budget: u64) -> usize {
    let (mut taken, mut memory) = (0, 0);
    for shard in chunks.chunk_by(|left, right| left.shard == right.shard) {
        memory += shard.iter().map(|chunk| chunk.memory).sum::<u64>();
        if taken > 0 && memory > budget {
            break;
        }
        taken += shard.len();
    }
    taken
}

fn write(writer: &mut ChunkWriter, shard: u32, source: u32, batches: &[RecordBatch]) -> Result<()> {
    let mut rest = batches;
    while let Some(first) = rest.first() {
        let mut rows = 0;
        let full = rest.iter().position(|batch| {
            rows += batch.num_rows();
            rows >= CHUNK_ROWS
        });
        let (chunk, others) = rest.split_at(full.map_or(rest.len(), |last| last + 1));
        let rows = concat_batches(&first.schema(), chunk)
            .map_err(|error| Error::bug("chunks of one source do not fit together").caused_by(error))?;
        writer.write(ReadyChunk { source, shard, rows }, is_order_owners(source))?;
        rest = others;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(shard: u32, memory: u64) -> Chunk {
        Chunk { shard, memory, ..Chunk::default() }
    }

    #[test]
    fn shards_go_together_as_long_as_there_is_room_and_never_apart() {
        let chunks = [chunk(0, 10), chunk(0, 10), chunk(1, 10), chunk(2, 5), chunk(2, 90)];
        assert_eq!(group_within(&chunks, 30), 3);
        assert_eq!(group_within(&chunks, 29), 2);
        assert_eq!(group_within(&chunks, 1), 2, "one shard goes, whatever it takes");
        assert_eq!(group_within(&chunks[3..], 1), 2);
        assert_eq!(group_within(&chunks, u64::MAX), 5);
    }
}
