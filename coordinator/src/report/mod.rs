//! What a person sees at the end of a run, and the names that clusters get when nobody gave them one.

mod facts;
mod names;
mod numbers;
mod standouts;
mod table;
mod vocabulary;

pub(crate) use facts::{Fact, Telling};
pub use names::{Place, Standing, suggest_names};
pub(crate) use numbers::{number, percentage, whole};
pub(crate) use standouts::is_score;
pub use table::{SegmentationReport, segments_table};
