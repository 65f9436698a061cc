//! `status.json` in the work folder of a run.

use super::snapshot::{Status, status};
use crate::{course::Course, progress::Live, protocol::stage};
use chrono::Utc;
use segmenter_proto::{Error, Result, object_keys::RunKeys};
use segmenter_worker::storage::Folder;
use std::time::{Duration, Instant};
use tokio::{runtime::Handle, task::JoinHandle, time::interval};

/// How often it is written while nothing ends: a store counts requests, and people wait so long without wondering.
const EVERY: Duration = Duration::from_secs(10);
/// How often it is looked whether a stage has ended.
const LOOK: Duration = Duration::from_secs(1);

/// Gives the key of a run's status below the output.
pub fn status_key(keys: &RunKeys) -> String {
    keys.work("status.json")
}

/// Writes how far a run is, until it is told to stop.
#[derive(Debug)]
pub struct StatusFile {
    writing: JoinHandle<()>,
    output: Folder,
    key: String,
}

impl StatusFile {
    /// Writes it now, when a stage is done, and every ten seconds, until what is measured is done: the commit deletes the folder.
    pub fn begin(runtime: &Handle, output: &Folder, keys: &RunKeys, course: Course, live: Live) -> Self {
        let (output, key) = (output.clone().unsynced(), status_key(keys));
        let (folder, object) = (output.clone(), key.clone());
        let writing = runtime.spawn(async move {
            let mut looks = interval(LOOK);
            let (mut written, mut stages) = (None::<Instant>, 0);
            loop {
                looks.tick().await;
                let known = course.known();
                if known.stages.iter().any(|done| done.timing.stage == stage::MEASURE) {
                    return;
                }
                let is_due = written.is_none_or(|written| written.elapsed() >= EVERY);
                if !is_due && known.stages.len() == stages {
                    continue;
                }
                (written, stages) = (Some(Instant::now()), known.stages.len());
                let Some(status) = status(&known, &live, Utc::now()) else { continue };
                let Ok(bytes) = serde_json::to_vec_pretty(&status) else { return };
                // A run does not fail because nobody can read how far it is.
                if let Err(error) = folder.put(&object, bytes).await {
                    tracing::debug!(%error, "the status could not be written");
                }
            }
        });
        Self { writing, output, key }
    }

    /// Stops writing it; `is_over`: nobody will go on with the run, and what is left of it goes.
    pub async fn end(mut self, is_over: bool) {
        self.writing.abort();
        // A write that has begun must not come after the deletion.
        let _ = (&mut self.writing).await;
        if is_over {
            let _ = self.output.delete(&self.key).await;
        }
    }
}

impl Drop for StatusFile {
    fn drop(&mut self) {
        self.writing.abort();
    }
}

/// Reads how far a run is; none where nothing was written of it.
///
/// # Errors
/// The store fails, or what is written there is of another version: Dependency.
pub async fn read_status(output: &Folder, keys: &RunKeys) -> Result<Option<Status>> {
    let key = status_key(keys);
    let Some(bytes) = output.get(&key).await? else { return Ok(None) };
    serde_json::from_slice(&bytes).map(Some).map_err(|error| {
        Error::dependency(format!("{} cannot be read", output.uri_of(&key)))
            .with_hint("it is of another version of segmenter; look at the run with the one that runs it")
            .caused_by(error)
    })
}
