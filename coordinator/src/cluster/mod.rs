//! The workers of a run: who they are, what each does, and what becomes of their answers.
//!
//! ```text
//!  StageRounds (run) ─► Dispatcher ─► Scheduler      decides, without I/O
//!                             │  ▲
//!               WorkerChannel │  │ MemberEvent
//!            in-process ◄─────┴──┴───► RemoteWorker, Members ◄─ Server ◄─ segmenter-worker
//! ```

mod departures;
mod digest;
mod dispatch;
mod members;
mod options;
mod remote;
mod scheduler;
mod server;
mod traffic;
mod workers;

pub use dispatch::Dispatcher;
pub use options::ClusterOptions;
#[cfg(test)]
pub use remote::RECEIVING;
pub use traffic::Traffic;
pub use workers::{Cluster, Workers};
