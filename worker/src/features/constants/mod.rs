//! Constants: one number of the population each, made of all rows of some sources.
//!
//! ```text
//!  rows ──query──► an aggregate a customer ──► totals of a shard ──► totals of all ──► the expression over them
//!         (shard)                              (exact, in any order)   (coordinator)     (model.json)
//! ```
//!
//! A query of the shard's rows gives each customer's part, so that what cannot be computed takes its customer out and nobody else. They are
//! known before features are computed, and a column of one value for whatever comes after.

mod plan;
mod totals;

pub use plan::ConstantsPlan;
