//! What a run is started with, and how it ended.

use super::{CommittedModel, Sizes};
use crate::{
    cancellation::Cancellation, cluster::ClusterOptions, course::Course, job::JobFile, metrics::RunMetrics,
    progress::Reporter, protocol::ListedIds,
};
use segmenter_proto::RowFates;
use segmenter_worker::storage::Storage;
use std::path::Path;
use tokio::runtime::Handle;

/// What a run is started with.
#[derive(Debug)]
pub struct RunOptions<'a> {
    /// The job.
    pub file: &'a JobFile,
    /// Where inputs and outputs are.
    pub storage: &'a Storage,
    /// The number of shards, where it is not to follow from the inputs.
    pub shards: Option<u32>,
    /// Whether committed work is done again.
    pub new_run: bool,
    /// Threads that work on the data.
    pub threads: usize,
    /// Bytes for what grows with the data.
    pub memory: u64,
    /// The folder for work files; every run has one of its own in it, the same one when it is resumed.
    pub scratch: &'a Path,
    /// Runs the store's requests.
    pub runtime: Handle,
    /// Speaks to the user.
    pub reporter: &'a Reporter,
    /// Raised when the process is told to stop.
    pub cancellation: &'a Cancellation,
    /// The workers, where they are other processes.
    pub cluster: Option<ClusterOptions>,
    /// Counts for Prometheus.
    pub metrics: RunMetrics,
    /// Where the run notes how far it is.
    pub course: &'a Course,
    /// The model to score by; none: models are fitted.
    pub model: Option<&'a CommittedModel>,
    /// Only sizes are wanted, of segmentations that need no fit, and how many in them each of these features is true of; none: a run.
    pub sizes: Option<&'a [String]>,
}

/// How a run ended.
#[derive(Debug)]
pub struct RunOutcome {
    /// The run's id.
    pub run: String,
    /// Where its results are.
    pub folder: String,
    /// Whether it was committed before, and nothing was done.
    pub committed_before: bool,
    /// The table of segments for people; empty where nothing was done.
    pub table: String,
    /// The same for programs.
    pub segments: serde_json::Value,
    /// What became of the rows of each source.
    pub rows: Vec<(String, RowFates)>,
    /// What the list of excluded ids came to, where there is one.
    pub exclude_list: Option<ListedIds>,
    /// Where only sizes were wanted: them.
    pub sizes: Option<Sizes>,
    /// What the run warned of.
    pub warnings: Vec<String>,
}
