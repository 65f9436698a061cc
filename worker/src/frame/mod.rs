//! A shard's customers as later stages see them: features, then for each segmentation its scores and segments, in the
//! order of the job, so that rules can use what stands above them.

mod build;
mod conditions;
mod methods;
mod predicate;
mod schema;
mod scope;

pub use build::{Frame, Labels};
pub use predicate::numbers;
pub use schema::{FrameSchema, score_names};
pub use scope::in_scope;

use build::column;
