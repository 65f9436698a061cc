//! A first job: over generated data, or over files that are there.

mod accounts;
mod association;
mod attributes;
mod block;
mod demo;
mod expressions;
mod files;
mod job;
mod kinds;
mod look;
mod overlaps;
mod pairs;
mod parameters;
mod parts;
mod presets;
mod sample;
mod segmentations;
mod shapes;
mod sniff;
mod synonyms;
mod table;
mod take;
mod text;
mod trial;
mod words;

pub use demo::{InitSummary, next_commands, write};
pub use look::{Look, LookSummary};
