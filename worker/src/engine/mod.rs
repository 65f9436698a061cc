//! One worker: performs a task at a time a thread, and answers mergeable statistics.

mod affinity;
mod assign;
mod bisecting;
mod budget;
mod channel;
mod drivers;
mod export;
mod features;
mod fit;
mod idle;
mod keys;
mod lifetime;
mod map;
mod measure;
mod measured;
mod membership;
mod memory;
mod merge;
mod previous;
mod recommend;
mod references;
mod work_files;
mod worker;

pub use budget::Budget;
pub use channel::{InProcess, Lost, WorkerChannel};
pub use features::LEAST_MEMORY_OF_QUERIES;
pub use keys::is_of_keys;
pub use merge::{add_overflows, add_segment_counts, merge_answers};
pub use work_files::{features_object, shard_of_features};
pub use worker::{Worker, WorkerOptions};
