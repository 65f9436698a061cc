//! The place where a run notes how far it is.

use super::known::{Begun, Known, KnownInput, KnownJob, TimedStage};
use crate::protocol::{ListedIds, StageTiming};
use chrono::Utc;
use segmenter_proto::{RowFates, jobs::Job};
use segmenter_worker::results::QualityRow;
use std::{
    fmt,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

type Heard = Box<dyn Fn(&Known) + Send + Sync>;

/// Notes how far a run is. Clones share what they know.
#[derive(Clone)]
pub struct Course(Arc<Shared>);

struct Shared {
    known: Mutex<Known>,
    on_begun: OnceLock<Heard>,
}

impl fmt::Debug for Course {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Course").field(&self.known()).finish()
    }
}

impl Default for Course {
    fn default() -> Self {
        Self(Arc::new(Shared { known: Mutex::new(Known::new()), on_begun: OnceLock::new() }))
    }
}

impl Course {
    /// Has somebody called when a run is taken on; one caller a course.
    pub fn when_begun(&self, heard: impl Fn(&Known) + Send + Sync + 'static) {
        // Of two, the first is kept; there is one.
        let _ = self.0.on_begun.set(Box::new(heard));
    }

    /// Gives what is known so far.
    pub fn known(&self) -> Known {
        self.noted(|known| known.clone())
    }

    /// Notes the job.
    pub fn job(&self, job: &Job) {
        self.noted(|known| known.job = Some(KnownJob::of(job)));
    }

    /// Notes the inputs.
    pub fn inputs(&self, inputs: Vec<KnownInput>) {
        self.noted(|known| known.inputs = inputs);
    }

    /// Notes which run it is.
    pub fn identified(&self, run: &str, folder: &str) {
        self.noted(|known| (known.run, known.folder) = (Some(run.to_owned()), Some(folder.to_owned())));
    }

    /// Notes that this program took the run on.
    pub fn begun(&self, begun: Begun) {
        let known = self.noted(|known| {
            known.begun = Some(begun);
            known.clone()
        });
        if let Some(heard) = self.0.on_begun.get() {
            heard(&known);
        }
    }

    /// Notes a stage that is done.
    pub fn stage(&self, timing: &StageTiming) {
        let stage = TimedStage { until: Utc::now(), timing: timing.clone() };
        self.noted(|known| known.stages.push(stage));
    }

    /// Notes what became of the rows, and what was checked of them.
    pub fn rows(&self, rows: &[(String, RowFates)], exclude_list: Option<ListedIds>, quality: &[QualityRow]) {
        self.noted(|known| {
            (known.rows, known.exclude_list, known.quality) = (rows.to_vec(), exclude_list, quality.to_vec());
        });
    }

    /// Notes what a run that failed had warned of.
    pub fn warnings(&self, warnings: Vec<String>) {
        self.noted(|known| known.warnings = warnings);
    }

    fn noted<T>(&self, note: impl FnOnce(&mut Known) -> T) -> T {
        note(&mut self.0.known.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use segmenter_worker::storage::Storage;
    use std::sync::atomic::{AtomicU64, Ordering};

    #[test]
    fn who_wants_to_hear_of_the_beginning_hears_what_is_known_by_then() {
        let (course, heard) = (Course::default(), Arc::new(AtomicU64::new(0)));
        let hears = Arc::clone(&heard);
        course.when_begun(move |known| {
            let generation = known.begun.as_ref().map_or(0, |begun| begun.generation);
            hears.store(generation + known.run.as_ref().map_or(0, |run| run.len() as u64), Ordering::Relaxed);
        });
        course.identified("run", "/lake/club/runs/run");
        let folder = Storage::from_environment().open("/lake").unwrap();
        course.clone().begun(Begun { generation: 40, output: folder });
        assert_eq!(heard.load(Ordering::Relaxed), 43);
        course.stage(&StageTiming::default());
        assert_eq!(course.known().stages.len(), 1);
    }
}
