//! From the file as written to the job: names that exist, kinds that fit, texts that can be read, defaults filled in.

mod affinity;
mod benefits;
mod cache;
mod constants;
mod csv;
mod effectiveness;
mod experiment;
mod export;
mod features;
mod fx;
mod identity;
mod job;
mod lifetime;
mod messages;
mod personas;
mod preset_sources;
mod privacy;
mod quality;
mod recommendations;
mod reference;
mod report;
mod segmentations;
mod source;
mod sources;
mod sql;
mod standard_metrics;
mod text;
mod tool;
mod uri;

pub(crate) use job::{Given, validate};
