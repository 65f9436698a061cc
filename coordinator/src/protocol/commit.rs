//! `commit.json`: create-only, written last; it makes the run and lists every file of its folder. Only where customers are forgotten is it written anew, by
//! [`replace_commit`].
//!
//! ```text
//!  results written ─► decision in the log ─► run.json ─► files checked ─► strays deleted ─► commit.json ─► latest.json ─► _work deleted
//!                                                            │  ▲
//!                                                            └──┴─ damaged ones are written again
//! ```
//!
//! From the decision on, whoever finishes the run writes the same bytes; a crash between any two steps is finished by the next start.

use super::{
    create::{Creation, create_or_read},
    folder::ObjectFolder,
    latest::{advance_latest, next_sequence},
    log::{self, RunLog, stage},
    whole::{Damage, damaged_by_content},
};
use bytes::Bytes;
use chrono::NaiveDate;
use prost::Message;
use segmenter_proto::{ALGORITHM_VERSION, Error, Result, object_keys::RunKeys, v1::CommitDecision};
use segmenter_worker::failpoint::failpoint;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// The version of `commit.json` that this program writes and the newest it reads.
const FORMAT_VERSION: u32 = 1;
/// The record's name within the run's folder.
const RUN_RECORD: &str = "run.json";

/// What catalogues are told of the run, in its folder. It has clocks and ends behind the commit, which does not list it.
pub const LINEAGE: &str = "lineage.jsonl";

/// What makes a run: its names and every file of its folder but this one and [`LINEAGE`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commit {
    /// 1.
    pub format_version: u32,
    /// Name of the job.
    pub job: String,
    /// The run's id.
    pub run: String,
    /// Features saw only what happened before this date.
    pub as_of: NaiveDate,
    /// Raised whenever the same job on the same input may give other bytes.
    pub algorithm_version: u32,
    /// The run that this one was compared with.
    pub previous: Option<String>,
    /// Position among the runs with this `as_of`, from 1: of two, the later is the newer.
    pub sequence: u64,
    /// Every other file of the folder, by path.
    pub files: Vec<CommittedFile>,
    /// What it was each time before customers were forgotten, the earliest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forgotten: Vec<Forgotten>,
}

/// A commit before customers were forgotten. Nothing says who they were.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forgotten {
    /// SHA-256 of the bytes of `commit.json` then, in hex.
    pub was: String,
    /// Ids of which something was in the run.
    pub ids: u64,
}

/// One file of a run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CommittedFile {
    /// Path within the run's folder.
    pub path: String,
    /// Rows of a table; none for JSON.
    pub rows: Option<u64>,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 of its bytes, in hex.
    pub sha256: String,
}

impl CommittedFile {
    /// Describes a file by its whole content.
    pub fn of(path: impl Into<String>, rows: Option<u64>, content: &[u8]) -> Self {
        Self { path: path.into(), rows, bytes: content.len() as u64, sha256: hex(&Sha256::digest(content)) }
    }
}

/// Writes bytes as lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Commit {
    /// Gives the bytes of `commit.json`.
    pub(crate) fn to_bytes(&self) -> Result<Bytes> {
        let mut text = serde_json::to_vec_pretty(self)
            .map_err(|cause| Error::bug("commit.json cannot be written").caused_by(cause))?;
        text.push(b'\n');
        Ok(text.into())
    }

    fn parse(bytes: &[u8]) -> Result<Self, Unreadable> {
        /// Read first, so that a newer file is told from a broken one.
        #[derive(Deserialize)]
        struct Version {
            format_version: u32,
        }
        let version: Version = serde_json::from_slice(bytes).map_err(Unreadable::Broken)?;
        match version.format_version {
            ..=FORMAT_VERSION => serde_json::from_slice(bytes).map_err(Unreadable::Broken),
            newer => Err(Unreadable::Newer(newer)),
        }
    }
}

/// Why a commit file cannot be read.
#[derive(Debug)]
enum Unreadable {
    Broken(serde_json::Error),
    Newer(u32),
}

impl Unreadable {
    fn of(self, key: &str) -> Error {
        match self {
            Self::Broken(cause) => Error::data(format!("{key} is damaged: it is not a commit file"))
                .with_hint("restore it from a copy, or run the same work anew with --new-run")
                .caused_by(cause),
            Self::Newer(found) => {
                Error::data(format!("{key} has format_version {found}, this program reads up to {FORMAT_VERSION}"))
                    .with_hint("use the newer version of segmenter that wrote it")
            }
        }
    }
}

/// What a run's last stage hands over to be committed.
#[derive(Debug, Clone)]
pub struct CommitDraft {
    /// Name of the job.
    pub job: String,
    /// Features saw only what happened before this date.
    pub as_of: NaiveDate,
    /// The run that this one was compared with.
    pub previous: Option<String>,
    /// Every file that was written to the run's folder, in any order; `run.json` and `commit.json` are added here.
    pub files: Vec<CommittedFile>,
    /// The bytes of `run.json`; not yet written.
    pub run_record: Bytes,
}

/// How far a decided commit came.
#[derive(Debug)]
pub enum Finished {
    /// The run exists.
    Committed(Commit),
    /// These files are not what was written. Once they are written again, the same bytes, the commit can be finished.
    Damaged(Vec<Damage>),
}

/// Reads the run's commit; none: the run is not committed.
///
/// # Errors
/// The store fails, or the file is broken or newer than this program.
pub async fn read_commit<F: ObjectFolder>(folder: &F, keys: &RunKeys) -> Result<Option<Commit>> {
    let key = keys.commit();
    folder.get(&key).await?.map(|bytes| Commit::parse(&bytes).map_err(|why| why.of(&key))).transpose()
}

/// What stands where a commit would.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommitFound {
    /// Nothing.
    Nothing,
    /// Something that is no commit.
    Broken,
    /// A commit.
    Commit(Box<Commit>),
}

/// Looks for a commit, whatever stands there.
///
/// # Errors
/// The store fails, or the file is newer than this program.
pub async fn find_commit<F: ObjectFolder>(folder: &F, keys: &RunKeys) -> Result<CommitFound> {
    let key = keys.commit();
    let Some(bytes) = folder.get(&key).await? else { return Ok(CommitFound::Nothing) };
    match Commit::parse(&bytes) {
        Ok(commit) => Ok(CommitFound::Commit(Box::new(commit))),
        Err(Unreadable::Broken(error)) => {
            tracing::warn!(%error, "{key} is damaged: it is not a commit file");
            Ok(CommitFound::Broken)
        }
        Err(newer) => Err(newer.of(&key)),
    }
}

/// Reads a commit among others: one that is damaged is as good as none, and warned of.
///
/// # Errors
/// The store fails, or the file is newer than this program.
pub(super) async fn read_commit_among_others<F: ObjectFolder>(folder: &F, keys: &RunKeys) -> Result<Option<Commit>> {
    match find_commit(folder, keys).await? {
        CommitFound::Commit(commit) => Ok(Some(*commit)),
        CommitFound::Nothing | CommitFound::Broken => Ok(None),
    }
}

/// Commits the run, unless files of it are damaged: from here on it exists. Its work folder is deleted. What was decided before is
/// finished as it was.
///
/// # Errors
/// Another coordinator took over (exit 5); the store fails.
pub async fn commit<F: ObjectFolder>(folder: &F, log: &mut RunLog, draft: CommitDraft) -> Result<Finished> {
    if let Some(finished) = finish(folder, log).await? {
        return Ok(finished);
    }
    let record = CommittedFile::of(RUN_RECORD, None, &draft.run_record);
    let mut files = draft.files;
    files.push(record);
    files.sort();
    if let Some(twice) = files.windows(2).find(|pair| pair[0].path == pair[1].path) {
        return Err(Error::bug(format!("{} would be committed twice", twice[0].path)));
    }
    let commit = Commit {
        format_version: FORMAT_VERSION,
        sequence: next_sequence(folder, &draft.job, draft.as_of).await?,
        job: draft.job,
        run: log.run().to_owned(),
        as_of: draft.as_of,
        algorithm_version: ALGORITHM_VERSION,
        previous: draft.previous,
        files,
        forgotten: Vec::new(),
    };
    let decision = CommitDecision { commit: commit.to_bytes()?, run_record: draft.run_record };
    let payload = decision.encode_to_vec();
    // The record of a hundred thousand files is long: it is not held twice.
    drop(decision);
    log.append(folder, stage::COMMIT, payload).await?;
    finish(folder, log).await?.ok_or_else(|| Error::bug("a commit that was just decided is not in the log"))
}

/// Finishes a commit that the log has decided; none: nothing is decided yet.
pub(super) async fn finish<F: ObjectFolder>(folder: &F, log: &RunLog) -> Result<Option<Finished>> {
    let Some(payload) = log.stage(stage::COMMIT) else { return Ok(None) };
    let decision = CommitDecision::decode(payload.clone()).map_err(|cause| {
        Error::data(format!("the decided commit of run {} cannot be read", log.run())).caused_by(cause)
    })?;
    let keys = log.keys();
    let commit = Commit::parse(&decision.commit).map_err(|why| why.of(&keys.commit()))?;

    write_record(folder, log, decision.run_record).await?;
    failpoint("commit.record")?;
    let damaged = damaged_by_content(folder, keys, &commit.files, |_| {}).await?;
    if !damaged.is_empty() {
        return Ok(Some(Finished::Damaged(damaged)));
    }
    folder.sync(commit.files.iter().map(|file| keys.result(&file.path)).collect()).await?;
    delete_strays(folder, keys, &commit).await?;
    failpoint("commit.middle")?;
    if !put_once(folder, &keys.commit(), decision.commit).await? {
        return Err(log.fenced());
    }
    failpoint("commit.written")?;
    advance_latest(folder, &commit).await?;
    failpoint("commit.latest")?;
    // The run is committed: what cannot be deleted now does not undo it. A worker that is late may be writing there.
    if let Err(error) = delete_work(folder, keys).await {
        tracing::warn!(%error, "work files of the committed run could not all be deleted");
    }
    Ok(Some(Finished::Committed(commit)))
}

/// Deletes the work folder of a committed run, its log last-entry-first.
pub async fn delete_work<F: ObjectFolder>(folder: &F, keys: &RunKeys) -> Result<()> {
    log::delete_log(folder, keys).await?;
    folder.delete_prefix(&keys.work_folder()).await
}

/// Writes `run.json`, the one file whose bytes differ by coordinator; never over that of a committed run.
async fn write_record<F: ObjectFolder>(folder: &F, log: &RunLog, record: Bytes) -> Result<()> {
    let key = log.keys().result(RUN_RECORD);
    if put_once(folder, &key, record.clone()).await? {
        return Ok(());
    }
    if read_commit(folder, log.keys()).await?.is_some() {
        return Err(log.fenced());
    }
    // Left by a run whose work folder somebody deleted by hand.
    folder.put(&key, record).await
}

/// Deletes what earlier attempts left in the run's folder.
async fn delete_strays<F: ObjectFolder>(folder: &F, keys: &RunKeys, commit: &Commit) -> Result<()> {
    let found: BTreeSet<String> = folder.list(&keys.run_folder()).await?.into_iter().collect();
    let listed: BTreeSet<String> = commit.files.iter().map(|file| keys.result(&file.path)).collect();
    let kept = [keys.commit(), keys.result(LINEAGE)];
    for stray in found.difference(&listed).filter(|key| !kept.contains(key)) {
        folder.delete(stray).await?;
    }
    Ok(())
}

/// Creates an object; true if it holds these bytes now, whoever wrote them, false if it holds others.
async fn put_once<F: ObjectFolder>(folder: &F, key: &str, bytes: Bytes) -> Result<bool> {
    match create_or_read(folder, key, &bytes).await? {
        Creation::Created => Ok(true),
        Creation::Found(found) => Ok(found == bytes),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::{
        protocol::memory_folder::{Fault as Injected, MemoryFolder},
        protocol::nonce::Nonce,
        protocol::start::{Start, start},
    };
    use segmenter_proto::Fault;

    pub(crate) fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    pub(crate) fn small_commit(run: &str) -> Commit {
        Commit {
            format_version: 1,
            job: "club".to_owned(),
            run: run.to_owned(),
            as_of: date("2026-11-21"),
            algorithm_version: 1,
            previous: None,
            sequence: 1,
            files: Vec::new(),
            forgotten: Vec::new(),
        }
    }

    fn draft(record: &str) -> CommitDraft {
        CommitDraft {
            job: "club".to_owned(),
            as_of: date("2026-11-21"),
            previous: None,
            files: vec![CommittedFile::of("model.json", None, b"{}"), CommittedFile::of("features/p", Some(3), b"abc")],
            run_record: Bytes::copy_from_slice(record.as_bytes()),
        }
    }

    async fn opened(folder: &MemoryFolder, who: u8) -> RunLog {
        let keys = RunKeys::new("club", "2026-11-21-000000000001");
        match start(folder, &keys, "2026-11-21-000000000001", Nonce::of(who), 8).await.unwrap() {
            Start::Open(log) => log,
            Start::Committed(_) => panic!("nothing is committed"),
        }
    }

    async fn write_results(folder: &MemoryFolder, log: &RunLog) {
        folder.put(&log.keys().result("model.json"), Bytes::from_static(b"{}")).await.unwrap();
        folder.put(&log.keys().result("features/p"), Bytes::from_static(b"abc")).await.unwrap();
    }

    #[tokio::test]
    async fn the_folder_holds_exactly_what_the_commit_lists() {
        let folder = MemoryFolder::default();
        let mut log = opened(&folder, 1).await;
        write_results(&folder, &log).await;
        folder.put(&log.keys().result("features/part-of-an-earlier-attempt"), Bytes::new()).await.unwrap();
        let commit = committed(commit(&folder, &mut log, draft("{1}")).await);

        let mut listed: Vec<String> = commit.files.iter().map(|file| log.keys().result(&file.path)).collect();
        listed.push(log.keys().commit());
        listed.sort();
        assert_eq!(folder.list(&log.keys().run_folder()).await.unwrap(), listed);
        assert_eq!(folder.list(&log.keys().work_folder()).await.unwrap(), Vec::<String>::new());
        assert_eq!(read_commit(&folder, log.keys()).await.unwrap(), Some(commit));
    }

    #[tokio::test]
    async fn a_file_that_is_gone_or_damaged_stops_the_commit_until_it_is_whole() {
        let folder = MemoryFolder::default();
        let mut log = opened(&folder, 1).await;
        folder.put(&log.keys().result("model.json"), Bytes::from_static(b"{]")).await.unwrap();
        let stopped = commit(&folder, &mut log, draft("{1}")).await.unwrap();
        let Finished::Damaged(damaged) = stopped else { panic!("{stopped:?}") };
        let paths: Vec<&str> = damaged.iter().map(|damage| damage.path.as_str()).collect();
        assert_eq!(paths, ["features/p", "model.json"]);
        assert_eq!(read_commit(&folder, log.keys()).await.unwrap(), None);

        // Killed there, the next coordinator finds the same.
        let again = start(&folder, log.keys(), log.run(), Nonce::of(2), 8).await.unwrap();
        let Start::Open(mut log) = again else { panic!("damaged files must not be committed") };
        write_results(&folder, &log).await;
        let commit = committed(commit(&folder, &mut log, draft("{2}")).await);
        assert_eq!(read_commit(&folder, log.keys()).await.unwrap(), Some(commit));
        let record = folder.get(&log.keys().result(RUN_RECORD)).await.unwrap().unwrap();
        assert_eq!(record, "{1}", "what was decided first");
    }

    fn committed(finished: Result<Finished>) -> Commit {
        match finished.unwrap() {
            Finished::Committed(commit) => commit,
            damaged => panic!("{damaged:?}"),
        }
    }

    #[tokio::test]
    async fn a_commit_that_was_decided_is_finished_by_the_next_start_with_the_same_bytes() {
        let folder = MemoryFolder::default();
        let mut log = opened(&folder, 1).await;
        write_results(&folder, &log).await;
        // The store fails for good right after the decision.
        folder.inject_after(1, [Injected::Refused]);
        commit(&folder, &mut log, draft("{first}")).await.unwrap_err();
        assert!(folder.all_injected(), "the fault must fire");
        assert_eq!(read_commit(&folder, log.keys()).await.unwrap(), None);

        let again = start(&folder, log.keys(), log.run(), Nonce::of(2), 8).await.unwrap();
        let Start::Committed(commit) = again else { panic!("the start must finish what is decided") };
        let record = folder.get(&log.keys().result(RUN_RECORD)).await.unwrap().unwrap();
        assert_eq!(record, "{first}");
        assert!(commit.files.contains(&CommittedFile::of(RUN_RECORD, None, &record)));
    }

    #[tokio::test]
    async fn a_superseded_coordinator_cannot_touch_the_record_of_a_committed_run() {
        let folder = MemoryFolder::default();
        let mut first = opened(&folder, 1).await;
        let mut second = opened(&folder, 2).await;
        write_results(&folder, &second).await;
        commit(&folder, &mut second, draft("{second}")).await.unwrap();
        let error = commit(&folder, &mut first, draft("{first}")).await.unwrap_err();
        assert_eq!(error.fault, Fault::Fenced);
        assert_eq!(folder.get(&first.keys().result(RUN_RECORD)).await.unwrap().unwrap(), "{second}");
    }

    #[test]
    fn a_newer_commit_file_says_so() {
        let newer = br#"{"format_version": 2, "shape": "unknown"}"#;
        let error = Commit::parse(newer).unwrap_err().of("club/runs/r/commit.json");
        assert!(error.message.contains("format_version 2"), "{error}");
    }
}
