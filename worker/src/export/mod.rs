//! Exports: who of a shard's customers is handed over to another tool, and what of them.

mod compiled;
mod contact;
mod counts;
mod rows;
mod scope;

pub use compiled::CompiledExport;
pub use counts::merge_export_counts;
pub use rows::{ExportedShard, Selected, exported};
pub use scope::{export_scope, export_table};
