//! Belonging to a coordinator: found, told that the worker lives, lost and found again.
//!
//! ```text
//!                  not found, no answer, or the run was closed (--stay)
//!              ┌──────────────────────────────────────────────────────┐
//!              ▼                                                      │
//!   start ─► seeking ──────────────── registered ──────────────► member ⟲ heartbeat
//!              │ --wait is over: exit 4
//!              │ refused: exit 2
//! ```

use super::{
    backoff::Backoff,
    coordinator::Coordinator,
    phase::Phase,
    refusal::{reason, refusal},
};
use crate::program::format_duration;
use segmenter_proto::{
    Error, Result,
    v1::{RegisterAnswer, RegisterRequest},
};
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tonic::Code;

/// What the coordinator may ask for between two heartbeats.
const HEARTBEATS: [Duration; 2] = [Duration::from_millis(50), Duration::from_secs(60)];
/// A coordinator that closed its run needs a moment to be gone before the next one is looked for.
const AFTER_CLOSE: Duration = Duration::from_millis(500);

/// Keeps the worker known to its coordinator.
#[derive(Debug)]
pub(super) struct Membership {
    coordinator: Coordinator,
    offer: RegisterRequest,
    /// How long to look for a coordinator, but between two runs of a worker that stays.
    wait: Duration,
    phase: watch::Receiver<Phase>,
    /// The number of the registration that holds.
    member: watch::Sender<Option<u64>>,
}

/// Heartbeats may fail for so long before the worker looks for a coordinator anew.
const FORGIVING: Duration = Duration::from_secs(3);

/// Why a registration no longer holds.
enum Lost {
    /// The coordinator does not know the worker, or cannot be reached.
    Coordinator(tonic::Status),
    /// The run was closed.
    Closed,
}

impl Membership {
    pub(super) fn new(
        coordinator: Coordinator,
        offer: RegisterRequest,
        wait: Duration,
        phase: watch::Receiver<Phase>,
    ) -> Self {
        Self { coordinator, offer, wait, phase, member: watch::Sender::new(None) }
    }

    /// Registers, sends heartbeats, and starts again whenever the registration is lost; ends only with the error that
    /// ends the worker.
    pub(super) async fn keep(&self) -> Error {
        loop {
            let closed = self.phase.borrow().closed;
            let answer = match self.seek().await {
                Ok(answer) => answer,
                Err(error) => return error,
            };
            tracing::info!(coordinator = self.coordinator.url(), worker = answer.worker, "registered");
            self.member.send_replace(Some(answer.worker));
            let lost = self.stay_known(&answer, closed).await;
            self.member.send_replace(None);
            match lost {
                Lost::Closed => tokio::time::sleep(AFTER_CLOSE).await,
                Lost::Coordinator(status) if status.code() == Code::NotFound => {
                    tracing::info!(coordinator = self.coordinator.url(), "not known to the coordinator any more");
                }
                Lost::Coordinator(status) => {
                    let reason = reason(&status);
                    tracing::warn!(coordinator = self.coordinator.url(), reason, "lost the coordinator");
                }
            }
        }
    }

    /// Goes on with the heartbeats of the registration that holds, whatever is answered; never ends.
    pub(super) async fn linger(&self, every: Duration) {
        loop {
            if let Some(worker) = self.member() {
                let _ = self.coordinator.heartbeat(worker).await;
            }
            tokio::time::sleep(every).await;
        }
    }

    /// Tells the coordinator that the worker takes no more tasks, or, not draining any more, that it is gone.
    pub(super) async fn leave(&self, worker: Option<u64>, draining: bool) {
        if let Some(worker) = worker {
            self.coordinator.leave(worker, draining).await;
        }
    }

    /// Gives the number of the registration that holds, if one does.
    pub(super) fn member(&self) -> Option<u64> {
        *self.member.borrow()
    }

    /// Registers, again and again.
    async fn seek(&self) -> Result<RegisterAnswer> {
        let begun = Instant::now();
        let mut backoff = Backoff::new();
        let mut told = String::new();
        loop {
            let left = self.patience().map(|patience| patience.saturating_sub(begun.elapsed()));
            let limit = left.unwrap_or(Duration::MAX).max(Duration::from_millis(100));
            let status = match self.coordinator.register(self.offer.clone(), limit).await {
                Ok(answer) => return Ok(answer),
                Err(status) => status,
            };
            if let Some(error) = refusal(self.coordinator.url(), &status) {
                return Err(error);
            }
            let reason = reason(&status);
            let left = self.patience().map(|patience| patience.saturating_sub(begun.elapsed()));
            if left.is_some_and(|left| left.is_zero()) {
                return Err(self.gave_up(&status, &reason));
            }
            if reason != told {
                tracing::info!(coordinator = self.coordinator.url(), reason, "waiting for the coordinator");
                told = reason;
            }
            tokio::time::sleep(backoff.pause().min(left.unwrap_or(Duration::MAX))).await;
        }
    }

    /// How long to look for a coordinator; none: as long as it takes.
    fn patience(&self) -> Option<Duration> {
        (!self.phase.borrow().between_runs()).then_some(self.wait)
    }

    fn gave_up(&self, status: &tonic::Status, reason: &str) -> Error {
        if status.code() == Code::AlreadyExists {
            let message = format!("the coordinator at {} takes this worker not in: {reason}", self.coordinator.url());
            return Error::dependency(message)
                .with_hint("give each worker an address of its own with --listen and --advertise");
        }
        Error::dependency(format!(
            "no coordinator at {} within {}: {reason}",
            self.coordinator.url(),
            format_duration(self.wait)
        ))
        .with_hint("check --coordinator and that `segmenter run JOB --listen ADDR` runs there; --wait waits longer")
    }

    /// Sends heartbeats until one is not answered or the run is closed; `closed` counts the runs closed before.
    async fn stay_known(&self, answer: &RegisterAnswer, closed: u64) -> Lost {
        let every = heartbeat_interval(answer);
        let mut failing_since: Option<Instant> = None;
        loop {
            tokio::select! {
                () = self.closed_since(closed) => return Lost::Closed,
                () = tokio::time::sleep(every) => {}
            }
            match self.coordinator.heartbeat(answer.worker).await {
                Ok(()) => failing_since = None,
                Err(status) if status.code() == Code::NotFound => return Lost::Coordinator(status),
                // A connection that broke is made again: to register anew at once would give away the tasks that run.
                Err(status) => {
                    let since = *failing_since.get_or_insert_with(Instant::now);
                    if since.elapsed() >= FORGIVING {
                        return Lost::Coordinator(status);
                    }
                }
            }
        }
    }

    /// Waits for more than `closed` orders to close.
    async fn closed_since(&self, closed: u64) {
        if self.phase.clone().wait_for(|phase| phase.closed > closed).await.is_err() {
            // Without a service nothing is closed any more.
            std::future::pending::<()>().await;
        }
    }
}

/// Gives the pause between heartbeats that the coordinator asks for, within reason.
pub(super) fn heartbeat_interval(answer: &RegisterAnswer) -> Duration {
    let [shortest, longest] = HEARTBEATS;
    Duration::from_millis(answer.heartbeat_milliseconds.into()).clamp(shortest, longest)
}
