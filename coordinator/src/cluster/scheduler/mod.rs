//! Who performs which attempt at which task: a pure state machine, without I/O, clock or chance.
//!
//! ```text
//!              begin                  a slot is free where its shards are
//!  (task) ───────────► waiting ────────────────────────────────────────► open ── Answered ──► done (Take)
//!                         ▲        or elsewhere, if those there straggle  │ ▲                    │
//!                         │                                               │ └─ a straggler: one  │ further answers are
//!                         │   Failed{retry}, Unreachable, Lost:           │    copy elsewhere    │ compared: Differs
//!                         └───────────────────────────────────────────────┘                      ▼
//!                             unless another attempt is open                                 next round
//!                         ▲
//!                         └── an attempt past its deadline is given up, though its worker lives: as Failed
//!
//!  (attempt) ─ Start ─► open ── Answered, Failed, Unreachable, GiveUp ──────────────────► forgotten
//!                         └─── Lost ──► presumed dead ── the same, however late ─────────────▲
//!
//!  (worker)  ─ Joined ─► takes tasks ── Draining, or unreachable for long ──► finishes ── Lost ──► gone, for good
//!                              └─────────────────────────────── Lost ────────────────────────────────▲
//! ```
//!
//! - A task is taken once: by the first answer to any of its attempts. Every other answer is compared with it while its
//!   attempt is known.
//! - Slots: no worker has more open attempts than slots. Nothing starts at a worker that drains or is lost.
//! - A shard stays with the worker that first started a task with it, while that worker takes tasks; it moves where a
//!   failed or broken attempt is tried again, where a copy was first, and in [`Scheduler::groups`] after workers came
//!   or went.
//! - A task that failed or broke everywhere rests until the next [`Event::Tick`], so that nothing spins.
//! - What is remembered: the current round, the placement, open attempts, attempts of lost workers whose end was not
//!   reported yet (with the digests of their tasks), and the numbers of lost workers. It does not grow with the rounds.
//! - Every call is total: events may be late, repeated, reordered, or about attempts and workers that were never heard
//!   of.

mod attempts;
mod choice;
mod event;
mod machine;
mod members;
mod placement;
mod round;
mod usage;

#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;

pub use event::{Action, AttemptKey, Event, Limits, Stop, WorkerId};
pub use machine::Scheduler;
