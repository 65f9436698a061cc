//! What aggregates of queries promise.

mod calls;
mod same_bits;
mod spills;
