//! `segmenter score`: customers by the model of a committed run.

use super::{
    context::Context,
    job_file,
    request::{JobRequest, RunRequest},
    run::{tell, to_commit},
};
use crate::{
    job::JobFile,
    run::{CommittedModel, read_model},
};
use segmenter_proto::{Result, jobs::Previous, object_keys::scores_by};
use segmenter_worker::storage::Storage;

/// Computes the features of the job's customers, assigns them by the model of run `model`, and prints the folder of the result.
pub(super) fn score(context: &Context, request: &JobRequest, run: RunRequest, model: &str) -> Result<()> {
    let file = job_file::read(request)?;
    let folder = Storage::from_environment().open(&file.job.output.uri)?;
    let model = context.runtime.block_on(read_model(&folder, &file.job, model))?;
    let file = scoring(file, &model);
    let outcome = context.runtime.block_on(to_commit(context, &file, run, Some(&model)))?;
    tell(context, &file.job, &outcome, request.json)
}

/// Scores lie below the job, like runs of a job of its own: a run that is scored by is never changed, and `latest` stays what it is.
fn scoring(mut file: JobFile, model: &CommittedModel) -> JobFile {
    file.job.name = scores_by(&file.job.name, &model.run);
    file.job.output.previous = Previous::None;
    // Lists for other tools are of runs.
    file.job.exports.clear();
    file
}
