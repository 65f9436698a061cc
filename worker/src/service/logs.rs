//! Logs of a process that nobody watches: what it does with its life, unless `SEGMENTER_LOG` says otherwise.

use crate::program::colour;
use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;

/// Sends logs to stderr: lines for a person on a terminal, else a JSON line an event.
pub(super) fn install() {
    let filter = EnvFilter::try_from_env("SEGMENTER_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second subscriber in one process (tests) is no reason to fail.
    let _ = if std::io::stderr().is_terminal() { logs.with_ansi(colour()).try_init() } else { logs.json().try_init() };
}
