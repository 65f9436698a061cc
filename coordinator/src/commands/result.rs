//! The answer of a run: the same object on stdout with `--output json` and in the result file, small and of one form however the run ended.

use super::errors;
use crate::{course::Known, run::RunOutcome};
use chrono::{DateTime, SecondsFormat, Utc};
use segmenter_proto::Error;
use serde_json::{Map, Value, json};

/// Warnings, sources and errors of a job file that are told; of more, how many are left out.
const LISTED: usize = 100;
/// Segments that are told.
const SEGMENTS: usize = 1000;
/// Letters of a text that are told.
const LONGEST: usize = 4000;

/// What stands in the result file while the run goes on, and stays where the program is killed.
pub(super) fn of_beginning(known: &Known) -> Value {
    let error = json!({
        "code": "killed",
        "message": "the program ended without a word, or is still at work",
        "causes": [],
        "hint": "look whether it was killed, for memory say; the same command goes on from the last stage that was done",
        "job_errors": null,
    });
    let mut answer = answer(known, "started", None, true);
    answer["error"] = error;
    answer
}

/// What a run came to that is committed.
pub(super) fn of_outcome(known: &Known, job: &str, outcome: &RunOutcome) -> Value {
    let mut answer = answer(known, "committed", Some(0), false);
    answer["job"] = job.into();
    answer["run"] = outcome.run.as_str().into();
    answer["folder"] = outcome.folder.as_str().into();
    answer["committed_before"] = outcome.committed_before.into();
    answer["segmentations"] = segmentations(&outcome.segments);
    list(&mut answer, "segments", outcome.segments.as_array().cloned().unwrap_or_default(), SEGMENTS);
    let rows = outcome.rows.iter().map(|(source, fates)| (source.clone(), json!(fates)));
    answer["rows"] = rows.collect::<Map<_, _>>().into();
    if let Some(listed) = outcome.exclude_list {
        answer["exclude_list"] = json!(listed);
    }
    list(&mut answer, "warnings", outcome.warnings.iter().map(|text| short(text).into()).collect(), LISTED);
    answer
}

/// What a run came to that failed; `stopped`: it was told to stop.
pub(super) fn of_error(known: &Known, error: &Error, stopped: bool) -> Value {
    let (code, again) = (error.fault.exit_code(), error.fault.retry_helps());
    let mut answer = answer(known, if stopped { "stopped" } else { "failed" }, Some(code), again);
    let event = errors::for_programs(error);
    let texts = |name: &str| event[name].as_array().into_iter().flatten().filter_map(Value::as_str).map(short);
    answer["error"] = json!({
        "code": event["fault"],
        "message": event["message"].as_str().map(short),
        "causes": texts("causes").take(LISTED).collect::<Vec<_>>(),
        "hint": event["hint"].as_str().map(short),
        "job_errors": event["job_errors"].as_array().map(|errors| errors.iter().take(LISTED).collect::<Vec<_>>()),
    });
    answer
}

/// Gives what is told of every run.
fn answer(known: &Known, status: &str, exit_code: Option<u8>, retry_helps: bool) -> Value {
    let job = known.job.as_ref();
    let mut answer = json!({
        "format_version": 1,
        "status": status,
        "exit_code": exit_code,
        "retry_helps": retry_helps,
        "job": job.map(|job| &job.name),
        "run": known.run,
        "folder": known.folder,
        "as_of": job.map(|job| job.as_of),
        "committed_before": false,
        "segmentations": [],
        "segments": [],
        "rows": known.rows.iter().map(|(source, fates)| (source.clone(), json!(fates))).collect::<Map<_, _>>(),
    });
    if let Some(listed) = known.exclude_list {
        answer["exclude_list"] = json!(listed);
    }
    let inputs = known.inputs.iter().map(|input| {
        json!({
            "name": input.name,
            "uri": short(&input.uri),
            "version": input.version,
            "files": input.files,
            "bytes": input.bytes,
        })
    });
    list(&mut answer, "inputs", inputs.collect(), LISTED);
    list(&mut answer, "warnings", known.warnings.iter().map(|text| short(text).into()).collect(), LISTED);
    answer["error"] = Value::Null;
    answer["started_at"] = instant(known.since).into();
    answer["ended_at"] = exit_code.map(|_| instant(Utc::now())).into();
    answer
}

/// Puts a list into the answer, and how many of it are left out where it is too long.
fn list(answer: &mut Value, name: &str, mut items: Vec<Value>, most: usize) {
    let left_out = items.len().saturating_sub(most);
    items.truncate(most);
    answer[name] = items.into();
    if left_out > 0 {
        answer[format!("{name}_left_out")] = left_out.into();
    }
}

/// Gives each segmentation with the number of its segments and of the customers in them, in the order of the job.
fn segmentations(segments: &Value) -> Value {
    let mut found: Vec<(&str, u64, u64)> = Vec::new();
    for segment in segments.as_array().into_iter().flatten() {
        let name = segment["segmentation"].as_str().unwrap_or_default();
        let customers = segment["customers"].as_u64().unwrap_or_default();
        match found.iter_mut().find(|(own, ..)| *own == name) {
            Some((_, segments, all)) => (*segments, *all) = (*segments + 1, *all + customers),
            None => found.push((name, 1, customers)),
        }
    }
    let told = found.into_iter();
    told.map(|(name, segments, customers)| json!({ "name": name, "segments": segments, "customers": customers }))
        .collect()
}

fn short(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

fn instant(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::course::Course;
    use segmenter_proto::RowFates;

    fn outcome() -> RunOutcome {
        let segment = |segmentation: &str, key: &str, customers: u64| json!({ "segmentation": segmentation, "segment_key": key, "customers": customers });
        RunOutcome {
            run: "2026-11-21-0123456789ab".to_owned(),
            folder: "/lake/club/runs/2026-11-21-0123456789ab".to_owned(),
            committed_before: false,
            table: String::new(),
            segments: json!([segment("value", "a", 2), segment("targets", "x", 1), segment("value", "b", 3)]),
            rows: vec![("orders".to_owned(), RowFates { read: 3, used: 2, quarantined: 1, ..RowFates::default() })],
            exclude_list: None,
            sizes: None,
            warnings: (0..120).map(|number| format!("warning {number}")).collect(),
        }
    }

    #[test]
    fn a_run_that_is_committed_tells_what_it_came_to() {
        let read = of_outcome(&Course::default().known(), "club", &outcome());
        assert_eq!((&read["status"], &read["exit_code"]), (&json!("committed"), &json!(0)));
        assert_eq!(read["rows"]["orders"]["quarantined"], 1);
        let sizes = json!([{ "name": "value", "segments": 2, "customers": 5 }, { "name": "targets", "segments": 1, "customers": 1 }]);
        assert_eq!(read["segmentations"], sizes);
        assert_eq!((read["warnings"].as_array().unwrap().len(), &read["warnings_left_out"]), (100, &json!(20)));
    }

    #[test]
    fn however_it_ends_the_keys_are_the_same() {
        let known = Course::default().known();
        let error = Error::data("ż".repeat(5000)).with_hint("deliver it again");
        let keys = |value: &Value| {
            value.as_object().unwrap().keys().filter(|key| !key.ends_with("_left_out")).cloned().collect::<Vec<_>>()
        };
        let failed = of_error(&known, &error, false);
        assert_eq!(keys(&failed), keys(&of_outcome(&known, "club", &outcome())));
        assert_eq!(keys(&failed), keys(&of_beginning(&known)));
        assert_eq!((&failed["exit_code"], &failed["retry_helps"]), (&json!(3), &json!(false)));
        assert_eq!((&failed["error"]["code"], &failed["error"]["hint"]), (&json!("data"), &json!("deliver it again")));
        assert_eq!(failed["error"]["message"].as_str().unwrap().chars().count(), 4001);
        let stopped = of_error(&known, &Error::dependency("stopped"), true);
        assert_eq!((&stopped["status"], &stopped["retry_helps"]), (&json!("stopped"), &json!(true)));
    }
}
