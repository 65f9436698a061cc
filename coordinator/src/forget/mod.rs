//! Customers who are forgotten: their rows leave every file of every run, score and evaluation of a job, and its lists for other tools.
//!
//! ```text
//!  begun.json ─► removals of lists ─► each run: commit.json ─► its files ─► lists anew ─► cache, and what nobody goes on with ─► begun.json deleted
//! ```
//!
//! - `begun.json` says whom and where, the linked ids of each run too: once `identity/` is written anew, nobody else knows them. It is the first thing
//!   that is written and the last that is deleted, so a forgetting that was cut off is found and ended by the next.
//! - Whoever was handed the newest list is told first: a removal can be made only while the run still knows the keys.
//! - What a file without the rows will be is computed before its run is touched. Then the commit says so, and the files follow: until the last of them is
//!   written, the run is damaged to every reader, and each file is either the one or the other. A file that is neither is damage, and stops it.
//! - A file without any of the rows stays as it is, byte for byte, and so does a run without such a file.

mod begun;
mod carry_out;
mod find;
mod held;
mod named;
mod pool;
mod rows;
mod tied;
mod whom;

pub use begun::{Begun, Leaving, OfFile, OfList, OfRun, read_begun};
pub use carry_out::{Ended, Forgetter};
pub use find::{Asked, Found};
pub use named::names_id;
