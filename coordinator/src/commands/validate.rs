//! `segmenter validate`: checks before anything is spent.

use super::{context::Context, job_file, request::JobRequest, stdout};
use crate::{
    job::JobFile,
    plan::{check_expressions, cluster_key_warnings, prepare},
};
use segmenter_proto::Result;
use segmenter_worker::{
    program::{json_line, printable},
    storage::Storage,
};
use serde_json::json;

/// Checks the job file and, unless `offline`, that sources and columns exist.
pub(super) fn validate(context: &Context, request: &JobRequest, offline: bool) -> Result<()> {
    let file = job_file::read(request)?;
    let job = &file.job;
    let errors = check_expressions(&file);
    if !errors.is_empty() {
        return Err(file.errors(errors).into());
    }
    let sources = if offline { None } else { Some(check_sources(context, &file)?) };
    let warnings: Vec<String> = cluster_key_warnings(job, |_| false).iter().map(ToString::to_string).collect();
    for warning in &warnings {
        context.progress.warn(warning);
    }
    if request.json {
        let answer = json!({
            "format_version": 1,
            "valid": true,
            "job": job.name,
            "as_of": job.as_of,
            "offline": offline,
            "sources": sources,
            "warnings": warnings,
        });
        return stdout::print(&json_line(&answer));
    }
    let mut text = String::new();
    for source in sources.iter().flatten() {
        text.push_str(&format!("{}\n", printable(source)));
    }
    let how_far = if offline { "the file alone was checked" } else { "its sources and columns exist" };
    text.push_str(&format!("{}: job {} as of {} is valid; {how_far}\n", printable(&file.path), job.name, job.as_of));
    stdout::print(&text)
}

/// Checks that every source has files, every name in an expression exists, and every expression has a fitting type; gives
/// what was looked at, a line a source.
fn check_sources(context: &Context, file: &JobFile) -> Result<Vec<String>> {
    let prepared = context.runtime.block_on(prepare(file, &Storage::from_environment(), None))?;
    let sources = prepared.inputs.iter().map(|inputs| {
        let rows = inputs.rows().map_or_else(String::new, |rows| format!(", {rows} rows"));
        format!("{}: {} files{rows}, {} bytes", inputs.source.name, inputs.files.len(), inputs.bytes())
    });
    Ok(sources.collect())
}
