//! What a run warns of: gathered from every stage, told once, and kept for `run.json` and `--output json`.
//!
//! What a stage found is derived from its entry in the log, so that a run that is resumed says the same as one that is not. A stage
//! whose workers see something in rows counts it as a note (`segmenter_worker::notes`); whatever else is worth a warning becomes a
//! [`Warning`] and is handed to [`Warnings::add`].

mod columns;
mod gather;

pub use columns::{lacking_columns, skipped_files};
pub use gather::Warnings;
