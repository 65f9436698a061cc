//! `latest.json`, a hint that names the newest committed run; the commits themselves decide, and any command repairs it.

use super::{
    commit::{Commit, read_commit, read_commit_among_others},
    folder::ObjectFolder,
};
use bytes::Bytes;
use chrono::NaiveDate;
use segmenter_proto::{
    Error, Result,
    jobs::{Job, Previous},
    object_keys::RunKeys,
};
use serde::{Deserialize, Serialize};

/// `latest.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Latest {
    /// 1.
    pub format_version: u32,
    /// The run's id.
    pub run: String,
    /// The run's `as_of`.
    pub as_of: NaiveDate,
    /// See [`Commit::sequence`].
    pub sequence: u64,
}

impl Latest {
    fn of(commit: &Commit) -> Self {
        Self { format_version: 1, run: commit.run.clone(), as_of: commit.as_of, sequence: commit.sequence }
    }

    /// Orders runs by age, the newest greatest.
    fn age(&self) -> (NaiveDate, u64, &str) {
        (self.as_of, self.sequence, &self.run)
    }
}

/// Decides whether the hint moves from `current` to `candidate`: forward only.
fn moves(current: Option<&Latest>, candidate: &Latest) -> bool {
    current.is_none_or(|current| current.age() < candidate.age())
}

/// Finds the newest committed run of a job and makes `latest.json` name it.
///
/// A store that refuses the write does not fail the question: the hint stays wrong and a warning is logged.
///
/// # Errors
/// The store cannot be read.
pub async fn repair_latest<F: ObjectFolder>(folder: &F, job: &str) -> Result<Option<Commit>> {
    let newest = newest_committed(folder, job, |_| true).await?;
    if let Some(commit) = &newest {
        let key = RunKeys::new(job, &commit.run).latest();
        if read_latest(folder, &key).await? != Some(Latest::of(commit))
            && let Err(error) = write_latest(folder, &key, &Latest::of(commit)).await
        {
            tracing::warn!(%error, "latest.json could not be repaired");
        }
    }
    Ok(newest)
}

/// Finds the run that a run of `job` is compared with; none: there is none, or none is wanted.
///
/// # Errors
/// The job names a run that is not committed; the store cannot be read.
pub async fn previous_run<F: ObjectFolder>(folder: &F, job: &Job) -> Result<Option<String>> {
    match &job.output.previous {
        Previous::None => Ok(None),
        Previous::Latest => {
            let earlier = newest_committed(folder, &job.name, |as_of| as_of < job.as_of).await?;
            Ok(earlier.map(|commit| commit.run))
        }
        Previous::Run(run) => match read_commit(folder, &RunKeys::new(&job.name, run)).await? {
            Some(commit) => Ok(Some(commit.run)),
            None => Err(Error::job(format!("output.previous: run {run} of job {} is not committed", job.name))
                .with_hint("`segmenter latest JOB` prints the newest run that is; or say previous = \"latest\"")),
        },
    }
}

/// Finds the newest committed run of a job, whatever its `as_of`, or the one that the job is to be compared with; none: there is none, or none is wanted.
///
/// # Errors
/// As [`previous_run`].
pub async fn newest_run<F: ObjectFolder>(folder: &F, job: &Job) -> Result<Option<String>> {
    match &job.output.previous {
        Previous::Latest => Ok(newest_committed(folder, &job.name, |_| true).await?.map(|commit| commit.run)),
        Previous::None | Previous::Run(_) => previous_run(folder, job).await,
    }
}

/// Moves the hint to a run that has just been committed, if it is the newest.
pub(super) async fn advance_latest<F: ObjectFolder>(folder: &F, commit: &Commit) -> Result<()> {
    let key = RunKeys::new(&commit.job, &commit.run).latest();
    let candidate = Latest::of(commit);
    if moves(read_latest(folder, &key).await?.as_ref(), &candidate) {
        write_latest(folder, &key, &candidate).await?;
    }
    Ok(())
}

/// Gives the sequence of the next commit with this `as_of`.
pub(super) async fn next_sequence<F: ObjectFolder>(folder: &F, job: &str, as_of: NaiveDate) -> Result<u64> {
    let newest = newest_committed(folder, job, |date| date == as_of).await?;
    Ok(newest.map_or(0, |commit| commit.sequence) + 1)
}

/// Finds the newest committed run whose `as_of` is wanted. The date stands in the run's id, so that few commits need be read.
async fn newest_committed<F: ObjectFolder>(
    folder: &F,
    job: &str,
    wanted: impl Fn(NaiveDate) -> bool + Send,
) -> Result<Option<Commit>> {
    let names = folder.folders(&RunKeys::new(job, "").runs_folder()).await?;
    let mut dated: Vec<(NaiveDate, String)> =
        names.into_iter().filter_map(|name| Some((date_of(&name)?, name))).filter(|(date, _)| wanted(*date)).collect();
    dated.sort();
    let mut newest: Option<Commit> = None;
    while let Some((date, name)) = dated.pop() {
        if newest.as_ref().is_some_and(|commit| commit.as_of > date) {
            break;
        }
        if let Some(commit) = read_commit_among_others(folder, &RunKeys::new(job, &name)).await?
            && moves(newest.as_ref().map(Latest::of).as_ref(), &Latest::of(&commit))
        {
            newest = Some(commit);
        }
    }
    Ok(newest)
}

/// Gives the `as_of` within a run's id; none of what is no id.
pub fn date_of(run: &str) -> Option<NaiveDate> {
    let (date, hash) = run.rsplit_once('-')?;
    (hash.len() == 12).then_some(())?;
    date.parse().ok()
}

/// Reads the hint; one that cannot be understood is as good as none.
async fn read_latest<F: ObjectFolder>(folder: &F, key: &str) -> Result<Option<Latest>> {
    Ok(folder.get(key).await?.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
}

async fn write_latest<F: ObjectFolder>(folder: &F, key: &str, latest: &Latest) -> Result<()> {
    let mut text = serde_json::to_vec_pretty(latest)
        .map_err(|cause| Error::bug("latest.json cannot be written").caused_by(cause))?;
    text.push(b'\n');
    folder.put(key, Bytes::from(text)).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        protocol::commit::tests::{date, small_commit},
        protocol::memory_folder::MemoryFolder,
    };

    async fn committed(folder: &MemoryFolder, as_of: &str, hash: &str, sequence: u64) -> Commit {
        let run = format!("{as_of}-{hash:0>12}");
        let commit = Commit { as_of: date(as_of), sequence, ..small_commit(&run) };
        folder.put(&RunKeys::new("club", &run).commit(), commit.to_bytes().unwrap()).await.unwrap();
        commit
    }

    async fn hint(folder: &MemoryFolder) -> Option<String> {
        read_latest(folder, "club/latest.json").await.unwrap().map(|latest| latest.run)
    }

    #[tokio::test]
    async fn the_hint_moves_only_forward() {
        let folder = MemoryFolder::default();
        let newer = committed(&folder, "2026-11-21", "a", 1).await;
        let older = committed(&folder, "2026-11-20", "b", 1).await;
        advance_latest(&folder, &newer).await.unwrap();
        advance_latest(&folder, &older).await.unwrap();
        assert_eq!(hint(&folder).await, Some(newer.run.clone()));
        let repeated = committed(&folder, "2026-11-21", "0", 2).await;
        advance_latest(&folder, &repeated).await.unwrap();
        assert_eq!(hint(&folder).await, Some(repeated.run));
    }

    #[tokio::test]
    async fn a_hint_that_is_missing_stale_or_broken_is_repaired() {
        let folder = MemoryFolder::default();
        let stale = committed(&folder, "2026-11-20", "a", 1).await;
        let newest = committed(&folder, "2026-11-21", "b", 2).await;
        committed(&folder, "2026-11-21", "c", 1).await;
        // A run that is under way has files and no commit.
        folder.put("club/runs/2026-11-22-00000000000d/model.json", Bytes::new()).await.unwrap();
        folder.put("club/runs/not-a-run/commit.json", Bytes::new()).await.unwrap();
        for broken in [None, Some(Bytes::from_static(b"{")), Some(stale.to_bytes().unwrap())] {
            match broken {
                None => folder.delete("club/latest.json").await.unwrap(),
                Some(bytes) => folder.put("club/latest.json", bytes).await.unwrap(),
            }
            assert_eq!(repair_latest(&folder, "club").await.unwrap().as_ref(), Some(&newest));
            assert_eq!(hint(&folder).await.as_ref(), Some(&newest.run));
        }
    }

    #[tokio::test]
    async fn a_damaged_commit_stands_in_nobodys_way() {
        let folder = MemoryFolder::default();
        let whole = committed(&folder, "2026-11-21", "a", 1).await;
        let damaged = committed(&folder, "2026-11-21", "b", 2).await;
        folder.put(&RunKeys::new("club", &damaged.run).commit(), Bytes::from_static(b"{\"format_ver")).await.unwrap();
        assert_eq!(repair_latest(&folder, "club").await.unwrap().map(|commit| commit.run), Some(whole.run));
        assert_eq!(next_sequence(&folder, "club", date("2026-11-21")).await.unwrap(), 2);
        let error = read_commit(&folder, &RunKeys::new("club", &damaged.run)).await.unwrap_err();
        assert!(error.message.contains(&damaged.run) && error.fault.exit_code() == 3, "{error}");
    }

    #[tokio::test]
    async fn a_job_without_runs_has_no_latest() {
        let folder = MemoryFolder::default();
        assert_eq!(repair_latest(&folder, "club").await.unwrap(), None);
        assert_eq!(hint(&folder).await, None);
    }

    #[tokio::test]
    async fn the_sequence_counts_the_runs_of_one_date() {
        let folder = MemoryFolder::default();
        assert_eq!(next_sequence(&folder, "club", date("2026-11-21")).await.unwrap(), 1);
        committed(&folder, "2026-11-21", "a", 1).await;
        committed(&folder, "2026-11-22", "b", 7).await;
        assert_eq!(next_sequence(&folder, "club", date("2026-11-21")).await.unwrap(), 2);
    }

    #[tokio::test]
    async fn the_previous_run_has_an_earlier_date() {
        let folder = MemoryFolder::default();
        let earlier = committed(&folder, "2026-11-19", "a", 1).await;
        committed(&folder, "2026-11-21", "b", 1).await;
        let mut job = crate::protocol::identity::tests::job();
        job.as_of = date("2026-11-21");
        job.output.previous = Previous::Latest;
        assert_eq!(previous_run(&folder, &job).await.unwrap(), Some(earlier.run.clone()));
        job.output.previous = Previous::None;
        assert_eq!(previous_run(&folder, &job).await.unwrap(), None);
        job.output.previous = Previous::Run(earlier.run.clone());
        assert_eq!(previous_run(&folder, &job).await.unwrap(), Some(earlier.run));
        job.output.previous = Previous::Run("2026-01-01-000000000000".to_owned());
        assert!(previous_run(&folder, &job).await.unwrap_err().message.contains("not committed"));
    }

    #[tokio::test]
    async fn a_year_of_runs_is_not_listed_file_by_file() {
        let folder = MemoryFolder::default();
        let first = date("2026-01-01");
        for day in 0..365 {
            let as_of = (first + chrono::Days::new(day)).to_string();
            let run = committed(&folder, &as_of, "a", 1).await.run;
            for part in 0..20 {
                let path = format!("features/{}", segmenter_proto::object_keys::part_file(part));
                folder.put(&RunKeys::new("club", &run).result(&path), Bytes::new()).await.unwrap();
            }
        }
        let mut job = crate::protocol::identity::tests::job();
        job.as_of = date("2026-12-31");
        let client = folder.client(Vec::new(), Vec::new());
        assert_eq!(previous_run(&client, &job).await.unwrap().as_deref(), Some("2026-12-30-00000000000a"));
        assert_eq!(next_sequence(&client, "club", job.as_of).await.unwrap(), 2);
        assert_eq!(repair_latest(&client, "club").await.unwrap().map(|commit| commit.as_of), Some(job.as_of));
        let (gets, listed) = client.asked();
        assert!(gets <= 5 && listed == 3 * 365, "{gets} reads, {listed} names");
    }
}
