//! Which task starts where.

use super::{
    attempts::Attempt,
    event::{Action, AttemptKey, WorkerId},
    machine::Scheduler,
};
use std::{collections::BTreeSet, time::Duration};

/// What a start does to the task's shards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shards {
    /// Those without a worker stay where the task starts.
    Settle,
    /// All of them move to where the task starts.
    Shift,
    /// They stay where they are, unless this attempt's answer is taken.
    Stay,
}

impl Scheduler {
    /// Starts whatever can be: first every waiting task that has its place, then, where slots remain, stragglers and
    /// what waits behind them.
    pub(super) fn start_tasks(&mut self, now: Duration, actions: &mut Vec<Action>) {
        let mut free = self.members.free();
        if free == 0 || self.is_done() {
            return;
        }
        for task in self.round.waiting().collect::<Vec<_>>() {
            if free == 0 {
                return;
            }
            if let Some((worker, shards)) = self.place_for(task) {
                actions.push(self.start(task, worker, shards, now));
                free -= 1;
            }
        }
        if free > 0 {
            self.copy_stragglers(now, actions);
            self.start_behind_stragglers(now, actions);
        }
    }

    /// Finds a waiting task its worker: the one that holds its shards, else the freest. One that failed it or broke its
    /// call comes last.
    fn place_for(&self, number: u32) -> Option<(WorkerId, Shards)> {
        let task = self.round.task(number);
        let home = self.placement.home(&task.shards);
        if let Some(home) = home.filter(|home| !task.avoided.contains(home)) {
            return self.members.has_room(home).then_some((home, Shards::Settle));
        }
        let shards = if home.is_some() { Shards::Shift } else { Shards::Settle };
        let others = |worker: &WorkerId| !task.avoided.contains(worker);
        let worker = if self.members.taking().any(|(worker, _)| others(&worker)) {
            self.members.freest(|worker| others(&worker)) // if they have no room, it waits for them
        } else if task.rests {
            None
        } else {
            self.members.freest(|_| true)
        };
        worker.map(|worker| (worker, shards))
    }

    fn copy_stragglers(&mut self, now: Duration, actions: &mut Vec<Action>) {
        let mut stragglers: Vec<(Duration, AttemptKey, WorkerId)> = self
            .attempts
            .open()
            .filter(|(key, attempt)| !self.round.is_over(*key) && self.straggles(*key, attempt, now))
            .filter(|(key, _)| self.attempts.open_at(key.round, key.task) == 1)
            .map(|(key, attempt)| (attempt.started, key, attempt.worker))
            .collect();
        stragglers.sort_unstable();
        for (_, key, straggler) in stragglers {
            self.start_away(key.task, straggler, now, actions);
        }
    }

    /// Starts elsewhere the tasks that wait for a worker none of whose slots can be expected to become free.
    fn start_behind_stragglers(&mut self, now: Duration, actions: &mut Vec<Action>) {
        let moving = self.attempts.open().filter(|(key, attempt)| !self.straggles(*key, attempt, now));
        let moving: BTreeSet<WorkerId> = moving.map(|(_, attempt)| attempt.worker).collect();
        for task in self.round.waiting().collect::<Vec<_>>() {
            let home = self.placement.home(&self.round.task(task).shards);
            if let Some(home) = home.filter(|home| !self.members.has_room(*home) && !moving.contains(home)) {
                self.start_away(task, home, now, actions);
            }
        }
    }

    fn straggles(&self, key: AttemptKey, attempt: &Attempt, now: Duration) -> bool {
        let ran = now.saturating_sub(attempt.started);
        let outrun = self.round.is_over(key) && ran > self.limits.straggler_least;
        outrun || ran > self.round.patience(&self.limits)
    }

    fn start_away(&mut self, task: u32, from: WorkerId, now: Duration, actions: &mut Vec<Action>) {
        let avoided = &self.round.task(task).avoided;
        if let Some(worker) = self.members.freest(|worker| worker != from && !avoided.contains(&worker)) {
            actions.push(self.start(task, worker, Shards::Stay, now));
        }
    }

    fn start(&mut self, task: u32, worker: WorkerId, shards: Shards, now: Duration) -> Action {
        let key = self.round.next_attempt(task);
        let wanted = &self.round.task(task).shards;
        match shards {
            Shards::Settle => self.placement.settle(wanted, worker),
            Shards::Shift => self.placement.shift(wanted, worker),
            Shards::Stay => {}
        }
        let copy = self.attempts.open_at(key.round, task) > 0;
        self.usage.started(worker, now, key.attempt == 1, copy);
        self.members.occupy(worker);
        let attempt = Attempt { worker, started: now, away: shards == Shards::Stay, presumed_dead: false };
        self.attempts.add(key, attempt);
        Action::Start { attempt: key, worker }
    }
}
