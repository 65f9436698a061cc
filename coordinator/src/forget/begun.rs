//! What is to go: found first, written down before anything is changed, and worked off.

use segmenter_proto::{Error, Result, object_keys::forgetting_of};
use segmenter_worker::storage::Folder;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

const FORMAT_VERSION: u32 = 1;

/// What is to go of a job.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begun {
    /// 1.
    pub format_version: u32,
    /// Name of the job.
    pub job: String,
    /// The ids that were asked for, with those that are linked to them in any run.
    pub ids: BTreeSet<String>,
    /// Runs, scores and evaluations of which files are written anew.
    pub runs: Vec<OfRun>,
    /// Lists for other tools that are written anew.
    pub lists: Vec<OfList>,
    /// Lists of which removals are handed over: of each export the newest.
    pub removals: Vec<OfList>,
    /// The folder of these removals, below each of the exports.
    pub removals_into: String,
    /// Whether they are written.
    pub removals_written: bool,
    /// What is deleted as a whole, since nobody goes on with it and nobody can say whose it is.
    pub leaving: Vec<Leaving>,
    /// Files of the cache.
    pub cached_files: u64,
}

/// What is to go of a run, a score or an evaluation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfRun {
    /// The name below which it stands: the job's, or `<job>/scores/<run>` and the like.
    pub name: String,
    /// Its id.
    pub run: String,
    /// SHA-256 of its `commit.json`.
    pub was: String,
    /// The ids that go from it: those of persons as it links them.
    pub ids: BTreeSet<String>,
    /// Those of them of which it has something.
    pub found: u64,
    /// The files that change.
    pub files: Vec<OfFile>,
}

/// What is to go of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfFile {
    /// Path within the run's folder.
    pub path: String,
    /// Rows that go.
    pub rows: u64,
    /// Rows that stay without their text, since nobody can say whose they are.
    pub texts: u64,
}

/// A list for another tool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfList {
    /// Name of the export.
    pub export: String,
    /// The run.
    pub run: String,
}

/// What is deleted as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Leaving {
    /// A run, score or evaluation that was begun, or whose deletion was cut off.
    Run {
        /// As of [`OfRun::name`].
        name: String,
        /// Its id.
        run: String,
    },
    /// A list that was begun and never handed over.
    List {
        /// Name of the export.
        export: String,
        /// The run.
        run: String,
    },
}

impl Begun {
    /// Says whether there is nothing to do.
    pub fn is_nothing(&self) -> bool {
        self.runs.is_empty() && self.lists.is_empty() && self.leaving.is_empty() && self.cached_files == 0
    }

    /// Writes it down.
    ///
    /// # Errors
    /// The store's failure.
    pub(super) async fn write(&self, output: &Folder) -> Result<()> {
        let begun = Self { format_version: FORMAT_VERSION, ..self.clone() };
        let mut text = serde_json::to_vec_pretty(&begun)
            .map_err(|cause| Error::bug("what is to be forgotten cannot be written").caused_by(cause))?;
        text.push(b'\n');
        output.put(&forgetting_of(&self.job), text).await
    }
}

/// Reads what was begun and not ended; none where nothing was.
///
/// # Errors
/// It is damaged, or a newer version wrote it: Data. The store cannot be read.
pub async fn read_begun(output: &Folder, job: &str) -> Result<Option<Begun>> {
    let key = forgetting_of(job);
    let Some(bytes) = output.get(&key).await? else { return Ok(None) };
    let damaged = |why: String| {
        Error::data(format!("{} cannot be read: {why}", output.uri_of(&key)))
            .with_hint("it says what a forgetting that was cut off has still to do: restore it, or end it with the version of segmenter that wrote it")
    };
    let begun: Begun = serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))?;
    match begun.format_version {
        FORMAT_VERSION => Ok(Some(begun)),
        other => Err(damaged(format!("it has format_version {other}"))),
    }
}
