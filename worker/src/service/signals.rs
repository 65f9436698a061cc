//! SIGTERM and SIGINT: the first asks the worker to leave in order, the second ends it at once.

use segmenter_proto::{Error, Fault, Result};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// The two signals that end a process.
#[derive(Debug)]
pub(super) struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Catches the signals from now on; within a runtime.
    ///
    /// # Errors
    /// When the system does not let them be caught: Resources.
    pub(super) fn catch() -> Result<Self> {
        let catch = |kind| signal(kind).map_err(|cause| Error::resources("signals cannot be caught").caused_by(cause));
        Ok(Self { terminate: catch(SignalKind::terminate())?, interrupt: catch(SignalKind::interrupt())? })
    }

    /// Waits for the first signal and gives its name; a second one ends the process with exit code 4.
    pub(super) async fn stop(mut self) -> &'static str {
        let name = self.next().await;
        tokio::spawn(async move {
            self.next().await;
            std::process::exit(i32::from(Fault::Dependency.exit_code()));
        });
        name
    }

    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }
}
