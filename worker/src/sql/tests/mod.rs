//! Queries over a small shard.

mod answers;
mod constants;
mod kept;
mod locality;
mod lost;
pub(crate) mod of_rows;
pub(super) mod plain;
mod refused;
pub(crate) mod world;
