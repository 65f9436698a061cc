//! The page of a run: one HTML file that says, from general to particular, what the run was, whether to trust it, and who the segments are.
//!
//! ```text
//!  tables of the run ─► RunData ─► sections ─► Page ─► template ─► bytes
//!  (none has a row a customer)
//! ```
//!
//! The bytes depend on nothing but the tables and what `run.json` holds that is no clock and no machine, so that a page that is made again of
//! a committed run is the one that was committed.

mod compared;
mod data;
mod drawing;
mod gather;
mod model;
mod render;
mod running;
mod sections;
mod words;

pub use compared::{Committed, compared_page};
pub use gather::run_page;
pub use running::running_page;

#[cfg(test)]
mod tests;

/// The page's name in the folder of its run.
pub const REPORT: &str = "report.html";
