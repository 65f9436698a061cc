//! `segmenter status`: how far the runs of a job are that are under way.

use super::{context::Context, job_file, request::JobRequest, stdout};
use crate::{
    inventory::{State, UNDER_WAY, find_runs},
    progress::{grouped, took},
    status::{StageStatus, Status, read_status},
};
use chrono::Utc;
use segmenter_proto::{Result, object_keys::RunKeys};
use segmenter_worker::{
    program::{json_line, printable},
    storage::Storage,
};
use serde_json::json;

/// Prints how far each run is that was begun and is not committed, the newest first, and which run is the newest that is.
pub(super) fn status(context: &Context, request: &JobRequest) -> Result<()> {
    let file = job_file::read(request)?;
    let job = &file.job;
    let output = Storage::from_environment().open(&job.output.uri)?;
    let now = Utc::now();
    let (statuses, newest) = context.runtime.block_on(async {
        let found = find_runs(&output, &job.name).await?;
        let newest = found.iter().find(|run| run.is_whole()).map(|run| run.run.clone());
        let mut statuses = Vec::new();
        let is_fresh = |changed| now - changed < UNDER_WAY;
        for run in found.iter().filter(|run| run.state == State::Begun && run.changed_at.is_some_and(is_fresh)) {
            statuses.extend(read_status(&output, &RunKeys::new(&job.name, &run.run)).await?);
        }
        Ok::<_, segmenter_proto::Error>((statuses, newest))
    })?;
    if request.json {
        return stdout::print(&json_line(
            &json!({ "format_version": 1, "job": job.name, "under_way": statuses, "newest": newest }),
        ));
    }
    let told: Vec<String> = statuses.iter().map(|status| for_people(status, now)).collect();
    let newest = match newest {
        Some(run) => format!("the newest committed run is {run}"),
        None => "no run is committed".to_owned(),
    };
    let none = if told.is_empty() { Some("no run is under way".to_owned()) } else { None };
    stdout::print(&told.into_iter().chain(none).chain([newest]).collect::<Vec<_>>().join("\n"))
}

fn for_people(status: &Status, now: chrono::DateTime<Utc>) -> String {
    let since = (now - status.written_at).num_seconds().max(0);
    let mut lines = vec![format!(
        "run {}, begun at {}, as it was {since} s ago",
        status.run,
        status.began_at.format("%Y-%m-%d %H:%M:%S UTC")
    )];
    if status.generation > 1 {
        let times = match status.generation - 1 {
            1 => "once".to_owned(),
            times => format!("{times} times"),
        };
        lines.push(format!("  it was interrupted and taken on again {times}"));
    }
    lines.extend(status.stages.iter().map(line));
    lines.extend(status.warnings.iter().map(|warning| format!("  warning: {}", printable(warning))));
    lines.join("\n")
}

fn line(stage: &StageStatus) -> String {
    let mut line = format!("  {:<20} {:>8.1} s", stage.stage, stage.seconds);
    if let Some([done, total]) = stage.tasks {
        line.push_str(&format!("  {} of {}", grouped(done), grouped(total)));
    }
    if let Some(left) = stage.seconds_left {
        line.push_str(&format!(", about {left:.0} s left"));
    }
    let (workers, retries) = (stage.workers.unwrap_or_default(), stage.retries.unwrap_or_default());
    line + &took(stage.rows, stage.bytes, workers, stage.skew, retries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_reads_how_far_it_is() {
        let at = |text: &str| text.parse().unwrap();
        let status = crate::status::example();
        let expected = "run 2026-11-30-0123456789ab, begun at 2026-11-30 03:00:00 UTC, as it was 4 s ago
  it was interrupted and taken on again once
  partition                 1.8 s       20,000,000 rows   412 MB  3 workers, skew 1.20  1 retry
  fit/value                12.0 s  12 of 63, about 51 s left       20,000,000 rows
  warning: 2 rows are odd";
        assert_eq!(for_people(&status, at("2026-11-30T03:00:14Z")), expected);
    }
}
