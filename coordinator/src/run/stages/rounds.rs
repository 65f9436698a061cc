//! Rounds over the workers: over the pieces of the inputs, over each shard, or over all shards with one answer.

use crate::cluster::{Dispatcher, StageTally, Traffic};
use segmenter_proto::{
    Error, Result,
    v1::{Stage, answer, task},
};
use segmenter_worker::engine::merge_answers;
use std::sync::Arc;
use tokio::sync::Mutex;

/// The rounds of a run, one at a time.
#[derive(Debug)]
pub struct Rounds {
    dispatcher: Mutex<Dispatcher>,
    traffic: Option<Arc<Traffic>>,
    shards: u32,
    compute: Arc<rayon::ThreadPool>,
}

impl Rounds {
    /// Sends rounds through `dispatcher`; `threads` work on what the coordinator computes itself, between rounds.
    ///
    /// # Errors
    /// When the system gives no threads: Resources.
    pub fn new(dispatcher: Dispatcher, traffic: Option<Arc<Traffic>>, shards: u32, threads: usize) -> Result<Self> {
        let compute = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .thread_name(|number| format!("compute-{number}"))
            .build()
            .map_err(|error| Error::resources("threads could not be started").caused_by(error))?;
        Ok(Self { dispatcher: Mutex::new(dispatcher), traffic, shards, compute: Arc::new(compute) })
    }

    /// Gives the threads for what the coordinator computes itself.
    pub fn compute(&self) -> &Arc<rayon::ThreadPool> {
        &self.compute
    }

    /// Gives the number of shards.
    pub fn shards(&self) -> u32 {
        self.shards
    }

    /// Performs tasks that any worker may do; `take` gets each answer as it comes, with its task's number, in no particular
    /// order, so what it does with them must not depend on it.
    ///
    /// # Errors
    /// See [`Dispatcher::round`].
    pub async fn anywhere(
        &self,
        stage: Stage,
        work: impl IntoIterator<Item = task::Work>,
        take: impl FnMut(u32, answer::Result) -> Result<()>,
    ) -> Result<()> {
        let work = work.into_iter().map(|work| (Vec::new(), work)).collect();
        self.dispatcher.lock().await.round(stage, work, take).await
    }

    /// Performs a task a shard; `take` gets each answer with its shard.
    ///
    /// # Errors
    /// See [`Dispatcher::round`].
    pub async fn each_shard(
        &self,
        stage: Stage,
        work: impl IntoIterator<Item = task::Work>,
        take: impl FnMut(u32, answer::Result) -> Result<()>,
    ) -> Result<()> {
        let work = (0..self.shards).zip(work).map(|(shard, work)| (vec![shard], work)).collect();
        self.dispatcher.lock().await.round(stage, work, take).await
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
        let mut dispatcher = self.dispatcher.lock().await;
        let groups = dispatcher.groups(self.shards)?;
        let sizes: Vec<u64> = groups.iter().map(|group| group.len() as u64).collect();
        let tasks = groups.into_iter().map(|group| (group, work.clone())).collect();
        let mut total: Option<answer::Result> = None;
        dispatcher
            .round(stage, tasks, |task, answer| {
                match &mut total {
                    None => total = Some(answer),
                    Some(total) => merge_answers(&work, total, answer)?,
                }
                done(sizes.get(task as usize).copied().unwrap_or_default());
                Ok(())
            })
            .await?;
        total.ok_or_else(|| Error::bug("a round over no shards"))
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
