//! What the machine is told, and what it says.

use std::time::Duration;

/// One registration of a worker; a worker that comes back has another one.
pub type WorkerId = u64;

/// Names an attempt at a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AttemptKey {
    /// From 1, counting up over the run.
    pub round: u32,
    /// The task's position in its round, from 0.
    pub task: u32,
    /// From 1.
    pub attempt: u32,
}

/// When to give up, and when to try elsewhere too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Failed attempts at one task that end the run.
    pub failures: u32,
    /// Distinct workers lost while they worked on one task that end the run.
    pub killers: u32,
    /// How long a round waits with no worker that takes tasks.
    pub grace: Duration,
    /// How many times as long as the median of its round's answered tasks an attempt runs before it is a straggler.
    pub straggler_factor: u32,
    /// How long an attempt runs at least before it is a straggler.
    pub straggler_least: Duration,
    /// The same while less than half of its round's tasks are answered, so that there is no pace to compare with.
    pub straggler_alone: Duration,
    /// How many times as long as the slowest of its round's answered tasks an attempt runs before it is given up.
    pub deadline_factor: u32,
    /// How long an attempt runs at least before it is given up.
    pub deadline_least: Duration,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A worker offers itself. Ignored for a known one, for one that was lost, and without slots.
    Joined {
        /// Its registration.
        worker: WorkerId,
        /// How many attempts it may have open at once.
        slots: usize,
    },
    /// A worker takes no more tasks and finishes those it has; its shards move.
    Draining {
        /// Its registration.
        worker: WorkerId,
    },
    /// A worker is dead, silent, or gone after draining. It never comes back under this number.
    Lost {
        /// Its registration.
        worker: WorkerId,
    },
    /// A worker is gone for a reason that no task gave it: it left, or registered again. Nobody is blamed for that.
    Left {
        /// Its registration.
        worker: WorkerId,
    },
    /// An attempt was answered.
    Answered {
        /// Which one.
        attempt: AttemptKey,
        /// Equal for equal answers.
        digest: u64,
    },
    /// A worker answered an attempt with an error.
    Failed {
        /// Which one.
        attempt: AttemptKey,
        /// It may succeed elsewhere or later.
        retry: bool,
    },
    /// A worker found a work file gone or damaged that an attempt needs. The round is over, and another begins when it is made again.
    Missed {
        /// Which one.
        attempt: AttemptKey,
    },
    /// The call broke: nobody knows what became of the attempt; its slot is free again.
    Unreachable {
        /// Which one.
        attempt: AttemptKey,
    },
    /// The call broke before the worker took the task, which is not to blame for that; its slot is free again.
    Undelivered {
        /// Which one.
        attempt: AttemptKey,
    },
    /// Time passed. Stragglers, deadlines, rests and the grace are judged at least here.
    Tick,
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Sends a task to a worker.
    Start {
        /// The new attempt.
        attempt: AttemptKey,
        /// Where.
        worker: WorkerId,
    },
    /// Uses the answer that was just reported: the first of its task. Any other answer is dropped.
    Take {
        /// The answered attempt.
        attempt: AttemptKey,
    },
    /// Ends a call: the attempt hangs, though its worker lives. Its end need not be reported.
    GiveUp {
        /// Which one.
        attempt: AttemptKey,
    },
    /// Ends the run; no other action follows, ever.
    Fail(Stop),
}

/// Why a run ends early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// No worker took tasks for [`Limits::grace`].
    NoWorker {
        /// For how long there was none.
        waited: Duration,
    },
    /// So many distinct workers were lost while they worked on it.
    KillsWorkers {
        /// The task of the current round.
        task: u32,
        /// How many.
        workers: u32,
    },
    /// This attempt's error is final, or the last of [`Limits::failures`].
    Failed {
        /// Which one.
        attempt: AttemptKey,
    },
    /// The last of [`Limits::failures`] attempts was given up, since it hung.
    Hangs {
        /// The task of the current round.
        task: u32,
        /// For how long.
        ran: Duration,
    },
    /// Two answers to one task are not equal: a bug.
    Differs {
        /// The task.
        task: u32,
        /// Its round, perhaps an earlier one.
        round: u32,
    },
}
