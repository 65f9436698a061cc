//! A shard: all rows of its customers, with each row's fate decided and its customer numbered in order of id.

mod attributes;
mod duplicates;
mod intern;
mod load;
mod membership;
mod outcome;
mod own_ids;
mod products;
mod reachable;
mod rows;

pub(crate) use attributes::Attribute;
pub use load::{Place, is_compared, load, memory_needed};
pub use products::note_unknown_products;
pub use reachable::{MOST_CHANNELS, note_reachable};
pub(crate) use rows::joined;
pub use rows::{Rows, Shard, SourceRows, UNUSED};
