//! OpenTelemetry: a run as a trace (a span a stage) and as metrics, sent once at its end where `OTEL_*` says so.
//!
//! The messages are written here (`messages.rs`) and not taken from the official crates: those would bring six crates and, for HTTP, a
//! second HTTP client, and what a run has to tell is known as a whole when it ends, which needs no batches, timers or threads.

mod messages;
mod run;
mod send;
mod settings;
mod trace_parent;

pub use run::Outcome;
pub use send::{TELEMETRY_LIMIT, send};
pub use settings::TelemetrySettings;
