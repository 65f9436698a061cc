//! Queries over the tables of a shard: bound by us, run by the engine's operators, one customer at a time.

pub(crate) mod aggregates;
pub(crate) mod window;
