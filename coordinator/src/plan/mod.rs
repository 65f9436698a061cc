//! What a run will do, found out without writing anything: pinned inputs, types, shards and tasks.

mod benefits;
mod cluster_keys;
mod disk;
mod exports;
mod inputs;
mod memory;
mod missing;
mod offline;
mod one_source;
mod prepare;
mod privacy;
mod references;
mod segmentations;
mod shards;
mod tasks;

#[cfg(test)]
mod scale_tests;

pub use cluster_keys::cluster_key_warnings;
pub use disk::{DiskNeeds, disk_needs};
pub use inputs::SourceInputs;
pub use memory::{check_memory, files_memory, shard_memory};
pub use offline::check_expressions;
pub(crate) use offline::word_at;
pub use one_source::source_of;
pub use prepare::{Prepared, prepare};
pub use references::check_rows;
pub use shards::number_of_shards;
pub use tasks::{Filling, PiecesOfFile, Size, Tasks};
