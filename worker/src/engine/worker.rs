//! What a worker holds, and which part of the house each kind of task goes to.

use super::{
    budget::Budget,
    idle::IdleThreads,
    memory::{Held, ShardMemory},
    work_files::Told,
};
use crate::{
    failpoint::failpoint,
    features::FeaturePlan,
    identity::IDENTITY,
    partition::{ChunkFolders, PartitionContext, chunks_object, kept_object, merge, partition},
    program::give_back,
    spec::RunSpec,
    storage::{Folder, Storage},
};
use segmenter_proto::{
    Error, Result,
    v1::{PartitionAnswer, PartitionTask, Stage, Task, answer, fit_task, task},
};
use std::{
    path::PathBuf,
    sync::{Mutex, atomic::AtomicU64},
};
use tokio::runtime::Handle;

/// The part of the memory in which row groups of object stores wait to be decoded, of all threads together. Half of a thread's share is for
/// rows that wait for their shards, and the rest for what is decoded and encoded.
const UNDECODED: u64 = 4;

/// What a worker is started with.
#[derive(Debug)]
pub struct WorkerOptions {
    /// The run.
    pub spec: RunSpec,
    /// Where inputs are.
    pub storage: Storage,
    /// Where work files go: scratch, or `_work/` of the output.
    pub work: Folder,
    /// Where rows are kept for later runs, where they are.
    pub cache: Option<Folder>,
    /// The run's folder.
    pub results: Folder,
    /// Runs the store's requests.
    pub runtime: Handle,
    /// Threads that perform tasks.
    pub threads: usize,
    /// Bytes for what grows with the data.
    pub memory: u64,
    /// Folder of this machine for rows that memory has no room for; need not be there yet.
    pub scratch: PathBuf,
}

/// A worker of one run.
#[derive(Debug)]
pub struct Worker {
    pub(super) spec: RunSpec,
    pub(super) plan: FeaturePlan,
    pub(super) storage: Storage,
    pub(super) work: Folder,
    pub(super) chunks: ChunkFolders,
    pub(super) results: Folder,
    pub(super) runtime: Handle,
    pub(super) threads: usize,
    pub(super) memory: ShardMemory,
    pub(super) told: Told,
    /// The most that the features of a shard took, with the file that was written of them.
    pub(super) features_taken: AtomicU64,
    /// Held while reference tables are made.
    pub(super) loading: Mutex<()>,
    pub(super) scratch: PathBuf,
    pub(super) idle: IdleThreads,
}

impl Worker {
    /// Opens a run: compiles its features.
    ///
    /// # Errors
    /// When an expression does not fit the sources: Job.
    pub fn open(options: WorkerOptions) -> Result<Self> {
        Ok(Self {
            plan: FeaturePlan::compile(&options.spec)?,
            spec: options.spec,
            storage: options.storage.reading_within(options.memory / UNDECODED),
            chunks: ChunkFolders::new(options.work.clone(), options.cache),
            work: options.work,
            results: options.results,
            runtime: options.runtime,
            threads: options.threads,
            memory: ShardMemory::new(Budget::new(options.memory)),
            told: Told::default(),
            features_taken: AtomicU64::new(0),
            loading: Mutex::default(),
            scratch: options.scratch,
            idle: IdleThreads::new(options.threads),
        })
    }

    /// Performs one attempt at a task, over one of its shards; the partition has none.
    ///
    /// # Errors
    /// See the stages.
    pub fn perform(&self, task: &Task, shard: Option<u32>) -> Result<answer::Result> {
        let work = task.work.as_ref().ok_or_else(|| Error::bug("a task holds no work"))?;
        let _own = self.idle.take(1);
        if let Some(shard) = shard {
            self.told.hear(task, shard);
        }
        let over = || shard.ok_or_else(|| Error::bug("a task over shards names none"));
        let answer = match work {
            task::Work::Keys(work) => answer::Result::Keys(self.keys(task, shard, work)?),
            task::Work::Partition(work) => answer::Result::Partition(self.partition(task, work)?),
            task::Work::Features(work) => answer::Result::Features(self.features(over()?, work)?),
            task::Work::Fit(work) => answer::Result::Fit(self.fit(over()?, work)?),
            task::Work::Assign(work) => answer::Result::Assign(self.assign(over()?, work)?),
            task::Work::Measure(work) => answer::Result::Measure(self.measure(over()?, work)?),
        };
        if !is_of_many_rounds(work) {
            give_back();
        }
        Ok(answer)
    }

    fn partition(&self, task: &Task, work: &PartitionTask) -> Result<PartitionAnswer> {
        let object = match work.entry.as_str() {
            "" => chunks_object(work.number, task.generation, task.round, task.attempt),
            entry => kept_object(entry, &task.run, task.generation, task.round, task.attempt),
        };
        let identity = self.key_map(IDENTITY, &work.identity)?;
        let identity = match identity.as_deref() {
            Some(Held::KeyMap(map)) => Some(map),
            Some(_) => return Err(Error::bug("a key map is none")),
            None => None,
        };
        let context = PartitionContext {
            spec: &self.spec,
            storage: &self.storage,
            folders: &self.chunks,
            runtime: &self.runtime,
            scratch: &self.scratch,
            // Half of a thread's share: the other half is what is being read and encoded.
            budget: usize::try_from(self.memory.free() / self.threads.max(1) as u64 / 2).unwrap_or(usize::MAX),
            identity,
        };
        match work.merged.is_empty() {
            true => partition(&context, work, &object),
            false => {
                let chunks = merge(&context, work.merged.clone(), &object)?;
                Ok(PartitionAnswer { chunks, ..PartitionAnswer::default() })
            }
        }
    }

    /// Gives the name of a stage's failpoint in the middle of a task.
    pub(super) fn middle(&self, stage: Stage) -> Result<()> {
        failpoint(match stage {
            Stage::Keys => "keys.middle",
            Stage::Partition => "partition.middle",
            Stage::Features => "features.middle",
            Stage::Fit => "fit.middle",
            Stage::Assign => "assign.middle",
            Stage::Measure | Stage::Unspecified => "measure.middle",
        })
    }
}

/// Says whether a task is of rounds that follow each other quickly: each takes what the one before gave back.
fn is_of_many_rounds(work: &task::Work) -> bool {
    let task::Work::Fit(work) = work else { return false };
    matches!(work.round, Some(fit_task::Round::Kmeans(_) | fit_task::Round::Bisecting(_) | fit_task::Round::Mixture(_)))
}
