//! Rounds over the workers: over the pieces of the inputs, over each shard, or over all shards with one answer.
//!
//! A round that finds a work file gone or damaged has it made again (see [`super::mend`]) and goes on.

use super::work_files::WorkFiles;
use crate::{
    cache::CachedRun,
    cluster::{Dispatcher, Traffic},
    partitioned::for_shard,
    plan::Prepared,
    progress::Reporter,
    tally::StageTally,
};
use segmenter_proto::{
    Error, Result,
    v1::{Chunk, Stage, answer, task},
};
use segmenter_worker::{engine::merge_answers, partition::ChunkFolders, storage::Folder};
use std::sync::Arc;
use tokio::sync::Mutex;

/// The rounds of a run, one at a time.
#[derive(Debug)]
pub struct StageRounds<'a> {
    dispatcher: Mutex<Dispatcher>,
    traffic: Option<Arc<Traffic>>,
    compute: Arc<rayon::ThreadPool>,
    pub(super) prepared: &'a Prepared,
    pub(super) work: &'a Folder,
    pub(super) chunks: ChunkFolders,
    cached: Option<CachedRun>,
    pub(super) reporter: &'a Reporter,
    pub(super) files: WorkFiles,
}

impl<'a> StageRounds<'a> {
    /// Sends rounds of a prepared run through `dispatcher`; `threads` work on what the coordinator computes itself, between rounds.
    ///
    /// # Errors
    /// When the system gives no threads: Resources.
    pub fn new(
        dispatcher: Dispatcher,
        traffic: Option<Arc<Traffic>>,
        threads: usize,
        prepared: &'a Prepared,
        (work, cached): (&'a Folder, Option<CachedRun>),
        reporter: &'a Reporter,
    ) -> Result<Self> {
        let compute = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .thread_name(|number| format!("compute-{number}"))
            .build()
            .map_err(|error| Error::resources("threads could not be started").caused_by(error))?;
        Ok(Self {
            dispatcher: Mutex::new(dispatcher),
            traffic,
            compute: Arc::new(compute),
            prepared,
            work,
            chunks: ChunkFolders::new(work.clone(), cached.as_ref().map(|cached| cached.folder().clone())),
            cached,
            reporter,
            files: WorkFiles::default(),
        })
    }

    /// Gives the threads for what the coordinator computes itself.
    pub fn compute(&self) -> &Arc<rayon::ThreadPool> {
        &self.compute
    }

    /// Gives what the run takes of the cache and keeps there; none where no rows are kept.
    pub fn cached(&self) -> Option<&CachedRun> {
        self.cached.as_ref()
    }

    /// Lets go of what was read of the cache, which is not needed behind the partition.
    pub fn let_go_of_cached(&mut self) {
        if let Some(cached) = &mut self.cached {
            cached.let_go();
        }
    }

    /// Gives the number of shards.
    pub fn shards(&self) -> u32 {
        self.prepared.spec.shards
    }

    /// Gives the chunks of reference tables, which are the same for all shards.
    ///
    /// # Errors
    /// Bug only.
    pub fn references(&self) -> Result<Vec<Chunk>> {
        self.files.with_partition(|done| Ok(for_shard(&self.prepared.spec, done, 0)?.references))
    }

    /// Gives what is known of the run's work files.
    pub fn files(&self) -> &WorkFiles {
        &self.files
    }

    /// Performs so many tasks that any worker may do; `work` gives what a task does, by its number, and `take` gets each answer as it
    /// comes, with its task's number, in no particular order, so what it does with them must not depend on it.
    ///
    /// # Errors
    /// See [`Dispatcher::round`].
    pub async fn anywhere(
        &self,
        stage: Stage,
        tasks: usize,
        work: impl Fn(u32) -> Result<task::Work>,
        mut take: impl FnMut(u32, answer::Result) -> Result<()>,
    ) -> Result<()> {
        let mut open: Vec<u32> = (0..tasks as u32).collect();
        loop {
            let number_of =
                |task: u32| open.get(task as usize).copied().ok_or_else(|| Error::bug("a round has no such task"));
            let told = |task| Ok(self.files.told(work(number_of(task)?)?, &[]));
            let mut done = vec![false; open.len()];
            let ended = self
                .as_they_are(stage, vec![Vec::new(); open.len()], told, |task, answer| {
                    take(number_of(task)?, answer)?;
                    done[task as usize] = true;
                    Ok(())
                })
                .await;
            let Err(error) = ended else { return Ok(()) };
            self.mend_keys(error).await?;
            let mut undone = done.into_iter().map(|done| !done);
            open.retain(|_| undone.next().unwrap_or(false));
        }
    }

    /// Performs a task for each of these shards; `work` gives what is done with one, and `take` gets each answer with its shard.
    ///
    /// # Errors
    /// See [`Dispatcher::round`].
    pub async fn each_shard(
        &self,
        stage: Stage,
        shards: impl IntoIterator<Item = u32>,
        work: impl Fn(u32) -> Result<task::Work>,
        mut take: impl FnMut(u32, answer::Result) -> Result<()>,
    ) -> Result<()> {
        let mut open: Vec<u32> = shards.into_iter().collect();
        loop {
            let places = open.iter().map(|&shard| vec![shard]).collect();
            let shard_of =
                |task: u32| open.get(task as usize).copied().ok_or_else(|| Error::bug("a round has no such task"));
            let told = |task| {
                let shard = shard_of(task)?;
                Ok(self.files.told(work(shard)?, &[shard]))
            };
            let mut done = vec![false; open.len()];
            let ended = self
                .as_they_are(stage, places, told, |task, answer| {
                    take(shard_of(task)?, answer)?;
                    done[task as usize] = true;
                    Ok(())
                })
                .await;
            let Err(error) = ended else { return Ok(()) };
            self.mend(error).await?;
            let mut undone = done.into_iter().map(|done| !done);
            open.retain(|_| undone.next().unwrap_or(false));
        }
    }

    /// Performs the same work over every shard, a task a worker, and gives the one answer of all; `done` hears of how many
    /// shards answered.
    ///
    /// # Errors
    /// See [`Dispatcher::round`].
    pub async fn over_shards(
        &self,
        stage: Stage,
        work: task::Work,
        mut done: impl FnMut(u64),
    ) -> Result<answer::Result> {
        loop {
            match self.once_over_shards(stage, &work, &mut done).await {
                Err(error) => self.mend(error).await?,
                answer => return answer,
            }
        }
    }

    async fn once_over_shards(
        &self,
        stage: Stage,
        work: &task::Work,
        done: &mut impl FnMut(u64),
    ) -> Result<answer::Result> {
        let mut dispatcher = self.dispatcher.lock().await;
        let groups = dispatcher.groups(self.shards())?;
        let sizes: Vec<u64> = groups.iter().map(|group| group.len() as u64).collect();
        let told = |task: u32| {
            let group = groups.get(task as usize).ok_or_else(|| Error::bug("a round has no such task"))?;
            Ok(self.files.told(work.clone(), group))
        };
        let mut total: Option<answer::Result> = None;
        dispatcher
            .round(stage, groups.clone(), told, |task, answer| {
                match &mut total {
                    None => total = Some(answer),
                    Some(total) => merge_answers(work, total, answer)?,
                }
                done(sizes.get(task as usize).copied().unwrap_or_default());
                Ok(())
            })
            .await?;
        total.ok_or_else(|| Error::bug("a round over no shards"))
    }

    /// Performs tasks as they are: what they do not find is not made again.
    pub(super) async fn as_they_are(
        &self,
        stage: Stage,
        places: Vec<Vec<u32>>,
        work: impl Fn(u32) -> Result<task::Work>,
        take: impl FnMut(u32, answer::Result) -> Result<()>,
    ) -> Result<()> {
        self.dispatcher.lock().await.round(stage, places, work, take).await
    }

    /// Gives the bytes to and from other processes in this stage so far.
    pub fn traffic(&self) -> (u64, u64) {
        self.traffic.as_ref().map(|traffic| traffic.so_far()).unwrap_or_default()
    }

    /// Gives what was counted since it was last asked.
    pub async fn take_tally(&self) -> StageTally {
        let mut tally = self.dispatcher.lock().await.take_tally();
        if let Some(traffic) = &self.traffic {
            (tally.sent_bytes, tally.received_bytes) = traffic.take();
        }
        tally
    }
}

/// Says that an answer is of another kind than its task.
pub fn unexpected(stage: &str) -> Error {
    Error::bug(format!("an answer of another kind than {stage} came back"))
}
