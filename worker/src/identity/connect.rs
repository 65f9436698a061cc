//! One round over the links of a shard.

use super::{
    emit::{Emit, ROWS},
    links::Links,
    node::Node,
    pairs::send,
    rows::{LINKS, Nodes, nodes_of},
};
use crate::partition::ChunkReader;
use segmenter_proto::{Error, Result, v1::Chunk};

/// Reads the links among some chunks.
pub(super) fn read(reader: &ChunkReader<'_>, chunks: &[Chunk]) -> Result<Links> {
    let own: Vec<Chunk> = chunks.iter().filter(|chunk| chunk.source == LINKS).cloned().collect();
    let mut links = Links::of(own.iter().map(|chunk| chunk.rows).sum());
    reader.each(&own, |_, rows| {
        for (node, other) in nodes_of(&rows, 0)?.zip(nodes_of(&rows, 1)?) {
            if node == other {
                return Err(Error::bug("an id is linked to itself"));
            }
            links.add(node, other);
        }
        Ok(())
    })?;
    Ok(links)
}

/// Gives the bytes of memory that a round over these chunks takes.
pub fn memory_of_links(chunks: &[Chunk]) -> u64 {
    let own = chunks.iter().filter(|chunk| chunk.source == LINKS);
    own.map(|chunk| chunk.length + Links::memory_of(chunk.rows)).sum()
}

/// Puts stars in the place of the components of a shard's links; gives how many of its ids say that rounds must go on.
///
/// # Errors
/// A work file is gone or damaged: [`Error::lost_work`]. The work folder or scratch fails.
pub fn connect(reader: &ChunkReader<'_>, chunks: &[Chunk], emit: &mut Emit) -> Result<u64> {
    let mut links = read(reader, chunks)?;
    let unsettled = links.unsettled();
    let mut rows: Nodes<2> = Nodes::default();
    let mut flush = |rows: &mut Nodes<2>| -> Result<()> {
        send(emit, LINKS, rows)?;
        rows.clear();
        Ok(())
    };
    for (node, smallest) in links.stars() {
        let both: [[Node; 2]; 2] = [[node, smallest], [smallest, node]];
        both.into_iter().for_each(|row| rows.push(row));
        if rows.len() >= ROWS {
            flush(&mut rows)?;
        }
    }
    flush(&mut rows)?;
    Ok(unsettled)
}
