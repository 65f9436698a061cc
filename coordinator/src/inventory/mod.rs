//! The runs of a job: which there are, which may go, and how they go.

mod delete;
mod find;
mod found;
mod retain;

pub use delete::delete;
pub use find::{find_runs, is_as_found};
pub use found::{FoundRun, State};
pub use retain::{Keep, Plan, Retention, UNDER_WAY, plan};
