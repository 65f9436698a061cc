//! Rows that were partitioned once, and that later runs of the job use again.
//!
//! ```text
//!  <output>/<job>/_cache/cache.json             how many shards it has
//!                        <shards>/index/<entry>   what some pieces of files came to: their chunks, fates and notes, with a checksum
//!                                 kept/<entry>-…  the chunks
//!                                 used/<run>      the entries that a run took
//! ```
//!
//! - An entry is named by the hash of its pieces, and a piece's hash has the file as it was pinned and all that decides what becomes of its
//!   rows. So nothing is ever out of date: what changed is another piece, and is not found.
//! - An entry is written when its chunks are, and read before they are: whatever a kill leaves is either not found or whole. Chunks have
//!   checksums in the entry; what is gone or damaged is made again from the inputs, as work files are.
//! - Runs share it without knowing of each other. Two that make the same entry write objects of their own, and the later entry stays.
//! - Nothing here decides a result: fates and notes add up in any order, and so do the rows of a shard.

mod choose;
mod entry;
mod of_run;
mod open;
mod pieces;
mod sweep;

pub use of_run::{CachedRun, NewEntry};
pub use open::{Cache, Opened};
pub use sweep::{Sweep, find_unused, sweep};
