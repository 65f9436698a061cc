//! SIGTERM and SIGINT: the stages leave at the next piece of work; what does not leave in time is ended. Either way the run's log is whole.

use super::context::Context;
use crate::progress::Reporter;
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// For a command whose work is whole at any moment only where it says so: less than the 25 s that are promised.
pub(super) const PATIENCE: Duration = Duration::from_secs(22);

/// Raises the context's flag when the process is told to stop; a second signal, or the end of `patience`, ends it with exit code 4.
pub(super) fn listen(context: &Context, patience: Duration) {
    let _runtime = context.runtime.enter();
    let (Ok(terminate), Ok(interrupt)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) else {
        // Without handlers a signal ends the process, which a run survives.
        tracing::warn!("signals cannot be caught; the process will end at once when it is told to stop");
        return;
    };
    let Context { cancellation, progress, ending, .. } = context.clone();
    context.runtime.spawn(async move {
        let mut signals = Signals { terminate, interrupt };
        let name = signals.next().await;
        cancellation.stop();
        say_stopping(&progress, name);
        tokio::select! {
            _ = signals.next() => {}
            () = tokio::time::sleep(patience) => {}
        }
        std::process::exit(i32::from(ending.cut_short()));
    });
}

struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }
}

fn say_stopping(progress: &Reporter, signal: &str) {
    let text = format!("stopping ({signal}); run the same command again to resume");
    progress.tell("stopping", &text, [("signal", signal.into())]);
}
