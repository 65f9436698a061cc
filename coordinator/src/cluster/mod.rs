//! A run on many workers: who takes which task, and what becomes of it when they come and go.

mod scheduler;

pub use scheduler::{Action, AttemptKey, Event, Limits, Scheduler, Stop, Tally, WorkerId};
