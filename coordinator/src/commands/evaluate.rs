//! `segmenter evaluate`: what the segments of a committed run are worth, by what customers did from its `as_of` on.

use super::{
    context::Context,
    job_file,
    request::{JobRequest, RunRequest},
    run::{tell, to_commit},
};
use crate::{
    job::JobFile,
    protocol::{Commit, read_commit, read_record},
    run::{CommittedModel, read_model},
};
use segmenter_proto::{
    Error, Result,
    jobs::{Job, Previous},
    object_keys::{RunKeys, evaluations_of},
};
use segmenter_worker::storage::{Folder, Storage};

/// Judges run `run` by the outcome window of the job, and prints the folder of the result.
pub(super) fn evaluate(context: &Context, request: &JobRequest, mut run: RunRequest, judged: &str) -> Result<()> {
    let Judged { file, folder, commit, model, shards } = context.runtime.block_on(judged_by(request, judged))?;
    run.shards = Some(shards);
    let mut outcome = context.runtime.block_on(to_commit(context, &file, run, Some(&model)))?;
    let own = context.runtime.block_on(read_commit(&folder, &RunKeys::new(&file.job.name, &outcome.run)))?;
    if let Some(warning) = own.and_then(|own| moved(&commit, &own)) {
        context.progress.warn(&warning);
        outcome.warnings.push(warning);
    }
    tell(context, &file.job, &outcome, request.json)
}

/// A run that is judged.
struct Judged {
    /// The job as of the run.
    file: JobFile,
    folder: Folder,
    commit: Commit,
    model: CommittedModel,
    /// The run's, so that the same customers give the same files.
    shards: u32,
}

async fn judged_by(request: &JobRequest, run: &str) -> Result<Judged> {
    let file = job_file::read(request)?;
    check(&file.job)?;
    let folder = Storage::from_environment().open(&file.job.output.uri)?;
    let model = read_model(&folder, &file.job, run).await?;
    let keys = RunKeys::new(&file.job.name, &model.run);
    let gone = || Error::dependency(format!("{} is gone", keys.commit()));
    let commit = read_commit(&folder, &keys).await?.ok_or_else(gone)?;
    let shards = read_record(&folder, &keys).await?.shards;
    // Windows are counted from the run's day.
    let mut file = job_file::read(&JobRequest { as_of: Some(commit.as_of), ..request.clone() })?;
    file.job.name = evaluations_of(&file.job.name, &model.run);
    file.job.output.previous = Previous::None;
    // Lists for other tools are of runs.
    file.job.exports.clear();
    Ok(Judged { file, folder, commit, model, shards })
}

fn check(job: &Job) -> Result<()> {
    match job.effectiveness.outcome_days {
        Some(_) => Ok(()),
        None => Err(Error::job(format!("job {} has no outcome window to judge a run by", job.name))
            .with_hint("add to the job file: [effectiveness] with outcome = \"90d\"")),
    }
}

/// Says that the customers of the run are not in the segments in which they were, where that is so.
fn moved(run: &Commit, own: &Commit) -> Option<String> {
    let assigned = |commit: &Commit| {
        let is_assigned = |path: &str| ["assignments/", "membership/"].iter().any(|folder| path.starts_with(folder));
        let files = commit.files.iter().filter(|file| is_assigned(&file.path));
        files.map(|file| (file.path.clone(), file.sha256.clone())).collect::<Vec<_>>()
    };
    let (before, now) = (assigned(run), assigned(own));
    let differ = now.iter().filter(|file| !before.contains(file)).count();
    (before != now).then(|| {
        format!(
            "{differ} of {} files of assignments are not those of run {}: rows of before its as_of came, went or changed since. \
             Judged are its segments with the customers that are in them by the rows of now",
            now.len(),
            run.run
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{CommittedFile, job, small_commit};

    #[test]
    fn a_job_without_an_outcome_window_is_told_what_to_add() {
        let error = check(&job()).unwrap_err();
        assert!(error.fault.exit_code() == 2 && error.hint.unwrap().contains("[effectiveness]"));
    }

    #[test]
    fn assignments_that_changed_are_counted_and_other_files_are_not() {
        let commit = |files: &[(&str, &[u8])]| Commit {
            files: files.iter().map(|(path, bytes)| CommittedFile::of(*path, None, bytes)).collect(),
            ..small_commit("2026-11-21-000000000001")
        };
        let run = commit(&[
            ("assignments/a/part-00000.parquet", b"1"),
            ("assignments/a/part-00001.parquet", b"2"),
            ("effectiveness.parquet", b"3"),
        ]);
        let same = commit(&[
            ("assignments/a/part-00000.parquet", b"1"),
            ("assignments/a/part-00001.parquet", b"2"),
            ("effectiveness.parquet", b"4"),
        ]);
        assert_eq!(moved(&run, &same), None);
        let other = commit(&[("assignments/a/part-00000.parquet", b"1"), ("assignments/a/part-00001.parquet", b"5")]);
        assert!(
            moved(&run, &other)
                .unwrap()
                .starts_with("1 of 2 files of assignments are not those of run 2026-11-21-000000000001")
        );
        assert!(
            moved(&run, &commit(&[("assignments/a/part-00000.parquet", b"1")])).unwrap().starts_with("0 of 1 files")
        );
    }
}
