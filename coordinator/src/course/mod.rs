//! How far a run is, for whoever is told of its end, however that comes: a result file, lineage, traces.

mod known;
mod noting;

pub use known::{Begun, Known, KnownInput, KnownJob, TimedStage};
pub use noting::Course;
