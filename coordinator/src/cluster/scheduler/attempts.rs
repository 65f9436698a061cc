//! The attempts whose end is not known, and the digests that their answers are compared with.

use super::event::{AttemptKey, WorkerId};
use std::{collections::BTreeMap, time::Duration};

/// An attempt that was started and whose end was not reported.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attempt {
    pub(super) worker: WorkerId,
    pub(super) started: Duration,
    /// Not where its shards are: they follow only if its answer is taken.
    pub(super) away: bool,
    /// Its worker was lost; a late answer is still welcome.
    pub(super) presumed_dead: bool,
}

/// All attempts whose end was not reported, of every round.
#[derive(Debug, Default)]
pub(super) struct Attempts {
    known: BTreeMap<AttemptKey, Attempt>,
    /// By round and task, while an attempt at the task is known.
    digests: BTreeMap<(u32, u32), u64>,
}

impl Attempts {
    /// Remembers an attempt.
    pub(super) fn add(&mut self, key: AttemptKey, attempt: Attempt) {
        self.known.insert(key, attempt);
    }

    /// Forgets an attempt, for its end was reported.
    pub(super) fn end(&mut self, key: AttemptKey) -> Option<Attempt> {
        self.known.remove(&key)
    }

    /// Gives the attempts that occupy a slot, by key.
    pub(super) fn open(&self) -> impl Iterator<Item = (AttemptKey, &Attempt)> {
        self.known.iter().filter(|(_, attempt)| !attempt.presumed_dead).map(|(key, attempt)| (*key, attempt))
    }

    /// Counts the open attempts at a task.
    pub(super) fn open_at(&self, round: u32, task: u32) -> usize {
        self.known.range(keys_of(round, task)).filter(|(_, attempt)| !attempt.presumed_dead).count()
    }

    /// Presumes the attempts at a lost worker dead and gives their keys.
    pub(super) fn lose(&mut self, worker: WorkerId) -> Vec<AttemptKey> {
        let theirs = self.known.iter_mut().filter(|(_, attempt)| attempt.worker == worker && !attempt.presumed_dead);
        theirs
            .map(|(key, attempt)| {
                attempt.presumed_dead = true;
                *key
            })
            .collect()
    }

    /// Gives the digest of the answer that was taken, where it is still remembered.
    pub(super) fn digest(&self, round: u32, task: u32) -> Option<u64> {
        self.digests.get(&(round, task)).copied()
    }

    /// Remembers the digest of the answer that was taken, for as long as others may come.
    pub(super) fn keep_digest(&mut self, round: u32, task: u32, digest: u64) {
        self.digests.insert((round, task), digest);
        self.tidy(round, task);
    }

    /// Forgets the digest of a task that no further answer may come for.
    pub(super) fn tidy(&mut self, round: u32, task: u32) {
        if self.known.range(keys_of(round, task)).next().is_none() {
            self.digests.remove(&(round, task));
        }
    }

    /// Gives how many attempts and digests are remembered.
    #[cfg(test)]
    pub(super) fn remembered(&self) -> (usize, usize) {
        (self.known.len(), self.digests.len())
    }
}

fn keys_of(round: u32, task: u32) -> std::ops::RangeInclusive<AttemptKey> {
    AttemptKey { round, task, attempt: 0 }..=AttemptKey { round, task, attempt: u32::MAX }
}
