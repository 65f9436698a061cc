//! `segmenter latest`: where the newest committed run lies.

use super::{context::Context, job_file, request::JobRequest, stdout};
use crate::run::repair_latest;
use segmenter_proto::{Error, Result, object_keys::RunKeys};
use segmenter_worker::storage::Storage;
use std::path::Path;

/// Prints the folder of the newest committed run and repairs `latest.json`.
pub(super) fn latest(context: &Context, path: &Path) -> Result<()> {
    let file = job_file::read(&JobRequest { path: path.to_owned(), as_of: None, json: false })?;
    let job = &file.job;
    let folder = Storage::from_environment().open(&job.output.uri)?;
    let newest = context.runtime.block_on(repair_latest(&folder, &job.name))?;
    match newest {
        Some(commit) => stdout::print(&folder.uri_of(&RunKeys::new(&job.name, &commit.run).run_folder())),
        None => Err(Error::data(format!("no run of job {} is committed in {}", job.name, job.output.uri))
            .with_hint(format!("segmenter run {}", path.display()))),
    }
}
