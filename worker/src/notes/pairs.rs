//! What is told of pairs of ids, and of those that did not become persons.

use super::registry::{MOST, Note, NoteEntry, NoteOf};

/// Gives what the registry has of a note about pairs of ids.
pub(super) fn of_pairs(note: Note) -> NoteEntry {
    match note {
        Note::UnsurePair => NoteEntry {
            name: "unsure_pair",
            of: NoteOf::Source,
            warns_above: Some(MOST),
            sentence: |noted| {
                format!(
                    "{} have less confidence than min_confidence of [identity] or none, and link nobody",
                    noted.of("pair")
                )
            },
        },
        Note::UndecidedPair => NoteEntry {
            name: "undecided_pair",
            of: NoteOf::Source,
            warns_above: Some(0.0),
            sentence: |noted| {
                format!(
                    "same is null in {}, which say nothing; say what null means, as in same = \"coalesce(…, false)\"",
                    noted.of("pair")
                )
            },
        },
        Note::PairOfOneId => NoteEntry {
            name: "pair_of_one_id",
            of: NoteOf::Source,
            warns_above: Some(MOST),
            sentence: |noted| format!("{} are of an id with itself", noted.of("pair")),
        },
        Note::TooManyIds => NoteEntry {
            name: "too_many_ids",
            of: NoteOf::Source,
            warns_above: Some(0.0),
            sentence: |noted| {
                format!(
                    "{} are linked to more ids than max_ids of [identity], and stay as they are: look in identity/ for what they share, such \
                     as a telephone of a shop, and leave such pairs out with where",
                    noted.of("id")
                )
            },
        },
        _ => NoteEntry {
            name: "kept_apart",
            of: NoteOf::Source,
            warns_above: Some(0.0),
            sentence: |noted| {
                format!(
                    "{} are linked to two ids that a pair with same = false keeps apart, and stay as they are: look in identity/ for the pairs \
                     that contradict each other",
                    noted.of("id")
                )
            },
        },
    }
}
