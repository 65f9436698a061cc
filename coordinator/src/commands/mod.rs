//! What a person types, a command a file; each is thin and calls the module that knows.

mod arguments;
mod compare;
mod compare_answer;
mod context;
mod ending;
mod entry;
mod errors;
mod evaluate;
mod features;
mod functions;
mod init;
mod job_file;
mod latest;
mod orchestration;
mod plan;
mod plan_of_run;
mod plan_summary;
mod request;
mod result;
mod result_file;
mod run;
mod schema;
mod score;
mod signals;
mod size;
mod size_answer;
mod sql;
mod stdout;
mod synth;
mod validate;
mod verify;

pub use context::Context;
pub use entry::main;
pub use plan_summary::{PlanSummary, PlannedSource, PlannedStage};
pub use schema::schema;
pub use segmenter_worker::program::Resources;
