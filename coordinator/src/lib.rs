//! The control plane and what people type: job file, planner, stages, commit, report.

pub mod cancellation;
pub mod checks;
pub mod cluster;
pub mod commands;
pub mod course;
pub mod exports;
pub mod init;
pub mod inventory;
pub mod job;
pub mod lineage;
pub mod methods;
pub mod metrics;
pub mod plan;
pub mod post;
pub mod progress;
pub mod prompt;
pub mod protocol;
pub mod report;
pub mod rounds;
pub mod run;
pub mod synth;
pub mod tally;
pub mod telemetry;
pub mod tools;
pub mod warning;
