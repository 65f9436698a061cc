//! What is noted of rows beside their fate: counted where it is seen, told at the end of the run.
//!
//! A new note is a variant of [`Note`] and its entry in `registry.rs`, and a call of [`NotesOfFile::row`] or [`NoteCounter::add`] where it is
//! seen. Its count stands in `quality.parquet` as `<name>_share`, gates can look at it, and above the share of its entry the run warns of it.

mod counter;
mod duplicates;
mod noted;
mod pairs;
mod registry;
mod values;

pub use counter::{FEATURES, NoteCounter, NotesOfFile};
pub use noted::{Noted, NotedPlace, Subject, grouped};
pub use registry::{Note, NoteEntry, NoteOf};
