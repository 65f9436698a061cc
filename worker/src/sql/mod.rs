//! Queries over the tables of a shard: bound by us, run by the engine's operators, one customer at a time.
//!
//! ```text
//! text ─► binder: names, types, places, one customer at a time ─► relations, once a run
//!                                                                     │ lower, once a shard
//!             rows of the shard ─► leaf ─► the engine's operators and ours ─► answer: one row a customer
//! ```
//!
//! - Customers are numbers within a shard; their ids are looked up where a query looks at them.
//! - A customer of whom something cannot be computed is lost to the query: its values are null, and it is counted.
//! - A shard that does not fit into memory is answered in parts by customers, which gives the same.

pub(crate) mod aggregates;
mod answer;
mod binder;
mod catalogue;
mod constants;
mod customers;
mod failing;
mod failure;
mod flags;
mod free;
mod lower;
mod of_expression;
mod operators;
mod order;
mod parts;
pub mod prompt;
mod rates;
mod references;
mod relation;
mod rows;
mod scope;
mod tables;
#[cfg(test)]
pub(crate) mod tests;
pub(crate) mod window;
mod windows;

pub(crate) use answer::{Answer, Query};
pub use answer::{Room, check_query};
pub(crate) use catalogue::Catalogue;
pub use constants::Constants;
pub(crate) use operators::FilterCounts;
pub use references::References;
pub(crate) use rows::AnsweredRows;
pub(crate) use tables::ShardTables;
