//! The flag that a signal raises and that stages look at.

use segmenter_proto::{Error, Result};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// Says whether the process was told to stop; clones share one flag.
#[derive(Debug, Clone, Default)]
pub struct Cancellation {
    stopped: Arc<AtomicBool>,
}

impl Cancellation {
    /// Makes a flag that is not raised.
    pub fn new() -> Self {
        Self::default()
    }

    /// Raises the flag, for good.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// Says whether the flag is raised.
    pub fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    /// Gives the bare flag, for code that knows nothing of runs.
    pub fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.stopped)
    }

    /// Fails once the flag is raised; called between pieces of work of at most a few seconds.
    ///
    /// # Errors
    /// The process was told to stop (exit 4).
    pub fn check(&self) -> Result<()> {
        if self.is_stopped() {
            return Err(Error::dependency("stopped before the run was done")
                .with_hint("run the same command again; it goes on from the last stage that was done"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use segmenter_proto::Fault;

    #[test]
    fn a_clone_sees_the_stop_and_a_retry_helps() {
        let cancellation = Cancellation::new();
        let seen_by_a_stage = cancellation.clone();
        assert!(seen_by_a_stage.check().is_ok());
        cancellation.stop();
        assert_eq!(seen_by_a_stage.check().unwrap_err().fault, Fault::Dependency);
    }
}
