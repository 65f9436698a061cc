//! What can be asked of a run while it goes on: the stage that is under way, and what was warned of.

use super::stage::{Counts, Progress};
use std::{
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

/// Warnings that are remembered; a run that warns of more says so on stderr.
const MOST_WARNINGS: usize = 100;

/// What a run says of itself. Clones hear of the same.
#[derive(Debug, Clone, Default)]
pub struct Live(Arc<Mutex<Said>>);

#[derive(Debug, Default)]
struct Said {
    stage: Weak<Counts>,
    warnings: Vec<String>,
}

impl Live {
    /// Gives the stage that is under way and how long it has been; none between two.
    pub fn stage(&self) -> Option<(Progress, Duration)> {
        let counts = self.said(|said| said.stage.upgrade())?;
        Some((counts.progress(), counts.elapsed()))
    }

    /// Gives what was warned of, the first first.
    pub fn warnings(&self) -> Vec<String> {
        self.said(|said| said.warnings.clone())
    }

    pub(super) fn begins(&self, counts: &Arc<Counts>) {
        self.said(|said| said.stage = Arc::downgrade(counts));
    }

    pub(super) fn warned(&self, message: &str) {
        self.said(|said| {
            if said.warnings.len() < MOST_WARNINGS {
                said.warnings.push(message.to_owned());
            }
        });
    }

    fn said<T>(&self, with: impl FnOnce(&mut Said) -> T) -> T {
        with(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Reporter;
    use crate::tally::StageTally;

    #[test]
    fn who_asks_hears_of_the_stage_that_is_under_way() {
        let reporter = Reporter::silent();
        let live = reporter.live().clone();
        assert!(live.stage().is_none() && live.warnings().is_empty());
        let stage = reporter.stage("features", 8);
        stage.add(3, 500, 70);
        let (progress, _) = live.stage().unwrap();
        assert_eq!((progress.stage.as_str(), progress.done, progress.total, progress.rows), ("features", 3, 8, 500));
        stage.finish(&StageTally::default());
        assert!(live.stage().is_none(), "it is over");
        (0..200).for_each(|number| reporter.warn(&format!("warning {number}")));
        assert_eq!((live.warnings().len(), live.warnings()[0].as_str()), (100, "warning 0"));
    }
}
