//! From the parts that a run has of an export to the files that another tool imports.
//!
//! ```text
//!  parts of the run, a shard each, by key ─┐
//!                                          ├─► side by side, by key ─► counted ─► guard ─► begun.json ─► full, added, changed, removed ─► manifest.json
//!  parts of the run before ────────────────┘
//! ```
//!
//! The parts are files of the run, and depend on the job and its inputs alone; the files for the tool depend on the run before too. So a run is committed
//! whatever becomes of them, and they can be written later, or again with the same bytes: what they are compared with stands in `begun.json` before the first
//! of them. Of both runs a row group a part is in memory.

mod blocks;
mod compare;
mod deliver;
mod earlier;
mod files;
mod forget;
mod form;
mod manifest;
mod merged;
mod pinned;

pub use deliver::{Asked, Delivered, Status, deliver};
pub use earlier::{MADE_BY, was_delivered};
pub use forget::{HandedOver, ListFate, Lying, delete_list, lying, next_removals, write_again, write_removals};
pub use manifest::{Customers, DeliveredFile, Manifest, Rows};
