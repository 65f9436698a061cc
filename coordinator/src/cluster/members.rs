//! Who works on the run: workers register, say that they live, and go. Each registration has a number of its own, so that a
//! worker that comes back is never mistaken for what it was.
//!
//! ```text
//!  register ─► known ──(the run is open there)──► Joined ──► heartbeats ─┬─► Draining ─► Lost
//!                 │                                                      └─► silent, unreachable, registered again: Lost
//!                 └──(cannot be reached)──► forgotten; its next heartbeat makes it register again
//! ```

use super::{
    remote::{Receiving, RemoteWorker},
    scheduler::WorkerId,
    traffic::Traffic,
};
use crate::metrics::RunMetrics;
use segmenter_proto::{
    Error, Fault, Result,
    v1::{CloseRequest, OpenRequest, RegisterRequest},
};
use segmenter_worker::{
    engine::{Lost, WorkerChannel},
    network::Security,
};
use std::{
    collections::BTreeMap,
    hash::{BuildHasher, RandomState},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::{mpsc, watch};

/// What happens to a worker.
#[derive(Debug)]
pub enum MemberEvent {
    /// The run is open there.
    Joined {
        /// The registration.
        worker: WorkerId,
        /// Where it is, for people.
        name: String,
        /// Tasks that it works on at the same time.
        slots: usize,
        /// The way to it.
        channel: Arc<dyn WorkerChannel>,
    },
    /// It finishes what it has and takes nothing new.
    Draining {
        /// The registration.
        worker: WorkerId,
    },
    /// It is gone.
    Lost {
        /// The registration.
        worker: WorkerId,
        /// Why, for people.
        reason: String,
        /// Whether it went for a reason of its own: it left, or registered again.
        orderly: bool,
    },
    /// The run cannot go on: another coordinator took a worker over, or no worker could ever work on it.
    Impossible(Error),
}

/// Why a worker is not taken in.
#[derive(Debug)]
pub enum Refused {
    /// The run is over.
    Over,
    /// Another process with its URL lives; one that died is forgotten when it was silent for long enough.
    AddressTaken,
    /// What it says of itself cannot be used.
    Wrong(Error),
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Wrong(error)
    }
}

/// The workers of a run.
#[derive(Debug)]
pub struct Members {
    security: Security,
    /// A worker that says nothing for so long is lost.
    lost_after: Duration,
    events: mpsc::UnboundedSender<MemberEvent>,
    opening: watch::Sender<Option<OpenRequest>>,
    joined: watch::Sender<usize>,
    known: Mutex<Known>,
    traffic: Arc<Traffic>,
    receiving: Receiving,
    metrics: RunMetrics,
}

#[derive(Debug, Default)]
struct Known {
    last: WorkerId,
    /// Whether the run is over.
    closed: bool,
    members: BTreeMap<WorkerId, Member>,
}

#[derive(Debug)]
struct Member {
    url: String,
    /// The process.
    instance: u64,
    remote: RemoteWorker,
    seen: Instant,
    joined: bool,
    draining: bool,
}

impl Members {
    /// Knows nobody yet; what happens is sent to `events`.
    pub fn new(
        security: Security,
        lost_after: Duration,
        events: mpsc::UnboundedSender<MemberEvent>,
        metrics: RunMetrics,
    ) -> Arc<Self> {
        let (opening, _) = watch::channel(None);
        let (joined, _) = watch::channel(0);
        let traffic = Arc::default();
        // Not from 1: a worker of a coordinator that was here before must not be taken for one of this.
        let known = Mutex::new(Known { last: RandomState::new().hash_one("worker") >> 16, ..Known::default() });
        let receiving = Receiving::default();
        Arc::new(Self { security, lost_after, events, opening, joined, known, traffic, receiving, metrics })
    }

    /// Gives the count of bytes to and from all workers.
    pub fn traffic(&self) -> &Arc<Traffic> {
        &self.traffic
    }

    /// Gives how often a worker is to say that it lives.
    pub fn heartbeat(&self) -> Duration {
        (self.lost_after / 5).clamp(Duration::from_millis(50), Duration::from_secs(1))
    }

    /// Takes a worker in, and opens the run there as soon as there is one.
    ///
    /// # Errors
    /// When its URL cannot be used: Job. When the run is over, or another process with its URL lives: Dependency.
    pub fn register(self: &Arc<Self>, request: &RegisterRequest) -> Result<WorkerId, Refused> {
        self.security.check_url(&request.url)?;
        let remote = RemoteWorker::new(&request.url, &self.security, self.traffic.clone(), self.receiving.clone())?;
        let worker = {
            let mut known = self.lock();
            if known.closed {
                return Err(Refused::Over);
            }
            let mut namesakes = known.members.values().filter(|member| member.url == request.url);
            if namesakes.any(|member| member.instance != request.instance) {
                tracing::warn!(url = request.url, "refused a worker: another one with its address lives");
                return Err(Refused::AddressTaken);
            }
            known.last += 1;
            let worker = known.last;
            let before: Vec<WorkerId> =
                known.members.iter().filter(|(_, member)| member.url == request.url).map(|(id, _)| *id).collect();
            let member = Member {
                url: request.url.clone(),
                instance: request.instance,
                remote: remote.clone(),
                seen: Instant::now(),
                joined: false,
                draining: false,
            };
            known.members.insert(worker, member);
            drop(known);
            for before in before {
                self.gone(before, "registered again", true);
            }
            worker
        };
        tracing::info!(worker, url = request.url, threads = request.threads, "worker registered");
        // One more than threads, so that no thread waits for a message.
        let slots = request.threads.max(1) as usize + 1;
        tokio::spawn(self.clone().open_at(worker, request.instance, slots, remote));
        Ok(worker)
    }

    async fn open_at(self: Arc<Self>, worker: WorkerId, instance: u64, slots: usize, remote: RemoteWorker) {
        let mut opening = self.opening.subscribe();
        // Fails when the run ended before it began.
        let Ok(request) = opening.wait_for(Option::is_some).await.map(|request| request.clone().unwrap_or_default())
        else {
            return;
        };
        match remote.open(OpenRequest { instance, ..request }).await {
            Ok(()) => {
                if let Some(member) = self.lock().members.get_mut(&worker).filter(|member| !member.draining) {
                    member.joined = true;
                    let name = member.url.clone();
                    // While locked: a worker that is lost meanwhile must not join after it.
                    self.send(MemberEvent::Joined { worker, name, slots, channel: Arc::new(remote) });
                }
                self.count();
            }
            // Another machine may have what this one lacks.
            Err(Lost::Failed(error)) if !matches!(error.fault, Fault::Dependency | Fault::Resources) => {
                self.send(MemberEvent::Impossible(error));
            }
            Err(lost) => self.lose(worker, &Error::from(lost).message),
        }
    }

    /// Notes that a worker lives; false: it is not known.
    pub fn heartbeat_of(&self, worker: WorkerId) -> bool {
        self.lock().members.get_mut(&worker).map(|member| member.seen = Instant::now()).is_some()
    }

    /// Notes that a worker takes no more tasks.
    pub fn drain(&self, worker: WorkerId) {
        if let Some(member) = self.lock().members.get_mut(&worker) {
            member.joined = false;
            member.draining = true;
            tracing::info!(worker, "worker is draining");
            self.send(MemberEvent::Draining { worker });
        }
        self.count();
    }

    /// Notes that a worker left.
    pub fn leave(&self, worker: WorkerId) {
        self.gone(worker, "left", true);
    }

    fn lose(&self, worker: WorkerId, reason: &str) {
        self.gone(worker, reason, false);
    }

    fn gone(&self, worker: WorkerId, reason: &str, orderly: bool) {
        let gone = self.lock().members.remove(&worker);
        if let Some(member) = gone {
            tracing::warn!(worker, url = member.url, reason, "worker lost");
            self.send(MemberEvent::Lost { worker, reason: format!("worker {} {reason}", member.url), orderly });
            self.count();
        }
    }

    /// Loses those that were silent for too long; never ends.
    pub async fn watch(self: Arc<Self>) {
        let mut tick = tokio::time::interval(self.heartbeat());
        loop {
            tick.tick().await;
            let silent: Vec<WorkerId> = {
                let known = self.lock();
                let silent = known.members.iter().filter(|(_, member)| member.seen.elapsed() > self.lost_after);
                silent.map(|(worker, _)| *worker).collect()
            };
            for worker in silent {
                self.lose(worker, &format!("said nothing for {:.1} s", self.lost_after.as_secs_f64()));
            }
        }
    }

    /// Opens the run at all workers, those that come later too.
    pub fn open(&self, request: OpenRequest) {
        self.opening.send_replace(Some(request));
    }

    /// Gives how many workers are known, whether or not the run is open there.
    pub fn known(&self) -> usize {
        self.lock().members.len()
    }

    /// Gives how many workers have the run open, as it changes.
    pub fn joined(&self) -> watch::Receiver<usize> {
        self.joined.subscribe()
    }

    /// Tells all workers that the run is over.
    pub async fn close(&self, request: &CloseRequest) {
        let remotes: Vec<RemoteWorker> = {
            let mut known = self.lock();
            known.closed = true;
            known.members.values().map(|member| member.remote.clone()).collect()
        };
        futures::future::join_all(remotes.iter().map(|remote| remote.close(request.clone()))).await;
    }

    fn count(&self) {
        // Sent while locked: two that count at the same time must not end with the smaller number.
        let known = self.lock();
        let joined = known.members.values().filter(|member| member.joined).count();
        self.metrics.set_workers(joined);
        self.joined.send_replace(joined);
    }

    fn send(&self, event: MemberEvent) {
        // Nobody listens any more when the run ended.
        let _ = self.events.send(event);
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
