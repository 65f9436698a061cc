//! `segmenter runs`: which runs of a job there are.

use super::{context::Context, job_file, request::JobRequest, stdout};
use crate::{
    inventory::{FoundRun, find_runs},
    progress::bytes_for_people,
};
use chrono::{DateTime, SecondsFormat, Utc};
use segmenter_proto::Result;
use segmenter_worker::{program::json_line, storage::Storage};
use serde_json::{Value, json};

/// Prints the runs of a job, the newest first, committed or not.
pub(super) fn runs(context: &Context, request: &JobRequest) -> Result<()> {
    let file = job_file::read(request)?;
    let job = &file.job;
    let folder = Storage::from_environment().open(&job.output.uri)?;
    let found = context.runtime.block_on(find_runs(&folder, &job.name))?;
    if request.json {
        let runs: Vec<Value> = found.iter().map(for_programs).collect();
        let folder = folder.uri_of(&job.name);
        return stdout::print(&json_line(
            &json!({ "format_version": 1, "job": job.name, "folder": folder, "runs": runs }),
        ));
    }
    stdout::print(&for_people(&found))
}

/// Gives a run as programs read it.
pub(super) fn for_programs(run: &FoundRun) -> Value {
    json!({
        "run": run.run,
        "state": run.state.word(),
        "as_of": run.as_of,
        "sequence": run.is_committed().then_some(run.sequence),
        "committed_at": run.committed_at.map(instant),
        "changed_at": run.changed_at.map(instant),
        "customers": run.customers,
        "previous": run.previous,
        "files": run.files,
        "bytes": run.bytes,
        "scores": run.scores,
        "evaluations": run.evaluations,
        "damage": run.damage,
    })
}

/// Gives the table of runs, with what is wrong below it.
fn for_people(runs: &[FoundRun]) -> String {
    if runs.is_empty() {
        return "no run is committed or begun".to_owned();
    }
    let none = || "-".to_owned();
    let head = ["run", "state", "committed at", "customers", "size", "scores", "evaluations", "previous"];
    let mut rows: Vec<Vec<String>> = vec![head.map(str::to_owned).to_vec()];
    rows.extend(runs.iter().map(|run| {
        vec![
            run.run.clone(),
            run.state.word().to_owned(),
            run.committed_at.map_or_else(none, |at| at.format("%Y-%m-%d %H:%M").to_string()),
            run.customers.map_or_else(none, |customers| customers.to_string()),
            bytes_for_people(run.bytes),
            run.scores.len().to_string(),
            run.evaluations.len().to_string(),
            run.previous.clone().unwrap_or_else(none),
        ]
    }));
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        cells.join("  ").trim_end().to_owned()
    };
    let wrong = runs.iter().filter(|run| !run.damage.is_empty()).map(|run| {
        let more = if run.damage.len() > 3 { ", …" } else { "" };
        format!("{}: {}{more}", run.run, run.damage.iter().take(3).cloned().collect::<Vec<_>>().join(", "))
    });
    rows.iter().map(line).chain(wrong).collect::<Vec<_>>().join("\n")
}

fn instant(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}
