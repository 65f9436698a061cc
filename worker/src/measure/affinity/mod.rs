//! Which items go together: bought in one basket or by one customer, or bought by those who wished for others.
//!
//! Counts are exact. A job may have more items than fit an answer, and pairs grow with the square of items, so that everything is asked for in
//! ranges, and only the most bought items and the most frequent pairs are kept; what is left out is counted.
//!
//! ```text
//! solver ── items from a hash on ─► shards: their counts                        (until all have come)
//!        ── pairs of some items  ─► shards: how many have both                  (until all have come)
//!        ── those that are kept  ─► shards: items and pairs by segment          (where segments are asked for)
//! rows   ◄─ counts: support, confidence, lift with its interval (the coordinator)
//! ```

mod cells;
mod items;
mod packed;
mod rows;
mod shard;
mod solver;

pub(super) use packed::Lists;
pub use packed::{PackedItem, Packer};
pub use rows::{Lift, affinity_rows};
pub use shard::{AffinityLists, affinity_answer, affinity_memory, merge_affinity_answers};
pub use solver::{AffinityFound, AffinityScope, AffinitySolver, FEWEST_TOGETHER};

#[cfg(test)]
mod tests;
