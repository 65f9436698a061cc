//! What a round took: attempts, and who was busy for how long.

use super::event::WorkerId;
use std::{collections::BTreeMap, time::Duration};

/// Figures of a round.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tally {
    /// Tasks of the round.
    pub tasks: usize,
    /// Attempts started, first ones included.
    pub attempts: usize,
    /// Attempts after one that failed, broke, or was lost with its worker.
    pub retries: usize,
    /// Speculative attempts, beside one that was open.
    pub copies: usize,
    /// Workers that got at least one attempt.
    pub workers: usize,
    /// How long the busiest of these workers had an open attempt of the round, divided by their mean; 1 where none was
    /// busy.
    pub skew: f64,
}

/// Counts the attempts of one round.
#[derive(Debug, Default)]
pub(super) struct Usage {
    attempts: usize,
    retries: usize,
    copies: usize,
    busy: BTreeMap<WorkerId, Busy>,
    closed: bool,
}

/// The time in which a worker had at least one attempt open: its slots do not matter, so it fits many small tasks and a
/// single large one.
#[derive(Debug, Default)]
struct Busy {
    open: usize,
    since: Duration,
    total: Duration,
}

impl Busy {
    fn until(&self, now: Duration) -> Duration {
        if self.open == 0 { self.total } else { self.total + now.saturating_sub(self.since) }
    }
}

impl Usage {
    /// An attempt was started: the task's first, or a copy beside an open one, or a retry.
    pub(super) fn started(&mut self, worker: WorkerId, now: Duration, first: bool, copy: bool) {
        self.attempts += 1;
        self.copies += usize::from(copy);
        self.retries += usize::from(!copy && !first);
        let busy = self.busy.entry(worker).or_default();
        if busy.open == 0 {
            busy.since = now;
        }
        busy.open += 1;
    }

    /// An attempt no longer runs.
    pub(super) fn ended(&mut self, worker: WorkerId, now: Duration) {
        if self.closed {
            return;
        }
        if let Some(busy) = self.busy.get_mut(&worker).filter(|busy| busy.open > 0) {
            if busy.open == 1 {
                busy.total = busy.until(now);
            }
            busy.open -= 1;
        }
    }

    /// The round is done: what still runs is no longer its work.
    pub(super) fn close(&mut self, now: Duration) {
        for busy in self.busy.values_mut() {
            busy.total = busy.until(now);
            busy.open = 0;
        }
        self.closed = true;
    }

    /// Gives the figures up to `now`.
    pub(super) fn tally(&self, tasks: usize, now: Duration) -> Tally {
        let busy: Vec<f64> = self.busy.values().map(|busy| busy.until(now).as_secs_f64()).collect();
        let total: f64 = busy.iter().sum();
        let most = busy.iter().copied().fold(0.0, f64::max);
        let skew = if total > 0.0 { most * busy.len() as f64 / total } else { 1.0 };
        let Self { attempts, retries, copies, .. } = *self;
        Tally { tasks, attempts, retries, copies, workers: busy.len(), skew }
    }
}
