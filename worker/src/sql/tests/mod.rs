//! Queries over a small shard.

mod answers;
mod kept;
mod locality;
mod lost;
mod refused;
pub(crate) mod world;
