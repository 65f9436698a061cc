//! What a program counts, as text that Prometheus reads. Labels hold names that stand in the program: never a value of a customer,
//! a file or a job.

mod family;
mod labels;
mod registry;
mod server;
mod worker;

pub use family::Family;
pub use labels::{Outcome, StageLabels, TaskLabels, stage_name};
pub use registry::Metrics;
pub use worker::{RunningTask, WorkerMetrics};
