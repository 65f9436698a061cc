//! The quality table, its gates, and what is warned of.

mod checks;
mod counts;
mod evaluate;
mod limits;
#[cfg(test)]
mod tests;

pub use checks::{Check, CheckOf, checks};
pub use counts::{OtherCounts, RejectedRows, SourceCounts};
pub use evaluate::{Evaluated, QualityWarning, evaluate};
