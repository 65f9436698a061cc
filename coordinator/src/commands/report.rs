//! `segmenter report`: the page of a committed run, made from its tables.

use super::{context::Context, job_file, request::JobRequest, sql::committed};
use crate::{page::run_page, prompt::Target, protocol::read_record};
use segmenter_proto::{Error, Result, object_keys::RunKeys};
use segmenter_worker::storage::Storage;
use std::{io::IsTerminal, path::Path};

/// Writes the page of run `run`, or of the newest, to the file `out` or to stdout.
pub(super) fn report(context: &Context, path: &Path, run: Option<&str>, out: Option<&Path>) -> Result<()> {
    if out.is_none() && std::io::stdout().is_terminal() {
        return Err(Error::job("a page is not for a terminal")
            .with_hint("give a file with --out, such as report.html, or lead stdout away"));
    }
    let file = job_file::read(&JobRequest { path: path.to_owned(), as_of: None, json: false })?;
    let output = Storage::from_environment().open(&file.job.output.uri)?;
    let page = context.runtime.block_on(async {
        let commit = committed(&output, &file, run, path).await?;
        let keys = RunKeys::new(&commit.job, &commit.run);
        let record = read_record(&output, &keys).await?;
        run_page(&output.folder(&keys.run_folder())?, &commit.files, &record).await
    })?;
    match out {
        Some(out) => Target::file(out)?.write(&page),
        None => Target::stdout().write(&page),
    }
}
