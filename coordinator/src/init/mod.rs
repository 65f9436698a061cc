//! A first job: over generated data, or over files that are there.

mod demo;
mod from;
mod look;
mod roles;
mod sample;
mod shapes;
mod sniff;

pub use demo::{InitSummary, write};
pub use from::{SourceGuess, job_from, source_block};
pub use look::write_from;
pub use sample::{SampledColumn, SampledSource, sample_batch, sample_csv, sample_ndjson};
pub use sniff::sniff_csv;
