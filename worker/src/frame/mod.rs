//! A shard's customers as later stages see them: features, then for each segmentation its scores and segments, in the
//! order of the job, so that rules can use what stands above them.

mod bisecting;
mod build;
mod clusters;
mod conditions;
mod mixture;
mod rules;
mod schema;
mod scores;

pub use build::{Frame, Labels};
pub use clusters::in_scope;
pub use schema::{FrameSchema, score_names};
