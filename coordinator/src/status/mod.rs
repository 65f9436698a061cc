//! How far a run is, for people and programs that ask from elsewhere: `status.json` beside its log, written now and then.

mod file;
mod snapshot;

pub use file::{StatusFile, read_status, status_key};
#[cfg(test)]
pub use snapshot::example;
pub use snapshot::{FitRounds, StageStatus, Status, WorkerState, WorkerStatus, status};
