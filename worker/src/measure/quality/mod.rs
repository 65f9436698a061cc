//! The quality table and its gates.

mod counts;
mod evaluate;

pub use counts::{ColumnCounts, Fates, RejectedRows, SourceCounts};
pub use evaluate::evaluate;
