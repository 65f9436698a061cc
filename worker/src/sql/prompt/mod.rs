//! Queries at a prompt: over the tables of a committed run and its sources, all rows at once.
//!
//! ```text
//!  text ─► binder, without "one customer at a time" ─► relations ─► the same operators ─► batches, as they come
//!              ▲                                                        ▲
//!   tables: Parquet of the run, sources as the partition cleans them ───┘ read by a thread each, as streams
//! ```
//!
//! - Sums stay exact, and the rows of an answer have one order whatever memory there is.
//! - What cannot be computed on a row fails the query: there is no customer whose value could be null for it.
//! - Groups, sorts and windows go to scratch where memory is short. The right side of a join, the largest partition of a window and the
//!   values of a median do not.

mod leaf;
mod names;
mod open;
mod query;
mod rows;
mod tables;
#[cfg(test)]
mod tests;

pub use names::named_tables;
pub use open::{RunFile, open_files};
pub use query::{Answering, PromptQuery};
pub use tables::{PromptRows, PromptTable, PromptTables};
