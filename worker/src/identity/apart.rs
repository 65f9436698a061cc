//! Which components would join two ids that are apart.

use super::{
    emit::Emit,
    node::Node,
    pairs::send,
    rows::{COMPONENTS_OF_APART, HELD_APART, Nodes, nodes_of},
};
use crate::partition::ChunkReader;
use segmenter_proto::{Error, Result, v1::Chunk};

/// Gives the bytes of memory that this takes of these chunks.
pub fn memory_of_apart(chunks: &[Chunk]) -> u64 {
    let own = chunks.iter().filter(|chunk| chunk.source == COMPONENTS_OF_APART);
    own.map(|chunk| chunk.length + 2 * chunk.memory).sum()
}

/// Compares the components of both ids of each pair, and names those that are the same.
///
/// # Errors
/// A work file is gone or damaged: [`Error::lost_work`]. The work folder or scratch fails.
pub fn apart(reader: &ChunkReader<'_>, chunks: &[Chunk], emit: &mut Emit) -> Result<()> {
    let own: Vec<Chunk> = chunks.iter().filter(|chunk| chunk.source == COMPONENTS_OF_APART).cloned().collect();
    let mut told: Vec<[Node; 3]> = Vec::new();
    reader.each(&own, |_, rows| {
        let pairs = nodes_of(&rows, 0)?.zip(nodes_of(&rows, 1)?).zip(nodes_of(&rows, 2)?);
        told.extend(pairs.map(|((one, other), component)| [one, other, component]));
        Ok(())
    })?;
    told.sort_unstable();
    // Each id of a pair told its component, so that where one is left they have the same.
    told.dedup();
    let mut held: Nodes<1> = Nodes::default();
    for pair in told.chunk_by(|left, right| left[..2] == right[..2]) {
        match pair {
            [[_, _, component]] => held.push([*component]),
            [_, _] => {}
            _ => return Err(Error::bug("an id is in two components")),
        }
    }
    send(emit, HELD_APART, &held)
}
