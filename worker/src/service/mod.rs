//! The worker as a process of its own: registers at a coordinator, serves runs over gRPC, and leaves in order.

mod answers;
mod arguments;
mod backoff;
mod coordinator;
mod engines;
mod entry;
mod life;
mod load;
mod membership;
mod options;
mod phase;
mod refusal;
mod serving;
mod sessions;
mod signals;
mod worker_service;

#[cfg(test)]
mod tests;
pub use entry::main;
