//! Once components are known: every id to the shard of its component.

use super::{
    connect::read,
    emit::{Emit, ROWS},
    links::Links,
    node::{Node, shard_of_node},
    pairs::send,
    rows::{APART, COMPONENTS_OF_APART, EARLIER, LINKS, MEMBERS, NAMES, Nodes, batch, nodes, nodes_of, text, texts_of},
};
use crate::partition::ChunkReader;
use arrow::array::{BooleanArray, StringArray};
use segmenter_proto::{Error, Result, v1::Chunk};
use std::sync::Arc;

/// What is known of an id.
#[derive(Debug, Default)]
struct Known {
    id: Option<Box<str>>,
    /// The smallest of the reasons of its pairs, so that it does not depend on their order.
    reason: Option<Box<str>>,
    was_person: bool,
}

/// Requests under way take no more bytes than this.
const UNDER_WAY: u64 = 64 << 20;

/// Gives the bytes of memory that this takes of these chunks.
pub fn memory_of_members(chunks: &[Chunk]) -> u64 {
    let names = chunks.iter().filter(|chunk| chunk.source == NAMES).map(|chunk| 3 * chunk.memory).sum::<u64>();
    // Other rows are looked at as they come, and persons of an earlier run may be far more than ids of pairs.
    let others = chunks.iter().filter(|chunk| chunk.source != LINKS).map(|chunk| chunk.length).sum::<u64>();
    super::connect::memory_of_links(chunks) + names + others.min(UNDER_WAY)
}

/// Sends the ids of a shard to their components, and pairs that are apart to where both of their components meet.
///
/// # Errors
/// A work file is gone or damaged: [`Error::lost_work`]. Two ids share a node: Data. The work folder or scratch fails.
pub fn members(reader: &ChunkReader<'_>, chunks: &[Chunk], shard: u32, emit: &mut Emit) -> Result<()> {
    let links = read(reader, chunks)?;
    if links.unsettled() > 0 {
        return Err(Error::bug("links are not settled"));
    }
    let mut known: Vec<Known> = Vec::new();
    known.resize_with(links.len(), Known::default);
    let others: Vec<Chunk> = chunks.iter().filter(|chunk| chunk.source != LINKS).cloned().collect();
    let mut apart: Nodes<3> = Nodes::default();
    reader.each(&others, |kind, rows| {
        match kind {
            NAMES => {
                let (ids, reasons) = (texts_of(&rows, 1)?, texts_of(&rows, 2)?);
                for (row, node) in nodes_of(&rows, 0)?.enumerate() {
                    let at = links.find(node).ok_or_else(|| Error::bug("an id of a pair has no links"))?;
                    known[at].take(ids.value(row), text(reasons, row))?;
                }
            }
            EARLIER => {
                for node in nodes_of(&rows, 0)? {
                    if let Some(at) = links.find(node) {
                        known[at].was_person = true;
                    }
                }
            }
            APART => {
                for (node, other) in nodes_of(&rows, 0)?.zip(nodes_of(&rows, 1)?) {
                    let component = links.find(node).map_or(node, |at| links.component(at));
                    apart.push([node.min(other), node.max(other), component]);
                }
                send_apart(emit, &mut apart)?;
            }
            _ => return Err(Error::bug("rows of ids are of no kind")),
        }
        Ok(())
    })?;
    let own: Vec<(usize, Node)> = links.own(shard, emit.link_shards()).collect();
    own.chunks(ROWS).try_for_each(|own| send_members(&links, &known, own, emit))
}

fn send_members(links: &Links, known: &[Known], own: &[(usize, Node)], emit: &mut Emit) -> Result<()> {
    let components: Vec<Node> = own.iter().map(|(at, _)| links.component(*at)).collect();
    let shards: Vec<u32> = components.iter().map(|component| shard_of_node(*component, emit.link_shards())).collect();
    let id = |(at, _): &(usize, Node)| known[*at].id.as_deref().ok_or_else(|| Error::bug("an id has lost its text"));
    let ids: Vec<&str> = own.iter().map(id).collect::<Result<_>>()?;
    let rows = batch(vec![
        nodes(components.into_iter()),
        Arc::new(StringArray::from(ids)),
        Arc::new(own.iter().map(|(at, _)| known[*at].reason.as_deref()).collect::<StringArray>()),
        Arc::new(own.iter().map(|(at, _)| Some(known[*at].was_person)).collect::<BooleanArray>()),
    ])?;
    emit.push(MEMBERS, &shards, &rows)
}

fn send_apart(emit: &mut Emit, apart: &mut Nodes<3>) -> Result<()> {
    send(emit, COMPONENTS_OF_APART, apart)?;
    apart.clear();
    Ok(())
}

impl Known {
    fn take(&mut self, id: &str, reason: Option<&str>) -> Result<()> {
        match self.id.as_deref() {
            None => self.id = Some(id.into()),
            Some(known) if known == id => {}
            Some(_) => {
                return Err(Error::data("two ids have the same 128 bits of SHA-256, which does not happen by chance"));
            }
        }
        if let Some(reason) = reason
            && self.reason.as_deref().is_none_or(|known| reason < known)
        {
            self.reason = Some(reason.into());
        }
        Ok(())
    }
}
