//! The seam between coordinator and worker: one implementation in this process, others over a network.

use super::{merge::merge_answers, worker::Worker};
use futures::future::BoxFuture;
use segmenter_proto::{
    Error, Result,
    v1::{Answer, Task, answer},
};
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};
use tokio::sync::oneshot;

/// Where tasks go and answers come from.
pub trait WorkerChannel: std::fmt::Debug + Send + Sync {
    /// Performs one attempt at a task.
    fn perform(&self, task: Task) -> BoxFuture<'static, Result<Answer, Lost>>;
}

/// Why there is no answer.
#[derive(Debug)]
pub enum Lost {
    /// The worker says why.
    Failed(Error),
    /// The worker, or the way to it, was gone before it took the task.
    Undelivered(Error),
    /// Nobody knows what became of the attempt: the worker, or the way to it, is gone.
    Unreachable(Error),
}

impl From<Lost> for Error {
    fn from(lost: Lost) -> Self {
        match lost {
            Lost::Failed(error) | Lost::Undelivered(error) | Lost::Unreachable(error) => error,
        }
    }
}

/// A worker in this process, on threads of its own: the ones of the runtime stay free for I/O and signals.
#[derive(Debug)]
pub struct InProcess {
    worker: Arc<Worker>,
    threads: Arc<rayon::ThreadPool>,
}

impl InProcess {
    /// Starts the threads.
    ///
    /// # Errors
    /// When the system gives no threads: Resources.
    pub fn start(worker: Worker, threads: usize) -> Result<Self> {
        let threads = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .thread_name(|number| format!("worker-{number}"))
            .build()
            .map_err(|error| Error::resources("worker threads could not be started").caused_by(error))?;
        Ok(Self { worker: Arc::new(worker), threads: Arc::new(threads) })
    }

    /// Performs one attempt at a task: its shards side by side, their answers added together. What was not begun when the
    /// caller goes away is not begun any more.
    ///
    /// # Errors
    /// The first failure of a shard.
    pub async fn answer(&self, task: Task) -> Result<Answer> {
        let (sender, receiver) = oneshot::channel();
        let shards: Vec<Option<u32>> = match task.shards.as_slice() {
            [] => vec![None],
            shards => shards.iter().copied().map(Some).collect(),
        };
        let together = Arc::new(Together::new(task, shards.len(), sender));
        let _unless_gone = StopOnDrop(together.clone());
        for (at, shard) in shards.into_iter().enumerate() {
            let (worker, together) = (self.worker.clone(), together.clone());
            self.threads.spawn(move || {
                if !together.stopped.load(Ordering::Relaxed) {
                    together.add(at, worker.perform(&together.task, shard));
                }
            });
        }
        receiver.await.unwrap_or_else(|_| Err(Error::bug("a worker thread went away")))
    }
}

impl WorkerChannel for InProcess {
    fn perform(&self, task: Task) -> BoxFuture<'static, Result<Answer, Lost>> {
        let this = Self { worker: self.worker.clone(), threads: self.threads.clone() };
        Box::pin(async move { this.answer(task).await.map_err(Lost::Failed) })
    }
}

/// The shards of one task while they are worked on.
#[derive(Debug)]
struct Together {
    task: Task,
    stopped: AtomicBool,
    state: Mutex<Adding>,
}

#[derive(Debug)]
struct Adding {
    /// Answers are added in the order of the shards, so that every worker gives the same bytes.
    total: Option<answer::Result>,
    next: usize,
    waiting: BTreeMap<usize, answer::Result>,
    parts: usize,
    sender: Option<oneshot::Sender<Result<Answer>>>,
}

impl Together {
    fn new(task: Task, parts: usize, sender: oneshot::Sender<Result<Answer>>) -> Self {
        let state = Adding { total: None, next: 0, waiting: BTreeMap::new(), parts, sender: Some(sender) };
        Self { task, stopped: AtomicBool::new(false), state: Mutex::new(state) }
    }

    fn add(&self, at: usize, result: Result<answer::Result>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(ended) = self.advance(&mut state, at, result).transpose() {
            self.stopped.store(true, Ordering::Relaxed);
            if let Some(sender) = state.sender.take() {
                // Nobody waits any more when the run was stopped.
                let _ = sender.send(ended);
            }
        }
    }

    /// Adds what can be added; gives the answer once all is.
    fn advance(&self, state: &mut Adding, at: usize, result: Result<answer::Result>) -> Result<Option<Answer>> {
        state.waiting.insert(at, result?);
        let work = self.task.work.as_ref().ok_or_else(|| Error::bug("a task holds no work"))?;
        while let Some(next) = state.waiting.remove(&state.next) {
            state.next += 1;
            match &mut state.total {
                None => state.total = Some(next),
                Some(total) => merge_answers(work, total, next)?,
            }
        }
        if state.next < state.parts {
            return Ok(None);
        }
        Ok(Some(Answer {
            run: self.task.run.clone(),
            generation: self.task.generation,
            stage: self.task.stage,
            index: self.task.index,
            attempt: self.task.attempt,
            round: self.task.round,
            result: state.total.take(),
        }))
    }
}

/// Nobody waits for the answer any more.
struct StopOnDrop(Arc<Together>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.stopped.store(true, Ordering::Relaxed);
    }
}
