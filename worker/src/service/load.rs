//! How many tasks run, and whether more are taken.

use segmenter_proto::{Error, Result};
use tokio::sync::watch;

/// Counts tasks from their acceptance until the last piece of their answer was taken; clones share the count.
#[derive(Debug, Clone)]
pub(super) struct Load {
    state: watch::Sender<State>,
}

#[derive(Debug, Default)]
struct State {
    running: usize,
    leaving: bool,
}

/// A task that runs; over when dropped.
#[derive(Debug)]
pub(super) struct Running {
    state: watch::Sender<State>,
}

impl Load {
    pub(super) fn new() -> Self {
        Self { state: watch::Sender::new(State::default()) }
    }

    /// Takes a task.
    ///
    /// # Errors
    /// When the worker is leaving: Dependency, so that the task is tried elsewhere.
    pub(super) fn begin(&self) -> Result<Running> {
        let taken = self.state.send_if_modified(|state| {
            state.running += usize::from(!state.leaving);
            !state.leaving
        });
        if taken { Ok(Running { state: self.state.clone() }) } else { Err(leaving()) }
    }

    /// Refuses work of a worker that is leaving.
    ///
    /// # Errors
    /// See [`Self::begin`].
    pub(super) fn check(&self) -> Result<()> {
        if self.state.borrow().leaving { Err(leaving()) } else { Ok(()) }
    }

    /// Takes no more tasks from now on.
    pub(super) fn leave(&self) {
        self.state.send_modify(|state| state.leaving = true);
    }

    /// Waits until no task runs.
    pub(super) async fn idle(&self) {
        // The sender is held here, so the channel cannot be closed.
        let _ = self.state.subscribe().wait_for(|state| state.running == 0).await;
    }

    pub(super) fn running(&self) -> usize {
        self.state.borrow().running
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.state.send_modify(|state| state.running -= 1);
    }
}

fn leaving() -> Error {
    Error::dependency("the worker is leaving and takes no more work")
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    #[test]
    fn is_idle_when_the_last_task_is_over() {
        let load = Load::new();
        let (one, two) = (load.begin().unwrap(), load.begin().unwrap());
        drop(one);
        assert!(load.idle().now_or_never().is_none());
        drop(two);
        assert!(load.idle().now_or_never().is_some());
    }

    #[test]
    fn takes_nothing_while_leaving_and_finishes_what_it_has() {
        let load = Load::new();
        let running = load.begin().unwrap();
        load.leave();
        assert_eq!(load.begin().unwrap_err().fault, segmenter_proto::Fault::Dependency);
        assert!(load.check().is_err());
        assert_eq!(load.running(), 1);
        drop(running);
        assert_eq!(load.running(), 0);
    }
}
