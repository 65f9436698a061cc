//! Window functions: a value a row, from the rows around it.
//!
//! - Rows are sorted by partition and order; runs of rows that are equal there are peers. Rank functions and RANGE and GROUPS
//!   frames see peers, so ORDER BY counts as it is written.
//! - Positions (row_number, ntile, lag, lead, ROWS frames, first, last and nth value) are made certain by the columns that
//!   break ties, and after them by all others: rows that are equal in everything are interchangeable.
//! - Aggregates have the bits that GROUP BY has on the rows of the frame.
//! - Rows that do not fit into memory are sorted by the engine, on disk; only a partition has to fit.
//! - Work is linear in the rows (and sorted once), except where a function has to see each frame anew; that has a limit.

mod aggregate;
mod boundaries;
mod check;
mod chunks;
mod collect;
mod compute;
mod exec;
mod frames;
mod plan;
mod positions;
mod range;
mod ranks;
mod recomputed;
mod sliding;
mod sort;
mod spilled;
mod sums;
#[cfg(test)]
mod tests;

pub(crate) use exec::WindowExec;
pub(crate) use plan::{Bound, Frame, FrameUnit, WindowCall, WindowFunction, WindowPlan};
