//! Realistic synthetic customers, orders and till receipts of any size, with planted groups and their truth.

mod calendar;
mod customer;
mod group;
mod history;
mod job_file;
mod line;
mod mover;
mod options;
mod orders;
mod output;
mod product;
mod random;
mod readme;
mod tables;
mod tills;
mod world;
mod write;

pub use group::{GROUP_SHARES, NO_PURCHASE};
pub(crate) use job_file::basic_string;
pub use job_file::{JobFile, job_text};
pub use mover::Movers;
pub use options::{SynthOptions, SynthSummary};
pub(crate) use write::refuse_existing;
pub use write::{write, write_tables};

#[cfg(test)]
mod tests;
