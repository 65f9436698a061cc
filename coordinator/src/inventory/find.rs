//! Finds the runs of a job in the store.

use super::found::{FoundRun, State};
use crate::exports::was_delivered;
use crate::protocol::{CommitFound, begun_with, damaged_sizes, date_of, find_commit};
use chrono::{DateTime, Utc};
use futures::{StreamExt, TryStreamExt, stream};
use segmenter_proto::{
    Result,
    object_keys::{RunKeys, evaluations_of, exports_of, scores_by},
};
use segmenter_worker::storage::{Folder, ObjectInfo};
use std::collections::{BTreeMap, BTreeSet};

/// Runs that are looked at at the same time.
const AT_ONCE: usize = 8;
/// What has a row for each customer.
const FEATURES: &str = "features/";

/// Finds all runs of a job, committed or not, the newest first.
///
/// # Errors
/// The store fails, or a commit is newer than this program.
pub async fn find_runs(folder: &Folder, job: &str) -> Result<Vec<FoundRun>> {
    let any = RunKeys::new(job, "");
    let committed = folder.folders(&any.runs_folder()).await?;
    let begun = folder.folders(&any.works_folder()).await?;
    let scored: BTreeSet<String> = folder.folders(&scores_by(job, "")).await?.into_iter().collect();
    let judged: BTreeSet<String> = folder.folders(&evaluations_of(job, "")).await?.into_iter().collect();
    let mut exports = Vec::new();
    for export in folder.folders(&exports_of(job, "")).await? {
        let mut runs = folder.folders(&exports_of(job, &export)).await?;
        // Removals of those who are forgotten stand beside.
        runs.retain(|run| date_of(run).is_some());
        let newest = newest_of(folder, job, &export, &runs).await?;
        exports.push((export, runs, newest));
    }
    // Of an evaluation whose run is gone the deletion was cut off.
    let names: BTreeSet<String> = committed.into_iter().chain(begun).chain(judged.iter().cloned()).collect();
    let mut found: Vec<FoundRun> = stream::iter(names)
        .map(|run| {
            let below = (scored.contains(&run), judged.contains(&run));
            async move { look(folder, job, run, below).await }
        })
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await?;
    for run in &mut found {
        for (export, _, newest) in exports.iter().filter(|(_, runs, _)| runs.contains(&run.run)) {
            run.exports.push(export.clone());
            if newest.contains(&run.run) {
                run.newest_exports.push(export.clone());
            }
        }
    }
    found.sort_by(|a, b| b.age().cmp(&a.age()));
    Ok(found)
}

/// Says whether a run is still as it was found: nobody went on with it, and nothing more is there of it.
///
/// # Errors
/// As of [`find_runs`].
pub async fn is_as_found(folder: &Folder, job: &str, found: &FoundRun) -> Result<bool> {
    let now = look(folder, job, found.run.clone(), (true, true)).await?;
    Ok(now == FoundRun { exports: Vec::new(), newest_exports: Vec::new(), ..found.clone() })
}

/// Finds the runs that may have written the newest list of a name: of the last day of which one is there, all.
async fn newest_of(folder: &Folder, job: &str, export: &str, runs: &[String]) -> Result<BTreeSet<String>> {
    let mut runs: Vec<&String> = runs.iter().collect();
    runs.sort();
    let mut newest = BTreeSet::new();
    let mut day = None;
    for run in runs.into_iter().rev() {
        if day.is_some_and(|day| day != date_of(run)) {
            break;
        }
        if was_delivered(folder, job, export, run).await? {
            day = Some(date_of(run));
            newest.insert(run.clone());
        }
    }
    Ok(newest)
}

async fn look(folder: &Folder, job: &str, run: String, (scored, judged): (bool, bool)) -> Result<FoundRun> {
    let keys = RunKeys::new(job, &run);
    // The log before the commit: a run that is committed in between is seen as committed, and never as left over.
    let work = folder.list(&keys.work_folder()).await?;
    let commit = find_commit(folder, &keys).await?;
    let results = folder.list(&keys.run_folder()).await?;
    let (scores, scored_at) = below(folder, scored.then(|| scores_by(job, &run))).await?;
    let (evaluations, judged_at) = below(folder, judged.then(|| evaluations_of(job, &run))).await?;
    let all = || results.iter().chain(&work);
    let written = |key: &str| all().find(|object| object.key == key).map(|object| object.last_modified);
    let mut found = FoundRun {
        state: State::Leftover,
        as_of: date_of(&run),
        sequence: 0,
        committed_at: None,
        changed_at: all().map(|object| object.last_modified).max(),
        customers: None,
        previous: None,
        damage: Vec::new(),
        files: all().count() as u64,
        bytes: all().map(|object| object.size).sum(),
        scores,
        evaluations,
        exports: Vec::new(),
        newest_exports: Vec::new(),
        used_at: scored_at.max(judged_at),
        run,
    };
    match commit {
        CommitFound::Commit(commit) => {
            let damage = damaged_sizes(&sizes(&results), &keys, &commit.files);
            found.state = if damage.is_empty() { State::Committed } else { State::Damaged };
            found.damage = damage.iter().map(ToString::to_string).collect();
            (found.as_of, found.sequence) = (Some(commit.as_of), commit.sequence);
            found.committed_at = written(&keys.commit());
            let of_customers = commit.files.iter().filter(|file| file.path.starts_with(FEATURES));
            found.customers = Some(of_customers.filter_map(|file| file.rows).sum());
            found.previous = commit.previous;
        }
        CommitFound::Broken => {
            found.state = State::Broken;
            found.damage = vec!["commit.json cannot be read".to_owned()];
        }
        // Whoever begins a run begins its log first, and deletes it last.
        CommitFound::Nothing if !work.is_empty() => {
            found.state = State::Begun;
            found.previous = begun_with(folder, &keys).await?;
        }
        CommitFound::Nothing => {}
    }
    Ok(found)
}

/// Finds the runs of a job below a run, and when something of one that is not committed was last written.
async fn below(folder: &Folder, name: Option<String>) -> Result<(Vec<String>, Option<DateTime<Utc>>)> {
    let Some(name) = name else { return Ok((Vec::new(), None)) };
    let keys = RunKeys::new(&name, "");
    let work = folder.list(&keys.works_folder()).await?;
    let runs = folder.folders(&keys.runs_folder()).await?;
    Ok((runs, work.iter().map(|object| object.last_modified).max()))
}

fn sizes(objects: &[ObjectInfo]) -> BTreeMap<String, u64> {
    objects.iter().map(|object| (object.key.clone(), object.size)).collect()
}
