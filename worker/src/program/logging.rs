//! Logs, on stderr.

use tracing_subscriber::{EnvFilter, fmt::MakeWriter};

/// The environment variable that says what is logged, such as `info` or `segmenter_worker=debug`.
const VARIABLE: &str = "SEGMENTER_LOG";

/// Sends logs to `writer`, which is stderr in the end: lines for a person, else a JSON line an event; `level` and above, unless `SEGMENTER_LOG`
/// says otherwise.
pub fn install<W>(for_a_person: bool, colour: bool, level: &str, writer: W)
where
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    let filter = EnvFilter::try_from_env(VARIABLE).unwrap_or_else(|_| EnvFilter::new(level));
    // Where nobody reads stderr any more there is nobody to tell.
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer).log_internal_errors(false);
    // A second subscriber in one process (tests) is no reason to fail.
    let _ = if for_a_person { logs.with_ansi(colour).try_init() } else { logs.json().try_init() };
}
