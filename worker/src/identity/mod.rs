//! Who is who: from pairs of ids to persons, by rounds over shards.
//!
//! ```text
//!  pairs ─► ids and links ─► connect, until nothing changes ─► members ─► apart ─► resolve ─► identity/ and the key map
//!  earlier run ─► its persons ──────────────────────────────────┘
//! ```
//!
//! An id is a [`Node`], a number that its text gives; links are pairs of nodes, each at the shards of both. A round takes what a shard holds of links and
//! puts a star in the place of each component of it: every id is linked to the smallest alone. All links of a component hold it together
//! in every round, and neighbours of neighbours come together in each, so that rounds grow with the logarithm of the longest chain.
//! (Connected components by contraction to minima: Kiveris et al., Connected Components in MapReduce and Beyond, SOCC 2014; with what a shard
//! holds taken together, so that one round does what a large-star and a small-star do.)

mod apart;
mod connect;
mod earlier;
mod emit;
mod links;
mod map;
mod members;
mod node;
mod pairs;
mod resolve;
mod rows;

pub use apart::{apart, memory_of_apart};
pub use connect::{connect, memory_of_links};
pub use earlier::earlier;
pub use emit::Emit;
pub use map::{IDENTITY, map, memory_of_map};
pub use members::{members, memory_of_members};
pub use node::{Node, node_of, shard_of_node};
pub use pairs::pairs;
pub use resolve::{memory_of_resolve, resolve};
pub use rows::LINKS;

#[cfg(test)]
mod tests;
