//! The control plane and what people type: job file, planner, stages, commit, report.

pub mod init;
pub mod job;
pub mod synth;
