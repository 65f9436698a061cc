//! The current round: its tasks, and how long they took.

use super::event::{AttemptKey, Limits, WorkerId};
use std::{collections::BTreeSet, time::Duration};

/// A task of the current round.
#[derive(Debug, Default)]
pub(super) struct Task {
    /// Where it wants to be; empty: anywhere.
    pub(super) shards: Vec<u32>,
    pub(super) done: bool,
    pub(super) attempts: u32,
    pub(super) failures: u32,
    /// Workers at which an attempt failed or its call broke: others are tried first.
    pub(super) avoided: BTreeSet<WorkerId>,
    /// Workers that were lost, or whose call broke, while they worked on it.
    pub(super) killers: BTreeSet<WorkerId>,
    /// Waits for the next tick before an avoided worker gets it again.
    pub(super) rests: bool,
}

/// The tasks of the current round.
#[derive(Debug, Default)]
pub(super) struct Round {
    pub(super) number: u32,
    tasks: Vec<Task>,
    waiting: BTreeSet<u32>,
    undone: usize,
    /// Of the answers that were taken, rising.
    durations: Vec<Duration>,
}

impl Round {
    /// Gives the first state of the round after `number`.
    pub(super) fn after(number: u32, tasks: Vec<Vec<u32>>) -> Self {
        let undone = tasks.len();
        Self {
            number: number.saturating_add(1),
            waiting: (0..undone as u32).collect(),
            tasks: tasks.into_iter().map(|shards| Task { shards, ..Task::default() }).collect(),
            undone,
            durations: Vec::with_capacity(undone),
        }
    }

    /// Gives the number of tasks.
    pub(super) fn len(&self) -> usize {
        self.tasks.len()
    }

    /// Whether every task is done.
    pub(super) fn is_done(&self) -> bool {
        self.undone == 0
    }

    /// Gives a task by its number.
    pub(super) fn task(&self, task: u32) -> &Task {
        &self.tasks[task as usize]
    }

    /// Gives the workers that went away over a task.
    pub(super) fn killers(&self, task: u32) -> Vec<WorkerId> {
        self.tasks.get(task as usize).map(|task| task.killers.iter().copied().collect()).unwrap_or_default()
    }

    /// Gives an attempt's task, unless it is done or of an earlier round.
    pub(super) fn undone(&mut self, key: AttemptKey) -> Option<&mut Task> {
        let task = self.tasks.get_mut(key.task as usize)?;
        (key.round == self.number && !task.done).then_some(task)
    }

    /// Whether an attempt's task is done; those of earlier rounds are.
    pub(super) fn is_over(&self, key: AttemptKey) -> bool {
        key.round != self.number || self.task(key.task).done
    }

    /// Gives the tasks that wait for a worker, by number.
    pub(super) fn waiting(&self) -> impl Iterator<Item = u32> {
        self.waiting.iter().copied()
    }

    /// Gives the key of a task's next attempt; the task no longer waits.
    pub(super) fn next_attempt(&mut self, task: u32) -> AttemptKey {
        self.waiting.remove(&task);
        let attempts = &mut self.tasks[task as usize].attempts;
        *attempts += 1;
        AttemptKey { round: self.number, task, attempt: *attempts }
    }

    /// Lets a task wait for a worker again.
    pub(super) fn requeue(&mut self, task: u32) {
        self.waiting.insert(task);
    }

    /// Marks a task done, answered after `duration`.
    pub(super) fn take(&mut self, task: u32, duration: Duration) {
        self.tasks[task as usize].done = true;
        self.waiting.remove(&task);
        self.undone -= 1;
        let position = self.durations.partition_point(|earlier| *earlier <= duration);
        self.durations.insert(position, duration);
    }

    /// Ends the rest of all tasks.
    pub(super) fn wake(&mut self) {
        for task in &self.waiting {
            self.tasks[*task as usize].rests = false;
        }
    }

    /// Gives how long an attempt runs before it is a straggler: by the median, once half of the tasks (rounded down, at least one)
    /// are done: with one task a worker, two workers are enough to tell that one of them is late. Before that, by the slowest, and
    /// with more patience: a lone task, and all tasks of a round that hang, are late some day too.
    pub(super) fn patience(&self, limits: &Limits) -> Duration {
        let of = |duration: Duration, least| duration.saturating_mul(limits.straggler_factor).max(least);
        match self.durations.len() < (self.tasks.len() / 2).max(1) {
            true => of(self.slowest(), limits.straggler_alone),
            false => of(self.durations[(self.durations.len() - 1) / 2], limits.straggler_least),
        }
    }

    /// Gives how long an attempt runs before it is given up.
    pub(super) fn deadline(&self, limits: &Limits) -> Duration {
        self.slowest().saturating_mul(limits.deadline_factor).max(limits.deadline_least)
    }

    fn slowest(&self) -> Duration {
        self.durations.last().copied().unwrap_or_default()
    }
}
