//! Sends a round of tasks to the workers and hands back each answer as it comes.

use crate::run::Cancellation;
use futures::{StreamExt, stream};
use segmenter_proto::{
    Error, Result,
    v1::{Answer, Stage, Task, answer, task},
};
use segmenter_worker::engine::WorkerChannel;
use std::sync::Arc;

/// The workers of a run, for one coordinator's generation.
#[derive(Debug, Clone)]
pub struct Rounds {
    run: String,
    generation: u64,
    channel: Arc<dyn WorkerChannel>,
    compute: Arc<rayon::ThreadPool>,
    cancellation: Cancellation,
}

impl Rounds {
    /// Speaks for the coordinator of this generation; `threads` work on what it computes itself, between rounds.
    ///
    /// # Errors
    /// When the system gives no threads: Resources.
    pub fn new(
        run: &str,
        generation: u64,
        channel: Arc<dyn WorkerChannel>,
        threads: usize,
        cancellation: Cancellation,
    ) -> Result<Self> {
        let compute = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .thread_name(|number| format!("compute-{number}"))
            .build()
            .map_err(|error| Error::resources("threads could not be started").caused_by(error))?;
        Ok(Self { run: run.to_owned(), generation, channel, compute: Arc::new(compute), cancellation })
    }

    /// Gives the threads for what the coordinator computes itself.
    pub fn compute(&self) -> &Arc<rayon::ThreadPool> {
        &self.compute
    }

    /// Performs the work of a round, each with its shard or task number; `take` gets each answer as it comes, in no
    /// particular order, so what it does with them must not depend on it.
    ///
    /// # Errors
    /// The first failure of a task, after which no further one is started; or that the process was told to stop.
    pub async fn perform(
        &self,
        stage: Stage,
        work: impl IntoIterator<Item = (u32, task::Work)>,
        mut take: impl FnMut(u32, answer::Result) -> Result<()>,
    ) -> Result<()> {
        let task = |(index, work)| Task {
            run: self.run.clone(),
            generation: self.generation,
            stage: stage.into(),
            index,
            attempt: 1,
            round: 0,
            shards: Vec::new(),
            work: Some(work),
        };
        let mut answers = stream::iter(work.into_iter().map(task).map(|task| self.channel.perform(task)))
            .buffer_unordered(self.channel.slots());
        while let Some(answer) = answers.next().await {
            self.cancellation.check()?;
            let Answer { index, result, .. } = answer?;
            take(index, result.ok_or_else(|| Error::bug("an answer holds no result"))?)?;
        }
        self.cancellation.check()
    }

    /// Performs the same work over every shard.
    ///
    /// # Errors
    /// See [`Self::perform`].
    pub async fn over_shards(
        &self,
        stage: Stage,
        shards: u32,
        work: task::Work,
        take: impl FnMut(u32, answer::Result) -> Result<()>,
    ) -> Result<()> {
        self.perform(stage, (0..shards).map(|shard| (shard, work.clone())), take).await
    }
}

/// Says that an answer is of another kind than its task.
pub fn unexpected(stage: &str) -> Error {
    Error::bug(format!("an answer of another kind than {stage} came back"))
}
