//! Counts notes, and adds counts together in any order.

use super::{
    noted::{Noted, NotedPlace},
    registry::Note,
};
use segmenter_proto::v1::{NoteCount, NotePlace};
use std::collections::BTreeMap;

/// Whose the notes of the features are, which are no source's.
pub const FEATURES: u32 = u32::MAX;

/// How often each thing was seen. Adding counters together gives the same in any order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NoteCounter {
    counts: BTreeMap<(u32, Note, String), Tally>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Tally {
    count: u64,
    checked: u64,
    first: Option<NotedPlace>,
}

impl NoteCounter {
    /// Counts what is seen in one file of a source.
    pub fn of_file<'a>(&'a mut self, source: u32, file: &'a str) -> NotesOfFile<'a> {
        NotesOfFile { counter: self, source, file }
    }

    /// Adds `count` of `checked` that were looked at (0: of the rows read), whose first is not known.
    pub fn add(&mut self, of: u32, note: Note, column: &str, count: u64, checked: u64) {
        let tally = self.tally(of, note, column);
        tally.count += count;
        tally.checked += checked;
    }

    /// Adds the counts of an answer or of the log. A name that is not known is another version's, which no run mixes.
    pub fn merge(&mut self, counts: &[NoteCount]) {
        for of in counts {
            let Some(note) = Note::named(&of.note) else { continue };
            let tally = self.tally(of.of, note, &of.column);
            tally.count += of.count;
            tally.checked += of.checked;
            if let Some(first) = &of.first {
                tally.offer(NotedPlace { file: first.file.clone(), row: first.row });
            }
        }
    }

    /// Gives the counts as they travel and lie in the log.
    pub fn to_message(&self) -> Vec<NoteCount> {
        let counts = self.counts.iter();
        counts
            .map(|((of, note, column), tally)| NoteCount {
                of: *of,
                note: note.entry().name.to_owned(),
                column: column.clone(),
                count: tally.count,
                checked: tally.checked,
                first: tally.first.as_ref().map(|first| NotePlace { file: first.file.clone(), row: first.row }),
            })
            .collect()
    }

    /// Gives the notes of one source or segmentation, by note and column; `rows` were read of it.
    pub fn of(&self, of: u32, rows: u64) -> Vec<Noted> {
        let own = self.counts.iter().filter(|((whose, ..), _)| *whose == of);
        own.map(|((_, note, column), tally)| Noted {
            note: *note,
            column: (!column.is_empty()).then(|| column.clone()),
            count: tally.count,
            checked: if tally.checked == 0 { rows } else { tally.checked },
            first: tally.first.clone(),
        })
        .collect()
    }

    fn tally(&mut self, of: u32, note: Note, column: &str) -> &mut Tally {
        self.counts.entry((of, note, column.to_owned())).or_default()
    }
}

impl Tally {
    fn offer(&mut self, place: NotedPlace) {
        if self.first.as_ref().is_none_or(|first| place < *first) {
            self.first = Some(place);
        }
    }
}

/// Counts what is seen in one file of a source.
#[derive(Debug)]
pub struct NotesOfFile<'a> {
    counter: &'a mut NoteCounter,
    source: u32,
    file: &'a str,
}

impl NotesOfFile<'_> {
    /// Counts a row of the file.
    pub fn row(&mut self, note: Note, column: &str, row: u64) {
        self.rows(note, column, [row]);
    }

    /// Counts rows of the file.
    pub fn rows(&mut self, note: Note, column: &str, rows: impl IntoIterator<Item = u64>) {
        let mut rows = rows.into_iter().peekable();
        if rows.peek().is_none() {
            return;
        }
        let tally = self.counter.tally(self.source, note, column);
        for row in rows {
            tally.count += 1;
            // The file's name is written once a file, not once a row.
            if tally.first.as_ref().is_none_or(|first| (self.file, row) < (first.file.as_str(), first.row)) {
                tally.first = Some(NotedPlace { file: self.file.to_owned(), row });
            }
        }
    }

    /// Adds `count` of `checked` that were looked at (0: of the rows read).
    pub fn add(&mut self, note: Note, column: &str, count: u64, checked: u64) {
        self.counter.add(self.source, note, column, count, checked);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(file: &str, rows: &[u64]) -> NoteCounter {
        let mut counter = NoteCounter::default();
        let mut notes = counter.of_file(1, file);
        notes.rows(Note::WhereFailed, "", rows.iter().copied());
        notes.add(Note::Null, "city", 1, 10);
        notes.add(Note::Null, "age", 0, 10);
        counter
    }

    #[test]
    fn counts_add_up_in_any_order_and_the_first_is_the_first() {
        let parts = [part("b.csv", &[9, 3]), part("a.csv", &[7]), part("c.csv", &[])];
        let mut forward = NoteCounter::default();
        parts.iter().for_each(|part| forward.merge(&part.to_message()));
        let mut backward = NoteCounter::default();
        parts.iter().rev().for_each(|part| backward.merge(&part.to_message()));
        assert_eq!(forward, backward);
        let noted = forward.of(1, 50);
        let told: Vec<_> = noted.iter().map(|of| (of.note, of.column.as_deref(), of.count, of.checked)).collect();
        assert_eq!(
            told,
            [(Note::Null, Some("age"), 0, 30), (Note::Null, Some("city"), 3, 30), (Note::WhereFailed, None, 3, 50),]
        );
        assert_eq!(noted[2].first, Some(NotedPlace { file: "a.csv".to_owned(), row: 7 }));
        assert!(forward.of(0, 50).is_empty());
    }
}
