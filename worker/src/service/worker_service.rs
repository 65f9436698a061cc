//! The gRPC service `segmenter.v1.Worker`: opens runs, performs tasks and closes runs, for whoever may speak for them.

use super::{
    answers::{Subject, cut, encode, failure},
    engines::{Engine, Engines},
    load::{Load, Running},
    phase::Phase,
    sessions::{Opening, RunId, Sessions},
};
use crate::{
    failpoint::failpoint,
    metrics::{WorkerMetrics, stage_name},
};
use futures::{Stream, StreamExt, stream};
use segmenter_proto::{
    Error, Fault, Result,
    v1::{CloseAnswer, CloseRequest, OpenAnswer, OpenRequest, PerformAnswer, Task, worker_server::Worker as WorkerRpc},
};
use std::{
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::{oneshot, watch};
use tonic::{Request, Response, Status};
use tracing::Instrument;

/// How long tasks of a coordinator that is gone may still hold their memory when the next one opens its run.
const GIVING_WAY: Duration = Duration::from_secs(5);

/// Serves the coordinator; clones share one state.
#[derive(Debug, Clone)]
pub(super) struct WorkerService {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    /// Tells this process from others.
    instance: u64,
    engines: Arc<dyn Engines>,
    sessions: Mutex<Sessions<Engine>>,
    /// Held while a run is opened: of two orders the second sees what the first one did.
    opening: tokio::sync::Mutex<()>,
    load: Load,
    phase: watch::Sender<Phase>,
    metrics: WorkerMetrics,
}

impl WorkerService {
    pub(super) fn new(instance: u64, engines: Arc<dyn Engines>, load: Load, metrics: WorkerMetrics) -> Self {
        let sessions = Mutex::new(Sessions::new());
        let (opening, phase) = (tokio::sync::Mutex::new(()), watch::Sender::new(Phase::default()));
        Self { shared: Arc::new(Shared { instance, engines, sessions, opening, load, phase, metrics }) }
    }

    /// Tells what orders there were.
    pub(super) fn phase(&self) -> watch::Receiver<Phase> {
        self.shared.phase.subscribe()
    }
}

impl Shared {
    fn sessions(&self) -> MutexGuard<'_, Sessions<Engine>> {
        // Every change is one assignment: whole, whatever happened to the thread that held the lock.
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn open(self: &Arc<Self>, request: OpenRequest) -> Result<()> {
        if request.instance != self.instance {
            return Err(Error::dependency("another worker than the one that registered answers at this address")
                .with_hint("give each worker an address of its own with --listen and --advertise"));
        }
        let id = RunId::new(&request.run, request.generation);
        let _one_at_a_time = self.opening.lock().await;
        self.load.check()?;
        if self.sessions().opening(&id)? == Opening::Done {
            return Ok(());
        }
        // What is open belongs to a coordinator that is gone: its memory is needed, and its tasks end as their callers are gone.
        self.sessions().give_way();
        let _ = tokio::time::timeout(GIVING_WAY, self.load.idle()).await;
        let begun = Instant::now();
        let engines = Arc::clone(&self.engines);
        let engine = off_the_runtime(move || engines.open(&request)).await?;
        self.sessions().opened(id.clone(), engine);
        self.phase.send_modify(Phase::opened);
        let seconds = begun.elapsed().as_secs_f64();
        tracing::info!(run = id.run, generation = id.generation, seconds, "opened run");
        Ok(())
    }

    fn close(&self, request: &CloseRequest) -> Result<()> {
        let id = RunId::new(&request.run, request.generation);
        if self.sessions().close(&id)? {
            self.phase.send_modify(Phase::closed);
            tracing::info!(run = id.run, generation = id.generation, "closed");
        }
        Ok(())
    }

    /// Performs a task whose run is open, to the encoded answer.
    async fn perform(self: &Arc<Self>, engine: Engine, task: Task) -> Result<Vec<u8>> {
        let (id, subject) = (RunId::new(&task.run, task.generation), Subject::of(&task));
        off_the_runtime(|| failpoint("worker.task")).await?;
        let answer = engine.perform(task).await?;
        off_the_runtime(|| failpoint("worker.answer")).await?;
        // Whoever took the run over meanwhile performs the task again; this answer is nobody's.
        self.sessions().engine(&id)?;
        off_the_runtime(move || encode(&answer, &subject)).await
    }
}

/// The answer of a task, and the task until the last piece was taken or nobody waits for it any more.
type Answers = Pin<Box<dyn Stream<Item = Result<PerformAnswer, Status>> + Send>>;

#[tonic::async_trait]
impl WorkerRpc for WorkerService {
    async fn open(&self, request: Request<OpenRequest>) -> Result<Response<OpenAnswer>, Status> {
        let request = request.into_inner();
        let (run, generation) = (request.run.clone(), request.generation);
        let opened = self.shared.open(request).await;
        if let Err(error) = &opened {
            tracing::warn!(run, generation, fault = ?error.fault, reason = error.message, "run not opened");
        }
        Ok(Response::new(OpenAnswer { failure: opened.err().as_ref().map(Into::into) }))
    }

    type PerformStream = Answers;

    async fn perform(&self, request: Request<Task>) -> Result<Response<Answers>, Status> {
        let task = request.into_inner();
        let id = RunId::new(&task.run, task.generation);
        let begun = self.shared.sessions().engine(&id).and_then(|engine| Ok((engine, self.shared.load.begin()?)));
        let (engine, running) = match begun {
            Ok(begun) => begun,
            // Not the task's failure: it was not taken.
            Err(error) if error.fault == Fault::Dependency => return Err(Status::unavailable(error.message)),
            Err(error) => return Ok(Response::new(refused(&error))),
        };
        let span = tracing::info_span!(
            "task",
            run = task.run,
            generation = task.generation,
            stage = stage_name(task.stage()),
            round = task.round,
            index = task.index,
            shards = task.shards.len(),
            first_shard = task.shards.first(),
            attempt = task.attempt,
        );
        let (mut sender, receiver) = oneshot::channel();
        let shared = Arc::clone(&self.shared);
        // Of its own: a caller that goes away ends the stream, and must not end a task halfway through its bookkeeping.
        tokio::spawn(
            async move {
                // Dropped when it ends, whichever way.
                let running = running;
                let measured = shared.metrics.begin(task.stage());
                let begun = Instant::now();
                let result = tokio::select! {
                    result = shared.perform(engine, task) => result,
                    () = sender.closed() => {
                        tracing::debug!("nobody waits for the answer any more");
                        return;
                    }
                };
                let seconds = begun.elapsed().as_secs_f64();
                match &result {
                    Ok(encoded) => {
                        measured.done(encoded.len() as u64);
                        tracing::debug!(seconds, bytes = encoded.len(), "performed");
                    }
                    Err(error) => {
                        measured.failed();
                        // Its words travel to the coordinator, which tells the user.
                        tracing::debug!(seconds, fault = ?error.fault, "failed");
                    }
                }
                if sender.send((result, running)).is_err() {
                    tracing::debug!("nobody waits for the answer any more");
                }
            }
            .instrument(span),
        );
        Ok(Response::new(answered(receiver)))
    }

    async fn close(&self, request: Request<CloseRequest>) -> Result<Response<CloseAnswer>, Status> {
        match self.shared.close(request.get_ref()) {
            Ok(()) => Ok(Response::new(CloseAnswer {})),
            Err(error) => Err(Status::failed_precondition(error.message)),
        }
    }
}

/// Streams the answer once there is one; the task counts as running until then.
fn answered(receiver: oneshot::Receiver<(Result<Vec<u8>>, Running)>) -> Answers {
    let pieces = async move {
        let (result, running) = match receiver.await {
            Ok((result, running)) => (result, Some(running)),
            Err(_) => (Err(Error::bug("a task went away")), None),
        };
        let messages = match result {
            Ok(encoded) => cut(&encoded),
            Err(error) => vec![failure(&error)],
        };
        stream::iter(messages).map(move |message| {
            let _until_the_last_was_taken = &running;
            Ok(message)
        })
    };
    Box::pin(stream::once(pieces).flatten())
}

fn refused(error: &Error) -> Answers {
    Box::pin(stream::iter([Ok(failure(error))]))
}

/// Runs what takes time where it keeps no heartbeat from being sent.
async fn off_the_runtime<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|cause| Err(Error::bug("a thread of the service went away").caused_by(cause)))
}
