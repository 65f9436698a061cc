//! From components to persons.

use super::{
    emit::{Emit, ROWS},
    node::Node,
    rows::{HELD_APART, MEMBERS, PEOPLE, batch, nodes_of, text, texts_of, truths_of},
};
use crate::partition::ChunkReader;
use arrow::array::{Array, BooleanArray, RecordBatch, StringArray};
use segmenter_proto::{
    Error, Result,
    jobs::Identity,
    shard_of,
    v1::{Chunk, IdentityCounts},
};
use std::{collections::HashSet, sync::Arc};

/// What became of the component of an id, as `identity/` says it.
pub(super) const LINKED: &str = "linked";
pub(super) const TOO_LARGE: &str = "too_many_ids";
pub(super) const HELD: &str = "kept_apart";

/// Gives the bytes of memory that this takes of these chunks.
pub fn memory_of_resolve(chunks: &[Chunk]) -> u64 {
    let own = chunks.iter().filter(|chunk| [MEMBERS, HELD_APART].contains(&chunk.source));
    own.map(|chunk| 2 * chunk.memory + chunk.length + 64 * chunk.rows).sum()
}

/// An id of a component.
#[derive(Debug, Clone, Copy)]
struct Member<'a> {
    component: Node,
    id: &'a str,
    reason: Option<&'a str>,
    was_person: bool,
}

/// Decides on every component of a shard, and sends its ids on with that of their person.
///
/// # Errors
/// A work file is gone or damaged: [`Error::lost_work`]. The work folder or scratch fails.
pub fn resolve(
    reader: &ChunkReader<'_>,
    chunks: &[Chunk],
    identity: &Identity,
    emit: &mut Emit,
    counts: &mut IdentityCounts,
) -> Result<()> {
    let own: Vec<Chunk> =
        chunks.iter().filter(|chunk| [MEMBERS, HELD_APART].contains(&chunk.source)).cloned().collect();
    let mut batches = reader.read(&own)?;
    let mut held: HashSet<Node> = HashSet::new();
    for rows in batches.remove(&HELD_APART).unwrap_or_default() {
        held.extend(nodes_of(&rows, 0)?);
    }
    let batches = batches.remove(&MEMBERS).unwrap_or_default();
    let mut members: Vec<Member<'_>> = Vec::with_capacity(batches.iter().map(RecordBatch::num_rows).sum());
    for rows in &batches {
        let (ids, reasons, persons): (&StringArray, &StringArray, &BooleanArray) =
            (texts_of(rows, 1)?, texts_of(rows, 2)?, truths_of(rows, 3)?);
        members.extend(nodes_of(rows, 0)?.enumerate().map(|(row, component)| Member {
            component,
            id: ids.value(row),
            reason: text(reasons, row),
            was_person: persons.is_valid(row) && persons.value(row),
        }));
    }
    members.sort_unstable_by(|left, right| (left.component, left.id).cmp(&(right.component, right.id)));
    let mut people = People::default();
    for component in members.chunk_by(|left, right| left.component == right.component) {
        decide(component, &held, identity, counts, &mut people)?;
        if people.ids.len() >= ROWS {
            people.send(emit)?;
        }
    }
    people.send(emit)
}

/// Decides on one component, whose ids are in order.
fn decide<'a>(
    component: &[Member<'a>],
    held: &HashSet<Node>,
    identity: &Identity,
    counts: &mut IdentityCounts,
    people: &mut People<'a>,
) -> Result<()> {
    let first = component.first().ok_or_else(|| Error::bug("a component has no ids"))?;
    let ids = component.len() as u64;
    counts.ids += ids;
    counts.largest = counts.largest.max(ids);
    let status = if held.contains(&first.component) {
        (counts.held_apart, counts.held_apart_ids) = (counts.held_apart + 1, counts.held_apart_ids + ids);
        HELD
    } else if ids > u64::from(identity.max_ids) {
        (counts.too_large, counts.too_large_ids) = (counts.too_large + 1, counts.too_large_ids + ids);
        TOO_LARGE
    } else {
        (counts.persons, counts.linked_ids) = (counts.persons + 1, counts.linked_ids + ids);
        LINKED
    };
    // Whoever was a person stays one under the same id, whatever smaller id is linked later.
    let mut persons = component.iter().filter(|member| member.was_person);
    let canonical = match persons.next() {
        Some(person) if status == LINKED => {
            counts.kept_ids += 1;
            counts.joined_persons += persons.count() as u64;
            person.id
        }
        _ => first.id,
    };
    for member in component {
        people.ids.push(member.id);
        people.canonical.push(if status == LINKED { canonical } else { member.id });
        people.reasons.push(member.reason);
        people.status.push(status);
    }
    Ok(())
}

/// Ids with those of their persons.
#[derive(Debug, Default)]
struct People<'a> {
    ids: Vec<&'a str>,
    canonical: Vec<&'a str>,
    reasons: Vec<Option<&'a str>>,
    status: Vec<&'static str>,
}

impl People<'_> {
    fn send(&mut self, emit: &mut Emit) -> Result<()> {
        let shards: Vec<u32> = self.ids.iter().map(|id| shard_of(id, emit.shards())).collect();
        let rows = batch(vec![
            Arc::new(StringArray::from(std::mem::take(&mut self.ids))),
            Arc::new(StringArray::from(std::mem::take(&mut self.canonical))),
            Arc::new(StringArray::from(std::mem::take(&mut self.reasons))),
            Arc::new(StringArray::from(std::mem::take(&mut self.status))),
        ])?;
        emit.push(PEOPLE, &shards, &rows)
    }
}
