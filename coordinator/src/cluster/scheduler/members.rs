//! The workers: who takes tasks, and who has room.

use super::{event::Limits, event::WorkerId};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// A worker that was not lost.
#[derive(Debug)]
pub(super) struct Worker {
    pub(super) slots: usize,
    /// Open attempts, of whatever round.
    pub(super) open: usize,
    takes_tasks: bool,
    broken: Option<Broken>,
}

/// Calls that broke, with no reply since the first of them.
#[derive(Debug)]
struct Broken {
    first: Duration,
    last: Duration,
    /// Breaks of calls that were begun after the break before: one broken connection counts once, whatever it carried.
    times: u32,
}

impl Worker {
    /// Gives the slots in which a task may start.
    pub(super) fn free(&self) -> usize {
        if self.takes_tasks { self.slots.saturating_sub(self.open) } else { 0 }
    }
}

/// All workers of a run.
#[derive(Debug)]
pub(super) struct Members {
    workers: BTreeMap<WorkerId, Worker>,
    lost: BTreeSet<WorkerId>,
    nobody_since: Option<Duration>,
    changed: bool,
}

impl Members {
    /// Begins without workers.
    pub(super) fn new(now: Duration) -> Self {
        Self { workers: BTreeMap::new(), lost: BTreeSet::new(), nobody_since: Some(now), changed: false }
    }

    /// Lets a worker in, once.
    pub(super) fn join(&mut self, id: WorkerId, slots: usize) {
        if slots == 0 || self.lost.contains(&id) || self.workers.contains_key(&id) {
            return;
        }
        self.workers.insert(id, Worker { slots, open: 0, takes_tasks: true, broken: None });
        self.changed = true;
        self.nobody_since = None;
    }

    /// Gives a worker no more tasks; false where it got none anyway.
    pub(super) fn withdraw(&mut self, id: WorkerId, now: Duration) -> bool {
        let Some(worker) = self.workers.get_mut(&id).filter(|worker| worker.takes_tasks) else { return false };
        worker.takes_tasks = false;
        self.changed = true;
        if self.count() == 0 {
            self.nobody_since = Some(now);
        }
        true
    }

    /// Forgets a worker, and refuses its number from now on.
    pub(super) fn lose(&mut self, id: WorkerId, now: Duration) {
        self.withdraw(id, now);
        self.workers.remove(&id);
        self.lost.insert(id);
    }

    /// Gives the workers that take tasks, by number.
    pub(super) fn taking(&self) -> impl Iterator<Item = (WorkerId, &Worker)> {
        self.workers.iter().filter(|(_, worker)| worker.takes_tasks).map(|(id, worker)| (*id, worker))
    }

    /// Whether this worker takes tasks.
    pub(super) fn takes_tasks(&self, id: WorkerId) -> bool {
        self.workers.get(&id).is_some_and(|worker| worker.takes_tasks)
    }

    /// Gives how many workers take tasks.
    pub(super) fn count(&self) -> usize {
        self.taking().count()
    }

    /// Gives all free slots.
    pub(super) fn free(&self) -> usize {
        self.workers.values().fold(0, |sum, worker| sum.saturating_add(worker.free()))
    }

    /// Whether this worker has a free slot.
    pub(super) fn has_room(&self, id: WorkerId) -> bool {
        self.workers.get(&id).is_some_and(|worker| worker.free() > 0)
    }

    /// Gives the allowed worker with the largest share of its slots free; the lowest number on ties.
    pub(super) fn freest(&self, allowed: impl Fn(WorkerId) -> bool) -> Option<WorkerId> {
        let mut best: Option<(WorkerId, &Worker)> = None;
        for (id, worker) in self.taking().filter(|(id, worker)| worker.free() > 0 && allowed(*id)) {
            // free / slots > best free / best slots, without a division
            let freer = best.is_none_or(|(_, best)| {
                worker.free() as u128 * best.slots as u128 > best.free() as u128 * worker.slots as u128
            });
            if freer {
                best = Some((id, worker));
            }
        }
        best.map(|(id, _)| id)
    }

    /// Uses a slot.
    pub(super) fn occupy(&mut self, id: WorkerId) {
        if let Some(worker) = self.workers.get_mut(&id) {
            worker.open += 1;
        }
    }

    /// Frees a slot.
    pub(super) fn vacate(&mut self, id: WorkerId) {
        if let Some(worker) = self.workers.get_mut(&id) {
            worker.open = worker.open.saturating_sub(1);
        }
    }

    /// A worker replied: it can be reached.
    pub(super) fn replied(&mut self, id: WorkerId) {
        if let Some(worker) = self.workers.get_mut(&id) {
            worker.broken = None;
        }
    }

    /// A call begun at `started` broke; true where calls went on breaking for the grace: though it says that it lives,
    /// it cannot be reached.
    pub(super) fn broke(&mut self, id: WorkerId, started: Duration, now: Duration, limits: &Limits) -> bool {
        let Some(worker) = self.workers.get_mut(&id) else { return false };
        let broken = worker.broken.get_or_insert(Broken { first: now, last: started, times: 0 });
        if started >= broken.last {
            broken.times = broken.times.saturating_add(1);
            broken.last = now;
        }
        broken.times > limits.failures && now.saturating_sub(broken.first) >= limits.grace
    }

    /// Gives since when no worker takes tasks.
    pub(super) fn nobody_since(&self) -> Option<Duration> {
        self.nobody_since
    }

    /// Tells, once, that those who take tasks are not those of the last time.
    pub(super) fn take_changed(&mut self) -> bool {
        std::mem::take(&mut self.changed)
    }
}
