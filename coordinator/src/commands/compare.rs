//! `segmenter compare`: what is different between two committed runs.

use super::{compare_answer::CompareAnswer, context::Context, job_file, request::JobRequest, stdout};
use crate::{
    page::{Committed, compared_page},
    prompt::Target,
    protocol::{newest_run, read_commit, read_record},
    run::{Comparison, compare as compare_runs},
};
use bytes::Bytes;
use segmenter_proto::{
    Error, Result,
    jobs::{Job, Previous},
    object_keys::RunKeys,
};
use segmenter_worker::storage::{Folder, Storage};
use std::path::Path;

/// Compares run `now` with run `before`; `latest` is the newest one. What is found goes to stdout, or as a page to the file `out`.
pub(super) fn compare(
    context: &Context,
    request: &JobRequest,
    [before, now]: [&str; 2],
    out: Option<&Path>,
) -> Result<()> {
    let file = job_file::read(request)?;
    let folder = Storage::from_environment().open(&file.job.output.uri)?;
    let run = |name: &str| context.runtime.block_on(committed(&folder, &file.job, name));
    let (before, now) = (run(before)?, run(now)?);
    if before == now {
        return Err(Error::job(format!("run {now} is to be compared with itself"))
            .with_hint("`segmenter runs JOB` lists the runs that there are"));
    }
    let progress = context.progress.stage("compare", 0);
    let found = compare_runs(&folder, &context.runtime, &file.job, [&before, &now], || progress.add(1, 0, 0))?;
    progress.finish(&Default::default());
    if let Some(out) = out {
        let page = context.runtime.block_on(page(&folder, &file.job, [&before, &now], &found))?;
        return Target::file(out)?.write(&page);
    }
    let answer = CompareAnswer { job: &file.job.name, unit: file.job.unit, runs: [&before, &now], found: &found };
    stdout::print(&if request.json { answer.to_json() } else { answer.to_text() })
}

/// Makes the page of both runs.
async fn page(output: &Folder, job: &Job, [before, now]: [&str; 2], found: &Comparison) -> Result<Bytes> {
    let read = async |run: &str| {
        let keys = RunKeys::new(&job.name, run);
        let commit = read_commit(output, &keys).await?;
        let files = commit.map(|commit| commit.files).unwrap_or_default();
        Ok::<_, Error>((output.folder(&keys.run_folder())?, files, read_record(output, &keys).await?))
    };
    let (before, now) = (read(before).await?, read(now).await?);
    let runs = [&before, &now].map(|(results, files, record)| Committed { results, files, record });
    compared_page(runs, &found.migration, &found.drift).await
}

/// Gives the id of a committed run.
async fn committed(folder: &Folder, job: &Job, run: &str) -> Result<String> {
    let hint = "`segmenter latest JOB` prints the newest run that is";
    if run == "latest" {
        let mut newest = job.clone();
        newest.output.previous = Previous::Latest;
        let newest = newest_run(folder, &newest).await?;
        return newest
            .ok_or_else(|| Error::data(format!("no run of job {} is committed in {}", job.name, folder.uri())));
    }
    match read_commit(folder, &RunKeys::new(&job.name, run)).await? {
        Some(commit) => Ok(commit.run),
        None => {
            Err(Error::data(format!("run {run} of job {} is not committed in {}", job.name, folder.uri()))
                .with_hint(hint))
        }
    }
}
