//! The machine: what each event changes.

use super::{
    attempts::{Attempt, Attempts},
    event::{Action, AttemptKey, Event, Limits, Stop, WorkerId},
    members::Members,
    placement::Placement,
    round::Round,
    usage::{Tally, Usage},
};
use std::time::Duration;

/// Decides who performs which attempt, and which answers are taken. All times count from one start, the run's; one that
/// lies before an earlier call's counts as that one.
#[derive(Debug)]
pub struct Scheduler {
    pub(super) limits: Limits,
    pub(super) members: Members,
    pub(super) placement: Placement,
    pub(super) attempts: Attempts,
    pub(super) round: Round,
    pub(super) usage: Usage,
    clock: Duration,
    stopped: bool,
}

impl Scheduler {
    /// Begins without workers and without a round; the grace counts from here.
    pub fn new(limits: Limits, now: Duration) -> Self {
        Self {
            limits,
            members: Members::new(now),
            placement: Placement::default(),
            attempts: Attempts::default(),
            round: Round::default(),
            usage: Usage::default(),
            clock: now,
            stopped: false,
        }
    }

    /// Puts the shards 0 to `shards` − 1 into groups, one a worker that takes tasks: by where they are placed, unplaced
    /// ones shared out by slots, and, after workers came or went since the last call, rebalanced by slots, moving as
    /// few shards as possible. From here on the shards are placed so. Sorted; no empty group; with no workers one group
    /// of all, placed nowhere.
    pub fn groups(&mut self, shards: u32) -> Vec<Vec<u32>> {
        let workers: Vec<(WorkerId, usize)> =
            self.members.taking().map(|(worker, state)| (worker, state.slots)).collect();
        let mut groups = if workers.is_empty() {
            vec![(0..shards).collect()]
        } else {
            let rebalance = self.members.take_changed();
            self.placement.share(shards, &workers, rebalance)
        };
        groups.retain(|group: &Vec<u32>| !group.is_empty());
        groups.sort_unstable();
        groups
    }

    /// Begins the next round and gives its number, from 1. For each task the shards that say where it wants to be;
    /// none: anywhere. The round before must be done: tasks of it that are not are dropped, and so are their answers.
    pub fn begin(&mut self, now: Duration, tasks: Vec<Vec<u32>>) -> (u32, Vec<Action>) {
        let now = self.advance(now);
        self.round = Round::after(self.round.number, tasks);
        self.usage = Usage::default();
        let mut actions = Vec::new();
        if !self.stopped {
            self.start_tasks(now, &mut actions);
        }
        (self.round.number, actions)
    }

    /// Takes note of an event and gives what is to be done, in order. Any event is welcome at any time.
    pub fn on(&mut self, now: Duration, event: Event) -> Vec<Action> {
        self.on_all(now, [event])
    }

    /// Takes note of events that came together before anything is started: what was lost with one worker must not go to
    /// another that is known to be lost too.
    pub fn on_all(&mut self, now: Duration, events: impl IntoIterator<Item = Event>) -> Vec<Action> {
        let now = self.advance(now);
        let mut actions = Vec::new();
        if self.stopped {
            return actions;
        }
        let applied = events.into_iter().try_for_each(|event| self.apply(now, event, &mut actions));
        match applied.and_then(|()| self.judge_grace(now)) {
            Ok(()) => self.start_tasks(now, &mut actions),
            Err(stop) => {
                self.stopped = true;
                actions.push(Action::Fail(stop));
            }
        }
        actions
    }

    /// Gives the workers that were lost, or whose calls broke, while they worked on a task of the current round.
    pub fn killers(&self, task: u32) -> Vec<WorkerId> {
        self.round.killers(task)
    }

    /// Whether every task of the current round is done; also before the first round.
    pub fn is_done(&self) -> bool {
        self.round.is_done()
    }

    /// Gives how many workers take tasks.
    #[cfg(test)]
    pub fn workers(&self) -> usize {
        self.members.count()
    }

    /// Gives the figures of the current round, up to its end or the last call.
    pub fn tally(&self) -> Tally {
        self.usage.tally(self.round.len(), self.clock)
    }

    /// Gives how many attempts and digests are remembered.
    #[cfg(test)]
    pub(super) fn remembered(&self) -> (usize, usize) {
        self.attempts.remembered()
    }

    /// Gives where a shard is.
    #[cfg(test)]
    pub(super) fn holder(&self, shard: u32) -> Option<WorkerId> {
        self.placement.home(&[shard])
    }

    fn advance(&mut self, now: Duration) -> Duration {
        self.clock = self.clock.max(now);
        self.clock
    }

    fn apply(&mut self, now: Duration, event: Event, actions: &mut Vec<Action>) -> Result<(), Stop> {
        match event {
            Event::Joined { worker, slots } => self.members.join(worker, slots),
            Event::Draining { worker } => self.withdraw(worker, now),
            Event::Lost { worker } => self.lost(worker, true, now)?,
            Event::Left { worker } => self.lost(worker, false, now)?,
            Event::Answered { attempt, digest } => self.answered(attempt, digest, now, actions)?,
            Event::Failed { attempt, retry } => self.failed(attempt, retry, now)?,
            Event::Missed { attempt } => self.missed(attempt, now),
            Event::Unreachable { attempt } => self.unreachable(attempt, true, now)?,
            Event::Undelivered { attempt } => self.unreachable(attempt, false, now)?,
            Event::Tick => {
                self.round.wake();
                self.give_up_hanging(now, actions)?;
            }
        }
        Ok(())
    }

    fn withdraw(&mut self, worker: WorkerId, now: Duration) {
        if self.members.withdraw(worker, now) {
            self.placement.release(worker);
        }
    }

    fn lost(&mut self, worker: WorkerId, blamed: bool, now: Duration) -> Result<(), Stop> {
        self.members.lose(worker, now);
        self.placement.release(worker);
        for key in self.attempts.lose(worker) {
            self.no_longer_runs(key, worker, now);
            self.ended_in_silence(key, worker, blamed)?;
        }
        Ok(())
    }

    fn answered(&mut self, key: AttemptKey, digest: u64, now: Duration, actions: &mut Vec<Action>) -> Result<(), Stop> {
        let Some(attempt) = self.end(key, now) else { return Ok(()) };
        self.members.replied(attempt.worker);
        let AttemptKey { round, task, .. } = key;
        if let Some(taken) = self.attempts.digest(round, task) {
            self.attempts.tidy(round, task);
            return if taken == digest { Ok(()) } else { Err(Stop::Differs { task, round }) };
        }
        if self.round.undone(key).is_none() {
            return Ok(());
        }
        self.round.take(task, now.saturating_sub(attempt.started));
        self.attempts.keep_digest(round, task, digest);
        if attempt.away && self.members.takes_tasks(attempt.worker) {
            self.placement.shift(&self.round.task(task).shards, attempt.worker);
        }
        if self.round.is_done() {
            self.usage.close(now);
        }
        actions.push(Action::Take { attempt: key });
        Ok(())
    }

    /// The round cannot be finished as it is, so that the task is not given to another.
    fn missed(&mut self, key: AttemptKey, now: Duration) {
        let Some(attempt) = self.end(key, now) else { return };
        self.members.replied(attempt.worker);
        self.attempts.tidy(key.round, key.task);
    }

    fn failed(&mut self, key: AttemptKey, retry: bool, now: Duration) -> Result<(), Stop> {
        let Some(attempt) = self.end(key, now) else { return Ok(()) };
        self.members.replied(attempt.worker);
        self.attempts.tidy(key.round, key.task);
        let Some(task) = self.round.undone(key) else { return Ok(()) };
        task.failures += 1;
        if !retry || task.failures >= self.limits.failures {
            return Err(Stop::Failed { attempt: key });
        }
        task.avoided.insert(attempt.worker);
        task.rests = true;
        self.requeue_if_idle(key);
        Ok(())
    }

    fn unreachable(&mut self, key: AttemptKey, delivered: bool, now: Duration) -> Result<(), Stop> {
        let Some(attempt) = self.end(key, now) else { return Ok(()) };
        self.attempts.tidy(key.round, key.task);
        if attempt.presumed_dead {
            return Ok(()); // all was done when its worker was lost
        }
        // One that drains goes away by itself.
        let blamed = delivered && self.members.takes_tasks(attempt.worker);
        if self.members.broke(attempt.worker, attempt.started, now, &self.limits) {
            self.withdraw(attempt.worker, now);
        }
        if let Some(task) = self.round.undone(key) {
            task.avoided.insert(attempt.worker);
            task.rests = true;
        }
        self.ended_in_silence(key, attempt.worker, blamed)
    }

    /// Ends attempts that ran far longer than others: their workers say that they live, and nobody waits for these any more.
    fn give_up_hanging(&mut self, now: Duration, actions: &mut Vec<Action>) -> Result<(), Stop> {
        let deadline = self.round.deadline(&self.limits);
        let ran = |attempt: &Attempt| now.saturating_sub(attempt.started);
        let hanging: Vec<AttemptKey> =
            self.attempts.open().filter(|(_, attempt)| ran(attempt) > deadline).map(|(key, _)| key).collect();
        for key in hanging {
            let Some(attempt) = self.end(key, now) else { continue };
            self.attempts.tidy(key.round, key.task);
            actions.push(Action::GiveUp { attempt: key });
            let Some(task) = self.round.undone(key) else { continue };
            task.failures += 1;
            if task.failures >= self.limits.failures {
                return Err(Stop::Hangs { task: key.task, ran: ran(&attempt) });
            }
            task.avoided.insert(attempt.worker);
            task.rests = true;
            self.requeue_if_idle(key);
        }
        Ok(())
    }

    /// Forgets an attempt whose end was reported; its slot is free.
    fn end(&mut self, key: AttemptKey, now: Duration) -> Option<Attempt> {
        let attempt = self.attempts.end(key)?;
        if !attempt.presumed_dead {
            self.members.vacate(attempt.worker);
            self.no_longer_runs(key, attempt.worker, now);
        }
        Some(attempt)
    }

    fn no_longer_runs(&mut self, key: AttemptKey, worker: WorkerId, now: Duration) {
        if key.round == self.round.number {
            self.usage.ended(worker, now);
        }
    }

    /// An attempt ended and nobody knows how: perhaps, where it is blamed, its task ended the worker.
    fn ended_in_silence(&mut self, key: AttemptKey, worker: WorkerId, blamed: bool) -> Result<(), Stop> {
        let Some(task) = self.round.undone(key) else { return Ok(()) };
        if blamed {
            task.killers.insert(worker);
        }
        let workers = task.killers.len() as u32;
        if workers >= self.limits.killers {
            return Err(Stop::KillsWorkers { task: key.task, workers });
        }
        self.requeue_if_idle(key);
        Ok(())
    }

    fn requeue_if_idle(&mut self, key: AttemptKey) {
        if self.attempts.open_at(key.round, key.task) == 0 {
            self.round.requeue(key.task);
        }
    }

    fn judge_grace(&self, now: Duration) -> Result<(), Stop> {
        let Some(since) = self.members.nobody_since() else { return Ok(()) };
        let waited = now.saturating_sub(since);
        if !self.is_done() && waited >= self.limits.grace {
            return Err(Stop::NoWorker { waited });
        }
        Ok(())
    }
}
