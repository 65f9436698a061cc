//! Queries over a small shard.

mod answers;
mod kept;
mod locality;
mod lost;
mod refused;
mod world;
