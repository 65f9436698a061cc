//! `segmenter verify`: whether the files of a committed run are what was committed.

use super::{context::Context, job_file, request::JobRequest, stdout};
use crate::forget::read_begun;
use crate::protocol::{Commit, Damage, damaged_by_content, damaged_run, read_commit, repair_latest};
use segmenter_proto::{Error, Result, jobs::Job, object_keys::RunKeys};
use segmenter_worker::storage::{Folder, Storage};
use serde_json::json;

/// Reads every file of run `run`, or of the newest, and compares it with `commit.json`.
pub(super) fn verify(context: &Context, request: &JobRequest, run: Option<&str>) -> Result<()> {
    let file = job_file::read(request)?;
    let folder = Storage::from_environment().open(&file.job.output.uri)?;
    let (commit, damaged) = context.runtime.block_on(look(context, &folder, &file.job, run))?;
    let uri = folder.uri_of(&RunKeys::new(&commit.job, &commit.run).run_folder());
    if request.json {
        stdout::print(&for_programs(&commit, &uri, &damaged))?;
    } else if damaged.is_empty() {
        stdout::print(&uri)?;
    }
    if damaged.is_empty() {
        return Ok(());
    }
    let error = damaged_run(&commit.run, &damaged);
    match context.runtime.block_on(read_begun(&folder, &file.job.name))? {
        Some(_) => Err(error.with_hint(
            "a forgetting was cut off, and its runs are damaged until it is ended: `segmenter forget JOB --ids FILE --yes` does so",
        )),
        None => Err(error),
    }
}

async fn look(context: &Context, folder: &Folder, job: &Job, run: Option<&str>) -> Result<(Commit, Vec<Damage>)> {
    let commit = match run {
        None => repair_latest(folder, &job.name).await?,
        Some(run) => read_commit(folder, &RunKeys::new(&job.name, run)).await?,
    };
    let commit = commit.ok_or_else(|| match run {
        None => Error::data(format!("no run of job {} is committed in {}", job.name, job.output.uri)),
        Some(run) => Error::data(format!("run {run} of job {} is not committed in {}", job.name, job.output.uri))
            .with_hint("`segmenter latest JOB` prints the newest run that is"),
    })?;
    let progress = context.progress.stage("verify", commit.files.len() as u64);
    let keys = RunKeys::new(&commit.job, &commit.run);
    let damaged = damaged_by_content(folder, &keys, &commit.files, |bytes| progress.add(1, 0, bytes)).await?;
    progress.finish(&Default::default());
    Ok((commit, damaged))
}

fn for_programs(commit: &Commit, folder: &str, damaged: &[Damage]) -> String {
    let damaged: Vec<_> =
        damaged.iter().map(|damage| json!({ "path": damage.path, "problem": damage.to_string() })).collect();
    json!({
        "format_version": 1,
        "job": commit.job,
        "run": commit.run,
        "folder": folder,
        "files": commit.files.len(),
        "bytes": commit.files.iter().map(|file| file.bytes).sum::<u64>(),
        "whole": damaged.is_empty(),
        "damaged": damaged,
    })
    .to_string()
}
