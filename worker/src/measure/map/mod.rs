//! A map of the customers that clusters divide: the plane in which they differ most, and how many lie where on it.
//!
//! ```text
//! solver ── sums  ─► shards: Σ x and Σ x·y over the places x of customers, exact    (one round)
//!        ◄─ plane ── covariance, its first two eigenvectors, as whole numbers
//!        ── cells ─► shards: customers by hexagon and segment                       (one round)
//!        ── shown ── hexagons of at least `min_cell` customers of a segment
//! ```
//!
//! All segmentations go through the same two rounds. Everything that is added up is a whole number.

mod cells;
mod hexagon;
mod jacobi;
mod plane;
mod principal;
mod rows;
mod shard;
mod shown;
mod solver;
mod sums;

pub use rows::{MapScope, map_axis_rows, map_rows};
pub use shard::{MappedCustomers, map_answer, map_memory, merge_map_answers};
pub use solver::{CustomerMap, FoundMap, MapSolver, MappedSpace, NoMap};

#[cfg(test)]
mod tests;
