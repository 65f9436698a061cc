//! `segmenter validate`: checks before anything is spent.

use super::{connect, context::Context, job_file, request::JobRequest, stdout};
use segmenter_proto::Result;
use serde_json::json;

/// Checks the job file and, unless `offline`, that sources and columns exist.
pub(super) fn validate(context: &Context, request: &JobRequest, offline: bool) -> Result<()> {
    let file = job_file::read(request)?;
    let job = &file.job;
    connect::check_offline(&file)?;
    let found = if offline { None } else { Some(connect::check_sources(context, &file)?) };
    for warning in found.iter().flat_map(|found| &found.warnings) {
        context.progress.warn(warning);
    }
    if request.json {
        let answer = json!({
            "format_version": 1,
            "valid": true,
            "job": job.name,
            "as_of": job.as_of,
            "offline": offline,
            "sources": found.as_ref().map(|found| &found.sources),
            "warnings": found.as_ref().map(|found| &found.warnings),
        });
        return stdout::print(&answer.to_string());
    }
    let mut text = String::new();
    for source in found.iter().flat_map(|found| &found.sources) {
        text.push_str(&format!("{source}\n"));
    }
    let how_far = if offline { "the file alone was checked" } else { "its sources and columns exist" };
    text.push_str(&format!("{}: job {} as of {} is valid; {how_far}\n", file.path, job.name, job.as_of));
    stdout::print(&text)
}
