//! Connections between the programs: who may listen, connect and call.
//!
//! - A certificate's DNS names say which role its holder has; each side demands the other's role, so a worker's stolen
//!   certificate does not make a coordinator.
//! - The token is a second secret, one a run; it is never sent over a connection that [`Security::check_url`] refuses. On one machine, the
//!   programs of one user share one where none is given.
//! - Nothing secret is in `Debug`, a log or an error.

mod arguments;
mod bearer;
mod channel;
mod failure;
mod guard;
mod listener;
mod own_token;
mod pages;
mod policy;
mod role;
mod security;
#[cfg(test)]
mod tests;
mod tls;
mod token;

pub use arguments::SecurityArguments;
pub use bearer::Bearer;
pub use channel::{Client, STREAM_WINDOW};
pub use failure::call_failed;
pub use guard::Guard;
pub use pages::serve_pages;
pub use role::Role;
pub use security::Security;

/// The longest message in bytes that is encoded or decoded, to be set on every client and service: answers are cut below it.
pub const MESSAGE_LIMIT: usize = 16 << 20;

/// The longest answer in bytes, in all its messages: a sample of a hundred thousand customers with long ids and many columns fits.
pub const ANSWER_LIMIT: usize = 128 << 20;
