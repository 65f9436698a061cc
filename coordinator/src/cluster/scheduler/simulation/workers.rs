//! The workers as they are, which is not what the machine knows of them.

use crate::cluster::scheduler::{AttemptKey, WorkerId};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Alive,
    Frozen,
    Dead,
}

#[derive(Debug)]
pub(super) struct Worker {
    /// Times as long as others.
    pub(super) slowness: u64,
    pub(super) state: State,
    /// Its silence was noticed: when it wakes, it registers anew.
    pub(super) given_up: bool,
    pub(super) leaves: bool,
    pub(super) deaf: bool,
    pub(super) anchor: bool,
    /// Calls that wait for a reply.
    pub(super) calls: BTreeSet<AttemptKey>,
}

#[derive(Debug, Default)]
pub(super) struct Workers {
    pub(super) all: BTreeMap<WorkerId, Worker>,
}

impl Workers {
    /// Gives those that harm may come to.
    pub(super) fn mortal(&self) -> Vec<WorkerId> {
        let mortal =
            self.all.iter().filter(|(_, worker)| worker.state == State::Alive && !worker.anchor && !worker.leaves);
        mortal.map(|(id, _)| *id).collect()
    }

    /// The caller waits no longer.
    pub(super) fn hang_up(&mut self, attempt: &AttemptKey) {
        for worker in self.all.values_mut() {
            worker.calls.remove(attempt);
        }
    }

    pub(super) fn alive(&self) -> usize {
        self.all.values().filter(|worker| worker.state == State::Alive).count()
    }
}
