//! What is known of a run so far.

use crate::protocol::{ListedIds, PinnedInput, StageTiming};
use chrono::{DateTime, NaiveDate, Utc};
use segmenter_proto::{RowFates, jobs::Job};
use segmenter_worker::{results::QualityRow, storage::Folder};
use sha2::{Digest, Sha256};

/// What is known of a run so far; what is not known yet is empty.
#[derive(Debug, Clone)]
pub struct Known {
    /// When the program began.
    pub since: DateTime<Utc>,
    /// The job, once its file is read.
    pub job: Option<KnownJob>,
    /// Its inputs, once they are pinned: a source each.
    pub inputs: Vec<KnownInput>,
    /// Id of the run.
    pub run: Option<String>,
    /// Where its results are.
    pub folder: Option<String>,
    /// What this program took on; none where the run was committed before.
    pub begun: Option<Begun>,
    /// Stages that this program did, in their order.
    pub stages: Vec<TimedStage>,
    /// What became of the rows of each source.
    pub rows: Vec<(String, RowFates)>,
    /// What the list of excluded ids came to, where there is one.
    pub exclude_list: Option<ListedIds>,
    /// What was checked of the data.
    pub quality: Vec<QualityRow>,
    /// What the run had warned of when it failed.
    pub warnings: Vec<String>,
}

impl Known {
    pub(super) fn new() -> Self {
        Self {
            since: Utc::now(),
            job: None,
            inputs: Vec::new(),
            run: None,
            folder: None,
            begun: None,
            stages: Vec::new(),
            rows: Vec::new(),
            exclude_list: None,
            quality: Vec::new(),
            warnings: Vec::new(),
        }
    }
}

/// A job, as others name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownJob {
    /// Its name; of a score or an evaluation that below the job.
    pub name: String,
    /// Features see only what happened before this date.
    pub as_of: NaiveDate,
    /// Whose midnight that is.
    pub timezone: String,
    /// Where results are written.
    pub output: String,
}

impl KnownJob {
    pub(super) fn of(job: &Job) -> Self {
        Self {
            name: job.name.clone(),
            as_of: job.as_of,
            timezone: job.timezone.clone(),
            output: job.output.uri.clone(),
        }
    }
}

/// A source as it is pinned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownInput {
    /// Its name in the job.
    pub name: String,
    /// As the job file says.
    pub uri: String,
    /// Number of its files.
    pub files: u64,
    /// Their size.
    pub bytes: u64,
    /// A hash of all its files as pinned: the same as long as none of them changes.
    pub version: String,
    /// The columns that are read, with their types.
    pub columns: Vec<(String, String)>,
}

impl KnownInput {
    /// Describes a source by its files.
    pub fn of<'a>(
        name: &str,
        uri: &str,
        files: impl IntoIterator<Item = &'a PinnedInput>,
        columns: Vec<(String, String)>,
    ) -> Self {
        let (mut count, mut bytes, mut hash) = (0, 0, Sha256::new());
        for file in files {
            count += 1;
            bytes += file.bytes;
            for part in [Some(&file.uri), file.etag.as_ref(), file.version.as_ref(), file.sha256.as_ref()] {
                // Length before text: no two lists of files are written alike.
                let part = part.map_or("", String::as_str);
                hash.update(format!("{}:{part},{},", part.len(), file.bytes));
            }
        }
        let version = hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        Self { name: name.to_owned(), uri: uri.to_owned(), files: count, bytes, version, columns }
    }
}

/// A run that this program took on.
#[derive(Debug, Clone)]
pub struct Begun {
    /// How many coordinators took it on, this one counted.
    pub generation: u64,
    /// The output's root.
    pub output: Folder,
}

/// A stage that is done.
#[derive(Debug, Clone, PartialEq)]
pub struct TimedStage {
    /// When it was done.
    pub until: DateTime<Utc>,
    /// What it took.
    pub timing: StageTiming,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pinned(uri: &str, etag: Option<&str>) -> PinnedInput {
        let etag = etag.map(str::to_owned);
        PinnedInput { source: "orders".into(), uri: uri.into(), bytes: 7, etag, version: None, sha256: None }
    }

    #[test]
    fn the_version_of_a_source_is_that_of_all_its_files() {
        let version = |files: &[PinnedInput]| KnownInput::of("orders", "in", files, Vec::new()).version;
        let (a, b) = (pinned("a", Some("1")), pinned("b", Some("2")));
        let both = version(&[a.clone(), b.clone()]);
        assert_eq!(both, version(&[a.clone(), b.clone()]));
        for other in [vec![a.clone()], vec![a.clone(), pinned("b", Some("3"))], vec![a, pinned("b", None)], vec![b]] {
            assert_ne!(both, version(&other));
        }
        let input = KnownInput::of("orders", "in", &[pinned("a", None), pinned("b", None)], Vec::new());
        assert_eq!((input.files, input.bytes, input.version.len()), (2, 14, 16));
    }
}
