//! The stages of a run, each a round or several over the workers, each logged when it is done.
//!
//! ```text
//!  partition ─► features ─► fit, a segmentation ─► assign ─► measure ─► commit
//!      │            │               │                 │          │
//!      └────────────┴──── what is in the log is not done again ──┘
//! ```

mod assign;
mod checkpoint;
mod chunks;
mod driver;
mod features;
mod fit;
mod identify;
mod measure;
mod nobody;
mod partition;
mod quality;
mod results;
mod rounds;
mod selection;

#[cfg(test)]
pub(crate) use chunks::{Gathered, by_shard};
pub use driver::{RunOptions, RunOutcome, run};
pub use identify::{Identified, identify};
