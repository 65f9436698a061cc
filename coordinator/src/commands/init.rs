//! `segmenter init`: a first job.

use super::{context::Context, stdout};
use crate::init;
use segmenter_proto::Result;
use segmenter_worker::storage::Storage;
use std::path::Path;

/// Writes a job file into `dir`, over generated data or over the files at `from`, and says how to go on.
pub(super) fn init(context: &Context, dir: &Path, from: Option<&str>) -> Result<()> {
    let written = match from {
        None => init::write(dir)?,
        Some(uri) => init::write_from(dir, uri, &Storage::from_environment(), &context.runtime)?,
    };
    let job = written.job_file.display();
    let fields = [("job_file", job.to_string().into()), ("is_whole", written.is_whole.into())];
    context.progress.tell("written", &written.told(), fields);
    stdout::print(&written.next_commands())
}
