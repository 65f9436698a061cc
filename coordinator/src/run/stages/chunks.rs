//! The chunks of the partition as the log holds them, and by shard.

use segmenter_proto::{
    Error, Result,
    v1::{Chunk, ChunkColumns, PartitionDone},
};

/// Gives names of objects and columns of chunks.
///
/// # Errors
/// More than 2³² objects: Bug.
pub fn columns_of(mut chunks: Vec<Chunk>) -> Result<(Vec<String>, ChunkColumns)> {
    chunks.sort_by(|left, right| place(left).cmp(&place(right)));
    let mut objects: Vec<String> = chunks.iter().map(|chunk| chunk.object.clone()).collect();
    objects.sort();
    objects.dedup();
    let mut columns = ChunkColumns::default();
    for chunk in &chunks {
        let object = objects.binary_search(&chunk.object).ok().and_then(|at| u32::try_from(at).ok());
        columns.object.push(object.ok_or_else(|| Error::bug("a chunk lies in an object without a number"))?);
        columns.source.push(chunk.source);
        columns.shard.push(chunk.shard);
        columns.offset.push(chunk.offset);
        columns.length.push(chunk.length);
        columns.rows.push(chunk.rows);
        columns.memory.push(chunk.memory);
        columns.checksum.push(chunk.checksum);
    }
    Ok((objects, columns))
}

fn place(chunk: &Chunk) -> (u32, u32, &str, u64) {
    (chunk.shard, chunk.source, &chunk.object, chunk.offset)
}

/// Gives the chunks of all shards, sorted by shard, source, object and offset.
///
/// # Errors
/// When the columns do not fit together: Bug.
pub fn chunks_of(done: &PartitionDone) -> Result<Vec<Chunk>> {
    let damaged = || Error::bug("the log of stage partition is damaged");
    let columns = done.chunks.as_ref().ok_or_else(damaged)?;
    (0..columns.shard.len())
        .map(|at| {
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
        })
        .collect()
}

/// Gives the chunks of each shard.
///
/// # Errors
/// Bug only.
pub fn by_shard(done: &PartitionDone, shards: u32) -> Result<Vec<Vec<Chunk>>> {
    let mut by_shard = vec![Vec::new(); shards as usize];
    for chunk in chunks_of(done)? {
        by_shard
            .get_mut(chunk.shard as usize)
            .ok_or_else(|| Error::bug(format!("a chunk of shard {} in {shards} shards", chunk.shard)))?
            .push(chunk);
    }
    Ok(by_shard)
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

    #[test]
    fn chunks_come_back_as_they_were_and_take_little_room() {
        let chunks: Vec<Chunk> = (0..35_000).map(chunk).collect();
        let mut sorted = chunks.clone();
        sorted.sort_by(|left, right| place(left).cmp(&place(right)));
        let (objects, columns) = columns_of(chunks).unwrap();
        let done = PartitionDone { objects, chunks: Some(columns), ..PartitionDone::default() };
        assert_eq!(chunks_of(&done).unwrap(), sorted);
        let of_shards = by_shard(&done, 700).unwrap();
        assert!(of_shards.iter().zip(0..).all(|(of_shard, shard)| of_shard.iter().all(|chunk| chunk.shard == shard)));
        assert!(done.encoded_len() < 35_000 * 28, "{} bytes", done.encoded_len());
        assert!(by_shard(&done, 699).is_err());
    }

    #[test]
    fn columns_of_different_lengths_are_noticed() {
        let (objects, mut columns) = columns_of((0..10).map(chunk).collect()).unwrap();
        columns.rows.pop();
        let done = PartitionDone { objects, chunks: Some(columns), ..PartitionDone::default() };
        assert!(chunks_of(&done).is_err());
    }
}
