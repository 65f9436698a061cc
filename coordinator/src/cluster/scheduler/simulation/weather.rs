//! What goes wrong, and how often.

use crate::cluster::scheduler::Limits;
use std::time::Duration;

/// Odds are "once in so many"; 0 is never.
#[derive(Debug, Clone)]
pub(super) struct Weather {
    pub(super) limits: Limits,
    pub(super) rounds: u32,
    /// Workers at the start, at least and at most.
    pub(super) workers: (u64, u64),
    pub(super) most_slots: u64,
    /// The first worker comes to no harm.
    pub(super) anchor: bool,
    /// Odds a second and run.
    pub(super) deaths: u64,
    pub(super) freezes: u64,
    pub(super) drains: u64,
    pub(super) joins: u64,
    /// Odds an attempt.
    pub(super) failures: u64,
    pub(super) breaks: u64,
    pub(super) slow: u64,
    /// That it never ends, though its worker lives.
    pub(super) hangs: u64,
    /// Odds a message.
    pub(super) repeats: u64,
    /// How late membership is heard of, in milliseconds at most.
    pub(super) latency: u64,
    /// Odds a worker that its calls never reach it.
    pub(super) deaf: u64,
    pub(super) planted: Planted,
}

/// What task 0 of the second round does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Planted {
    Nothing,
    /// Its first attempt answers very late, and wrongly.
    Lie,
    /// It kills the worker.
    Poison,
    /// It fails, but may succeed elsewhere.
    Failure,
    /// It never ends, wherever it is tried.
    Hang,
}

const LIMITS: Limits = Limits {
    failures: 40,
    killers: 1000,
    grace: Duration::from_secs(60),
    straggler_factor: 3,
    straggler_least: Duration::from_secs(5),
    straggler_alone: Duration::from_secs(120),
    deadline_factor: 10,
    deadline_least: Duration::from_secs(1000),
};

impl Weather {
    pub(super) fn calm() -> Self {
        Self {
            limits: LIMITS,
            rounds: 6,
            workers: (2, 7),
            most_slots: 4,
            anchor: true,
            deaths: 0,
            freezes: 0,
            drains: 0,
            joins: 0,
            failures: 0,
            breaks: 0,
            slow: 0,
            hangs: 0,
            repeats: 0,
            latency: 0,
            deaf: 0,
            planted: Planted::Nothing,
        }
    }

    pub(super) fn storm() -> Self {
        Self {
            deaths: 10,
            freezes: 10,
            drains: 15,
            joins: 4,
            failures: 20,
            breaks: 25,
            slow: 20,
            repeats: 8,
            latency: 3000,
            ..Self::calm()
        }
    }

    /// One worker, which often fails.
    pub(super) fn lonely() -> Self {
        Self { workers: (1, 1), failures: 4, breaks: 6, slow: 20, repeats: 8, ..Self::calm() }
    }

    pub(super) fn deaf() -> Self {
        Self { deaf: 2, joins: 20, deaths: 40, repeats: 8, latency: 1000, rounds: 10, ..Self::calm() }
    }

    pub(super) fn plague() -> Self {
        Self { anchor: false, deaths: 4, freezes: 4, rounds: u32::MAX, repeats: 8, latency: 1000, ..Self::calm() }
    }

    pub(super) fn liar() -> Self {
        Self { planted: Planted::Lie, repeats: 8, ..Self::calm() }
    }

    pub(super) fn poison() -> Self {
        let limits = Limits { killers: 3, ..LIMITS };
        Self { limits, planted: Planted::Poison, joins: 2, most_slots: 1, repeats: 8, latency: 3000, ..Self::calm() }
    }

    pub(super) fn stubborn() -> Self {
        let limits = Limits { failures: 4, ..LIMITS };
        Self { limits, planted: Planted::Failure, repeats: 8, joins: 10, slow: 20, ..Self::calm() }
    }

    /// A third of all attempts hang, now and then all of a round.
    pub(super) fn hanging() -> Self {
        let (straggler_alone, deadline_least) = (Duration::from_secs(10), Duration::from_secs(30));
        let limits = Limits { straggler_alone, deadline_least, ..LIMITS };
        Self { limits, hangs: 3, joins: 10, deaths: 40, repeats: 8, latency: 1000, ..Self::calm() }
    }

    /// One worker, at which every other attempt hangs.
    pub(super) fn stuck() -> Self {
        Self { workers: (1, 1), hangs: 2, joins: 0, deaths: 0, ..Self::hanging() }
    }

    pub(super) fn endless() -> Self {
        let limits = Limits { failures: 4, deadline_least: Duration::from_secs(300), ..LIMITS };
        Self { limits, planted: Planted::Hang, repeats: 8, joins: 10, ..Self::calm() }
    }
}
