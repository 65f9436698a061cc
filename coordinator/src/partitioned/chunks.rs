//! The chunks of the partition as the log holds them, and by shard.

use segmenter_proto::{
    Error, Result,
    jobs::SourceKind,
    v1::{Chunk, ChunkColumns, FeaturesTask, PartitionDone},
};
use segmenter_worker::{partition::task_of_chunks, spec::RunSpec};

/// All chunks of a run, in 56 bytes each: a run of a billion rows has a million.
#[derive(Debug, Default)]
pub struct Gathered {
    objects: Vec<String>,
    chunks: Vec<Placed>,
}

/// A chunk; in the order in which they stand in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Placed {
    shard: u32,
    source: u32,
    /// Position in the names.
    object: u32,
    offset: u64,
    length: u64,
    rows: u64,
    memory: u64,
    checksum: u64,
}

impl Gathered {
    /// Adds the chunks of a task, which lie in one object of their own.
    ///
    /// # Errors
    /// More than 2³² objects: Bug.
    pub fn add(&mut self, chunks: Vec<Chunk>) -> Result<()> {
        for Chunk { source, shard, object, offset, length, rows, memory, checksum } in chunks {
            if self.objects.last() != Some(&object) {
                self.objects.push(object);
            }
            let object = u32::try_from(self.objects.len() - 1).map_err(|_| Error::bug("more than 2³² work objects"))?;
            self.chunks.push(Placed { shard, source, object, offset, length, rows, memory, checksum });
        }
        Ok(())
    }

    /// Gives names of objects and columns of chunks, whatever order the answers came in.
    pub fn into_columns(mut self) -> (Vec<String>, ChunkColumns) {
        let mut order: Vec<u32> = (0..self.objects.len() as u32).collect();
        order.sort_by(|left, right| self.objects[*left as usize].cmp(&self.objects[*right as usize]));
        let mut position = vec![0_u32; order.len()];
        for (at, object) in (0..).zip(&order) {
            position[*object as usize] = at;
        }
        self.chunks.iter_mut().for_each(|chunk| chunk.object = position[chunk.object as usize]);
        self.chunks.sort_unstable();
        let objects = order.iter().map(|object| std::mem::take(&mut self.objects[*object as usize])).collect();
        let mut columns = ChunkColumns::default();
        for chunk in self.chunks {
            columns.object.push(chunk.object);
            columns.source.push(chunk.source);
            columns.shard.push(chunk.shard);
            columns.offset.push(chunk.offset);
            columns.length.push(chunk.length);
            columns.rows.push(chunk.rows);
            columns.memory.push(chunk.memory);
            columns.checksum.push(chunk.checksum);
        }
        (objects, columns)
    }
}

/// Gives the chunks of all shards, sorted by shard, source, object and offset.
///
/// # Errors
/// When the columns do not fit together: Bug.
pub fn chunks_of(done: &PartitionDone) -> Result<Vec<Chunk>> {
    let columns = columns(done)?;
    (0..columns.shard.len()).map(|at| chunk_at(done, columns, at)).collect()
}

/// Gives the chunks of one shard, in the same order.
///
/// # Errors
/// When the columns do not fit together: Bug.
pub fn of_shard(done: &PartitionDone, shard: u32) -> Result<Vec<Chunk>> {
    let columns = columns(done)?;
    let first = columns.shard.partition_point(|other| *other < shard);
    let end = columns.shard.partition_point(|other| *other <= shard);
    (first..end).map(|at| chunk_at(done, columns, at)).collect()
}

/// Gives the chunks of one shard that are of its customers, and of shard 0 those of reference tables, which are for all shards.
///
/// # Errors
/// When the columns do not fit together: Bug.
pub fn for_shard(spec: &RunSpec, done: &PartitionDone, shard: u32) -> Result<FeaturesTask> {
    let is_reference = |chunk: &Chunk| {
        let source = spec.sources.get(chunk.source as usize);
        source.is_some_and(|source| source.source.kind == SourceKind::Reference)
    };
    let has_references = spec.sources.iter().any(|source| source.source.kind == SourceKind::Reference);
    let mut chunks = of_shard(done, shard)?;
    chunks.retain(|chunk| !is_reference(chunk));
    let mut references = if has_references { of_shard(done, 0)? } else { Vec::new() };
    references.retain(is_reference);
    Ok(FeaturesTask { chunks, references, ..FeaturesTask::default() })
}

/// Gives the number of the task of the partition whose chunks lie in an object; none where it is no such object.
pub fn task_of(done: &PartitionDone, object: &str) -> Option<u32> {
    let kept = || done.kept.iter().position(|task| task.object == object).and_then(|at| u32::try_from(at).ok());
    task_of_chunks(object).or_else(kept)
}

fn columns(done: &PartitionDone) -> Result<&ChunkColumns> {
    done.chunks.as_ref().ok_or_else(damaged)
}

fn damaged() -> Error {
    Error::bug("the log of stage partition is damaged")
}

fn chunk_at(done: &PartitionDone, columns: &ChunkColumns, at: usize) -> Result<Chunk> {
    let name = columns.object.get(at).and_then(|object| done.objects.get(*object as usize));
    let number = |column: &[u64]| column.get(at).copied().ok_or_else(damaged);
    Ok(Chunk {
        source: columns.source.get(at).copied().ok_or_else(damaged)?,
        shard: columns.shard.get(at).copied().ok_or_else(damaged)?,
        object: name.ok_or_else(damaged)?.clone(),
        offset: number(&columns.offset)?,
        length: number(&columns.length)?,
        rows: number(&columns.rows)?,
        memory: number(&columns.memory)?,
        checksum: number(&columns.checksum)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use prost::Message;

    fn chunk(number: u32) -> Chunk {
        Chunk {
            source: number % 2,
            shard: number % 700,
            object: format!("chunks/{:06}-0001-01", number / 350),
            offset: u64::from(number % 350) * 1_000_000,
            length: 700_000 + u64::from(number),
            rows: 14_000,
            memory: 1_100_000,
            checksum: u64::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15),
        }
    }

    fn place(chunk: &Chunk) -> (u32, u32, String, u64) {
        (chunk.shard, chunk.source, chunk.object.clone(), chunk.offset)
    }

    fn columns_of(tasks: impl Iterator<Item = u32>) -> (Vec<String>, ChunkColumns) {
        let mut gathered = Gathered::default();
        tasks.for_each(|task| gathered.add((task * 350..task * 350 + 350).map(chunk).collect()).unwrap());
        gathered.into_columns()
    }

    #[test]
    fn chunks_come_back_as_they_were_and_take_little_room() {
        let mut sorted: Vec<Chunk> = (0..35_000).map(chunk).collect();
        sorted.sort_by_key(place);
        let (objects, columns) = columns_of(0..100);
        assert_eq!((&objects, &columns), (&columns_of((0..100).rev()).0, &columns_of((0..100).rev()).1));
        let done = PartitionDone { objects, chunks: Some(columns), ..PartitionDone::default() };
        assert_eq!(chunks_of(&done).unwrap(), sorted);
        let by_shard: Vec<Chunk> = (0..700).flat_map(|shard| of_shard(&done, shard).unwrap()).collect();
        assert_eq!(by_shard, sorted);
        assert!(done.encoded_len() < 35_000 * 28, "{} bytes", done.encoded_len());
    }

    #[test]
    fn columns_of_different_lengths_are_noticed() {
        let (objects, mut columns) = columns_of(0..1);
        columns.rows.pop();
        let done = PartitionDone { objects, chunks: Some(columns), ..PartitionDone::default() };
        assert!(chunks_of(&done).is_err());
    }
}
