//! What is told of rows that come twice.

use super::registry::{FEW, Note, NoteEntry, NoteOf};

/// Gives what the registry has of a note about rows that repeat a key.
pub(super) fn of_duplicates(note: Note) -> NoteEntry {
    match note {
        Note::KeyNull => NoteEntry {
            name: "key_null",
            of: NoteOf::Source,
            warns_above: Some(FEW),
            sentence: |noted| {
                format!(
                    "a value of key is null in {}, which are taken for no duplicates: if one was loaded twice, it counts twice",
                    noted.rows()
                )
            },
        },
        Note::DuplicateDiffers => NoteEntry {
            name: "duplicate_differs",
            of: NoteOf::Source,
            warns_above: Some(0.0),
            sentence: |noted| {
                format!(
                    "{} repeat a key with other values, and the earliest by time is used; choose with duplicates = {{ keep = \
                     \"last\", by = \"…\" }}, or add to key what tells them apart",
                    noted.rows()
                )
            },
        },
        // A few rough columns are often the same of two people: the user's gate says what is too much.
        Note::EqualRow => NoteEntry {
            name: "equal_row",
            of: NoteOf::Source,
            warns_above: None,
            sentence: |noted| format!("{} have the same row as another customer but for the id", noted.of("customer")),
        },
        Note::DuplicateReplaced => NoteEntry {
            name: "duplicate_replaced",
            of: NoteOf::Column,
            warns_above: None,
            sentence: |noted| format!("{} were replaced by a row with a later {}", noted.rows(), noted.column()),
        },
        _ => NoteEntry {
            name: "duplicate_undecided",
            of: NoteOf::Column,
            warns_above: Some(0.0),
            sentence: |noted| {
                format!(
                    "{} repeat a key with the same {} and other values: which one is used follows from the other values alone",
                    noted.rows(),
                    noted.column()
                )
            },
        },
    }
}
