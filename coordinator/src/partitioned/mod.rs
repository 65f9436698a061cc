//! What the partition came to: its chunks as the log holds them and by shard, and the sums over its tasks.

mod chunks;
mod totals;

pub use chunks::{Gathered, chunks_of, for_shard, of_shard, task_of};
pub use totals::Totals;
