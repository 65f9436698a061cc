//! The run before this one: who was in which segment then, beside who is now.
//!
//! Both runs place customers by the same hash, and a shard is a range of it. So a shard finds its customers of the run before in the one part of
//! each folder that had the same range, or in a few where the number of shards is another now.

mod changes;
mod overlap;
mod pairs;
mod parts;
mod rows;
mod side;

pub use changes::{Changes, merge_changes};
pub use overlap::{merge_overlaps, overlap};
pub use pairs::{Pair, pairs};
pub use parts::{file_of, parts_of};
pub use rows::{PreviousRows, Wanted, read_previous};
pub use side::Side;
