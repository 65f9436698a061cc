//! The seam between coordinator and worker: one implementation in this process, others over a network.

use super::worker::Worker;
use futures::future::BoxFuture;
use segmenter_proto::{
    Error, Result,
    v1::{Answer, Task},
};
use std::sync::Arc;
use tokio::sync::oneshot;

/// Where tasks go and answers come from.
pub trait WorkerChannel: std::fmt::Debug + Send + Sync {
    /// Gives how many tasks it works on at the same time.
    fn slots(&self) -> usize;

    /// Performs one attempt at a task.
    fn perform(&self, task: Task) -> BoxFuture<'static, Result<Answer>>;
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
}

impl WorkerChannel for InProcess {
    fn slots(&self) -> usize {
        self.threads.current_num_threads()
    }

    fn perform(&self, task: Task) -> BoxFuture<'static, Result<Answer>> {
        let (sender, receiver) = oneshot::channel();
        let worker = self.worker.clone();
        self.threads.spawn(move || {
            // Nobody waits any more when the run was stopped.
            let _ = sender.send(worker.perform(task));
        });
        Box::pin(async move { receiver.await.unwrap_or_else(|_| Err(Error::bug("a worker thread went away"))) })
    }
}
