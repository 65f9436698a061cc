//! A run's life: its id, its log, its one commit, and the hint that names the newest.
//!
//! ```text
//!  choose_run ─► start ──► Start::Committed            repaired latest.json, nothing to do
//!                  │
//!                  └─► Start::Open(RunLog) ─► append(stage) … ─► commit ─► commit.json ─► latest.json ─► _work deleted
//!                            ▲                    │
//!                            └── killed: start again; the log says which stages are done
//! ```
//!
//! - What decides is a create-only write; never a lease, a clock or a listing.
//! - All writers of one key of a run's folder write the same bytes: results because the run's id and its number of shards fix them,
//!   `run.json` because its bytes stand in the log before they are written.
//! - `RunLog::append` passes two failpoints, `<stage>.computed` before the entry and `<stage>.done` after it, where `<stage>` is the
//!   stage's name up to its `/`; the commit adds `commit.record`, `commit.middle`, `commit.written` and `commit.latest`.
//! - The log is deleted only after `commit.json` exists; who creates an entry looks for `commit.json` afterwards.

mod commit;
mod create;
mod folder;
mod forgotten;
mod identity;
mod latest;
mod log;
mod nonce;
mod plain_json;
mod record;
mod start;
mod whole;

#[cfg(test)]
mod memory_folder;
#[cfg(test)]
mod races;

pub use commit::{
    Commit, CommitDraft, CommitFound, CommittedFile, Finished, Forgotten, LINEAGE, commit, delete_work, find_commit,
    read_commit,
};
pub use folder::ObjectFolder;
pub use forgotten::{commit_digest, replace_commit};
pub use identity::{Identity, PinnedInput, choose_run, definition_of};
pub use latest::{Latest, date_of, newest_run, previous_run, repair_latest};
pub use log::{RunLog, begun_with, stage};
pub use nonce::Nonce;
pub(crate) use plain_json::to_pretty_json;
pub use record::{
    AffinityRecord, ExportRecord, LinkedIds, ListedIds, NotedRows, RecommendationsRecord, RejectedReason, RunRecord,
    StageTiming, read_record,
};
pub use start::{Start, start};
pub use whole::{Damage, Wrong, damaged_by_content, damaged_by_size, damaged_run, damaged_sizes};

#[cfg(test)]
pub(crate) use {commit::tests::small_commit, identity::tests::job, memory_folder::MemoryFolder};
