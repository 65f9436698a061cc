//! A key map: from a key to another key, such as from an id to that of the person, made once and asked row by row.
//!
//! ```text
//!  pairs of keys, by shard ─► build ─► a work file a shard ─► load ─► KeyMap, in memory where the budget has room, else on disk
//! ```
//!
//! - Nothing changes once it is built: a part is named by its bytes, and one that is gone or damaged is told as every work file is.
//! - A key is compared as text and not by its hash alone, so that no two keys are ever taken for one.
//! - What is in memory is counted: all of it, or of a map on disk the first hash of every block.

mod build;
mod load;
mod lookup;

pub use build::{KeyMapBuilder, key_map_object, part_of_key_map};
pub use load::load;
pub use lookup::KeyMap;

#[cfg(test)]
mod tests;
