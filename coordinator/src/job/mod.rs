//! The job file: what a user writes, checked as a whole, with every error at its line and column.
//!
//! Text → TOML with its places → checked against the schema (`structure`) → raw types → checked by meaning (`validate`) →
//! [`Job`](segmenter_proto::jobs::Job).

mod environment;
mod load;
mod raw;
mod render;
mod schema;
mod structure;
#[cfg(test)]
mod tests;
mod validate;

pub use load::{JobFile, load, parse};
pub use schema::published_schema;
