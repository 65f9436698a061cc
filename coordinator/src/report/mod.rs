//! What a person sees at the end of a run, and the names that clusters get when nobody gave them one.

mod names;
mod numbers;
mod standouts;
mod table;

pub use names::{Place, Standing, SuggestedName, suggest_names};
pub(crate) use numbers::{number, percentage, whole};
pub use table::{SegmentationReport, segments_table};
