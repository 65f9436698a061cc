//! The stages of a run, each a round or several over the workers, each logged when it is done.
//!
//! ```text
//!  previous ─► keys ─► partition ─► features ─► fit, a segmentation ─► assign ─► measure ─► commit
//!   │           │         │            │               │                 │          │
//!   └───────────┴─────────┴────────────┴──── what is in the log is not done again ──┘
//! ```

mod abandoned;
mod affinity;
mod again;
mod assign;
mod benefits;
mod beyond;
mod caching;
mod checkpoint;
mod committed_before;
mod committing;
mod compare;
mod constants;
mod drift;
mod driver;
mod drivers;
mod earlier;
mod experiments;
mod exported;
mod features;
mod fit;
mod identify;
mod inputs_of;
mod keys;
mod lifetime;
mod maps;
mod measure;
mod mend;
mod message_tables;
mod messages;
mod model;
mod nobody;
mod options;
mod outcome;
mod partition;
mod personas;
mod persons;
mod population;
mod prediction;
mod previous;
mod quality;
mod reachable;
mod recommend;
mod results;
mod rounds;
mod segments;
mod sizes;
mod sizing;
mod told_rows;
mod warnings;
mod work_files;

pub use caching::look_at_cache;
pub use compare::{Comparison, compare};
pub use driver::run;
pub use identify::{Identified, identify};
pub use inputs_of::names_of as given_names;
pub use maps::has_maps;
pub use message_tables::names_of_message_tables;
pub use model::{CommittedModel, check_kinds, read_model};
pub use options::{RunOptions, RunOutcome};
pub use sizing::{LeftOut, SizedSegment, SizedSegmentation, Sizes, keep_sizable};
pub use told_rows::tell_rows;
pub use warnings::{Warnings, lacking_columns, skipped_files};
