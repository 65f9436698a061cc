//! A machine whose time is whole seconds.

use crate::cluster::scheduler::{Action, AttemptKey, Event, Limits, Scheduler, WorkerId};
use std::time::Duration;

pub(super) const LIMITS: Limits = Limits {
    failures: 3,
    killers: 2,
    grace: Duration::from_secs(60),
    straggler_factor: 3,
    straggler_least: Duration::from_secs(10),
    straggler_alone: Duration::from_secs(100),
    deadline_factor: 10,
    deadline_least: Duration::from_secs(2000),
};

pub(super) fn key(round: u32, task: u32, attempt: u32) -> AttemptKey {
    AttemptKey { round, task, attempt }
}

pub(super) fn start(round: u32, task: u32, attempt: u32, worker: WorkerId) -> Action {
    Action::Start { attempt: key(round, task, attempt), worker }
}

pub(super) fn take(round: u32, task: u32, attempt: u32) -> Action {
    Action::Take { attempt: key(round, task, attempt) }
}

pub(super) fn give_up(round: u32, task: u32, attempt: u32) -> Action {
    Action::GiveUp { attempt: key(round, task, attempt) }
}

#[derive(Debug)]
pub(super) struct Fixture {
    pub(super) machine: Scheduler,
    pub(super) second: u64,
}

impl Fixture {
    /// Workers 1, 2, … with these slots.
    pub(super) fn new(slots: &[usize]) -> Self {
        let mut fixture = Self { machine: Scheduler::new(LIMITS, Duration::ZERO), second: 0 };
        for (worker, slots) in (1..).zip(slots) {
            assert_eq!(fixture.joined(worker, *slots), []);
        }
        fixture
    }

    pub(super) fn at(&mut self, second: u64) -> &mut Self {
        self.second = second;
        self
    }

    pub(super) fn begin(&mut self, tasks: &[&[u32]]) -> Vec<Action> {
        let tasks = tasks.iter().map(|shards| shards.to_vec()).collect();
        self.machine.begin(Duration::from_secs(self.second), tasks).1
    }

    pub(super) fn on(&mut self, event: Event) -> Vec<Action> {
        self.machine.on(Duration::from_secs(self.second), event)
    }

    pub(super) fn joined(&mut self, worker: WorkerId, slots: usize) -> Vec<Action> {
        self.on(Event::Joined { worker, slots })
    }

    pub(super) fn draining(&mut self, worker: WorkerId) -> Vec<Action> {
        self.on(Event::Draining { worker })
    }

    pub(super) fn lost(&mut self, worker: WorkerId) -> Vec<Action> {
        self.on(Event::Lost { worker })
    }

    /// The answer of a round's task, always the same.
    pub(super) fn answered(&mut self, round: u32, task: u32, attempt: u32) -> Vec<Action> {
        self.on(Event::Answered { attempt: key(round, task, attempt), digest: 7 })
    }

    pub(super) fn answered_otherwise(&mut self, round: u32, task: u32, attempt: u32) -> Vec<Action> {
        self.on(Event::Answered { attempt: key(round, task, attempt), digest: 8 })
    }

    pub(super) fn failed(&mut self, round: u32, task: u32, attempt: u32) -> Vec<Action> {
        self.on(Event::Failed { attempt: key(round, task, attempt), retry: true })
    }

    pub(super) fn unreachable(&mut self, round: u32, task: u32, attempt: u32) -> Vec<Action> {
        self.on(Event::Unreachable { attempt: key(round, task, attempt) })
    }

    pub(super) fn tick(&mut self) -> Vec<Action> {
        self.on(Event::Tick)
    }
}
