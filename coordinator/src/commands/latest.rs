//! `segmenter latest`: where the newest committed run lies.

use super::{context::Context, job_file, request::JobRequest, stdout};
use crate::protocol::{damaged_by_size, damaged_run, repair_latest};
use segmenter_proto::{Error, Result, object_keys::RunKeys};
use segmenter_worker::storage::Storage;
use std::path::Path;

/// Prints the folder of the newest committed run, if all its files are there, and repairs `latest.json`.
pub(super) fn latest(context: &Context, path: &Path) -> Result<()> {
    let file = job_file::read(&JobRequest { path: path.to_owned(), as_of: None, json: false })?;
    let job = &file.job;
    let folder = Storage::from_environment().open(&job.output.uri)?;
    let newest = context.runtime.block_on(repair_latest(&folder, &job.name))?;
    match newest {
        Some(commit) => {
            let keys = RunKeys::new(&job.name, &commit.run);
            let damaged = context.runtime.block_on(damaged_by_size(&folder, &keys, &commit.files))?;
            if !damaged.is_empty() {
                return Err(damaged_run(&commit.run, &damaged));
            }
            stdout::print(&folder.uri_of(&keys.run_folder()))
        }
        None => Err(Error::data(format!("no run of job {} is committed in {}", job.name, job.output.uri))
            .with_hint(format!("segmenter run {}", path.display()))),
    }
}
