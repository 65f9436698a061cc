//! Signals that end a process without a word, unless they are caught.

use tokio::{
    runtime::Handle,
    signal::unix::{SignalKind, signal},
};

/// SIGXFSZ, on Linux and macOS alike; tokio has no name for it.
const FILE_SIZE_LIMIT: i32 = 25;

/// Makes a write beyond the limit of a file's size (`ulimit -f`) fail with an error, which names the file, in place of ending the
/// process. A write to a pipe that nobody reads (SIGPIPE) fails already: Rust's programs ignore that signal.
pub fn survive_file_limits(runtime: &Handle) {
    let _entered = runtime.enter();
    // The handler stays for as long as the process lives, whether anybody listens or not.
    if signal(SignalKind::from_raw(FILE_SIZE_LIMIT)).is_err() {
        tracing::warn!("SIGXFSZ cannot be caught; a file beyond the limit of its size will end the process");
    }
}
