//! `segmenter init`: a first job.

use super::{context::Context, stdout};
use crate::init::{self, Look, LookSummary};
use segmenter_proto::Result;
use segmenter_worker::storage::Storage;
use std::path::Path;

/// Writes a job file into `dir`, over generated data or over the files at `from`, and says how to go on.
pub(super) fn init(context: &Context, dir: &Path, from: &[String]) -> Result<()> {
    if from.is_empty() {
        let written = init::write(dir)?.job_file;
        let text = format!("wrote {}; now try:", written.display());
        context.progress.tell("written", &text, [("job_file", written.display().to_string().into())]);
        return stdout::print(&init::next_commands(&written));
    }
    let look = Look {
        dir,
        from,
        storage: &Storage::from_environment(),
        runtime: &context.runtime,
        resources: &context.resources,
        cancellation: &context.cancellation,
    };
    let LookSummary { job_file, told, failure } = look.write()?;
    for line in &told {
        context.progress.show(line);
    }
    match failure {
        None => stdout::print(&init::next_commands(&job_file)),
        // The file stays: it says what was understood, and what is to be completed.
        Some(error) => Err(error),
    }
}
