//! Passes over the rows of all shards: what the coordinator asks, what a shard answers, and how answers are merged.

pub(super) mod assign;
pub(super) mod densities;
pub(super) mod fit;
pub(super) mod near;
pub(super) mod race;
pub(super) mod round;
pub(super) mod seeding;
mod select;
pub(super) mod separation;
pub(super) mod shard;
