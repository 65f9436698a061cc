//! What is told of ids that became persons, and of those that did not.

use crate::protocol::LinkedIds;
use segmenter_proto::{
    jobs::{Job, SourceKind},
    v1::{KeysDone, NoteCount},
};
use segmenter_worker::notes::{Note, NoteCounter};

/// Adds what was counted of pairs and components to notes, as those of the first source of pairs: components are of all of them together.
pub fn with_notes(job: &Job, keys: &KeysDone, notes: Vec<NoteCount>) -> Vec<NoteCount> {
    let first = (0..).zip(&job.sources).find(|(_, source)| source.kind == SourceKind::Identities);
    let (Some((source, _)), Some(counts)) = (first, keys.counts) else { return notes };
    let pairs = counts.linking + counts.apart + counts.unsure + counts.undecided + counts.same_id;
    let mut counter = NoteCounter::default();
    counter.merge(&notes);
    for (note, count, checked) in [
        (Note::UnsurePair, counts.unsure, pairs),
        (Note::UndecidedPair, counts.undecided, pairs),
        (Note::PairOfOneId, counts.same_id, pairs),
        (Note::TooManyIds, counts.too_large_ids, counts.ids),
        (Note::KeptApart, counts.held_apart_ids, counts.ids),
    ] {
        counter.add(source, note, "", count, checked);
    }
    counter.to_message()
}

/// Gives what run.json says of linked ids; none of a job that links none.
pub fn linked_ids(job: &Job, keys: &KeysDone, earlier: Option<&str>) -> Option<LinkedIds> {
    job.identity.as_ref()?;
    let counts = keys.counts.unwrap_or_default();
    Some(LinkedIds {
        earlier: earlier.map(str::to_owned),
        rounds: keys.rounds,
        linking_pairs: counts.linking,
        apart_pairs: counts.apart,
        unsure_pairs: counts.unsure,
        undecided_pairs: counts.undecided,
        pairs_of_one_id: counts.same_id,
        ids: counts.ids,
        persons: counts.persons,
        linked_ids: counts.linked_ids,
        too_many_ids: counts.too_large_ids,
        too_large_components: counts.too_large,
        kept_apart_ids: counts.held_apart_ids,
        kept_apart_components: counts.held_apart,
        largest_component: counts.largest,
        kept_persons: counts.kept_ids,
        joined_persons: counts.joined_persons,
    })
}
