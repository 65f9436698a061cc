//! `segmenter run`: the job itself.

use super::{
    connect::{self, RunOptions, RunOutcome},
    context::Context,
    job_file,
    request::JobRequest,
    stdout,
};
use segmenter_proto::Result;
use serde_json::json;

/// Runs the job and prints the run's folder.
pub(super) fn run(context: &Context, request: &JobRequest, shards: Option<u32>, new_run: bool) -> Result<()> {
    let file = job_file::read(request)?;
    let outcome = connect::run(context, &file, RunOptions { shards, new_run })?;
    if outcome.committed_before {
        let text = format!("run {} is committed; nothing to do (--new-run runs it again)", outcome.run);
        context.progress.tell("committed_before", &text, [("run", outcome.run.as_str().into())]);
    }
    if !outcome.table.is_empty() {
        context.progress.show(&outcome.table);
    }
    stdout::print(&answer(&file.job.name, &outcome, request.json))
}

fn answer(job: &str, outcome: &RunOutcome, json: bool) -> String {
    if !json {
        return outcome.folder.clone();
    }
    json!({
        "format_version": 1,
        "job": job,
        "run": outcome.run,
        "folder": outcome.folder,
        "committed_before": outcome.committed_before,
        "segments": outcome.segments,
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_ends_with_the_folder_or_is_one_line_of_json() {
        let outcome = RunOutcome {
            run: "2026-11-21-0123456789ab".to_owned(),
            folder: "/lake/club/runs/2026-11-21-0123456789ab".to_owned(),
            committed_before: false,
            table: String::new(),
            segments: json!([]),
        };
        assert_eq!(answer("club", &outcome, false), outcome.folder);
        let read: serde_json::Value = serde_json::from_str(&answer("club", &outcome, true)).unwrap();
        assert_eq!(read["folder"], outcome.folder);
    }
}
