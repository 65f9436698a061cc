//! Those who listen to runs may hang, refuse or fail, and runs may be killed or stopped: the exit code is the run's own, and its end is told.

use crate::harness::*;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

fn prepared() -> (Workspace, PathBuf, PathBuf) {
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders_of(200, 5));
    let job = workspace.job(&job("uri = \"@IN@/orders.parquet\"", ONLY_RFM));
    let result = workspace.path("result.json");
    (workspace, job, result)
}

fn result_of(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Events by type, with the id of their run.
fn events(folder: &Path) -> Vec<(String, String)> {
    let text = std::fs::read_to_string(folder.join("lineage.jsonl")).unwrap();
    let events = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    events.map(|event| (text(&event["eventType"]), text(&event["run"]["runId"]))).collect()
}

fn types(events: &[(String, String)]) -> Vec<&str> {
    events.iter().map(|(kind, _)| kind.as_str()).collect()
}

/// The folder of the only run of the job.
fn only_run(workspace: &Workspace) -> PathBuf {
    let mut runs = std::fs::read_dir(workspace.root().join("out/trial/runs")).unwrap();
    let run = runs.next().unwrap().unwrap().path();
    assert!(runs.next().is_none());
    run
}

#[test]
fn listeners_that_fail_are_warned_of_and_change_nothing() {
    let broken = Listener::new(Manners::Broken);
    let nobody = format!("http://127.0.0.1:{}", free_port());
    for (url, says) in [(&broken.url, "it answered 500 Internal Server Error"), (&nobody, "refused")] {
        let (workspace, job, _) = prepared();
        let ran = workspace
            .run(&job)
            .env("OPENLINEAGE_URL", url)
            .env("OTEL_EXPORTER_OTLP_ENDPOINT", url)
            .go()
            .succeeded()
            .says(&[
                "lineage could not be sent to",
                "traces could not be sent to",
                "metrics could not be sent to",
                says,
            ]);
        assert_eq!(types(&events(Path::new(ran.run_folder()))), ["START", "COMPLETE"], "the file has them");
        Program::segmenter(&["verify", job.to_str().unwrap()]).go().succeeded();
    }
    assert_eq!(broken.heard().len(), 4, "two events, a trace, metrics");
}

#[test]
fn a_listener_that_never_answers_holds_a_run_up_for_a_few_seconds() {
    let (workspace, job, result) = prepared();
    let silent = Listener::new(Manners::Silent);
    let since = Instant::now();
    let ran = workspace
        .run(&job)
        .args(&["--result-file", result.to_str().unwrap()])
        .env("OPENLINEAGE_URL", &silent.url)
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", &silent.url)
        .go()
        .succeeded()
        .says(&["lineage could not be sent to", "traces could not be sent to"]);
    assert!(since.elapsed() < Duration::from_secs(20), "{:?}", since.elapsed());
    assert_eq!(types(&events(Path::new(ran.run_folder()))), ["START", "COMPLETE"]);
    assert_eq!(result_of(&result)["status"], "committed");
}

#[test]
fn traces_and_metrics_arrive_where_they_are_asked_for() {
    let (workspace, job, _) = prepared();
    let listener = Listener::new(Manners::Polite);
    let run = |name: &str, value: &str| {
        let asked = workspace.run(&job).args(&["--new-run"]).env("OTEL_EXPORTER_OTLP_ENDPOINT", &listener.url);
        asked.env("OTEL_EXPORTER_OTLP_HEADERS", "api-key=secret").env(name, value).go().succeeded()
    };
    run("OTEL_SERVICE_NAME", "crm-nightly");
    let heard = listener.heard();
    let mut paths: Vec<_> = heard.iter().map(|heard| heard.what.as_str()).collect();
    paths.sort_unstable();
    assert_eq!(paths, ["POST /v1/metrics", "POST /v1/traces"]);
    for request in &heard {
        assert_eq!(
            (request.header("api-key"), request.header("content-type")),
            (Some("secret"), Some("application/x-protobuf"))
        );
        let text = String::from_utf8_lossy(&request.body);
        for word in ["service.name", "crm-nightly", "segmenter.job", "trial", "partition"] {
            assert!(text.contains(word), "no {word} in {}", request.what);
        }
    }
    run("OTEL_SDK_DISABLED", "true");
    run("OTEL_TRACES_EXPORTER", "none");
    assert_eq!(listener.heard()[2..].iter().map(|heard| heard.what.as_str()).collect::<Vec<_>>(), ["POST /v1/metrics"]);
}

#[test]
fn a_run_that_is_killed_leaves_a_result_and_the_next_one_goes_on() {
    let (workspace, job, result) = prepared();
    let run = || workspace.run(&job).args(&["--result-file", result.to_str().unwrap()]);
    run().failpoint("assign.start=abort").go().aborted_at("assign.start");
    let killed = result_of(&result);
    assert_eq!(
        (&killed["status"], &killed["exit_code"], &killed["retry_helps"]),
        (&"started".into(), &Value::Null, &true.into())
    );
    assert_eq!(killed["error"]["code"], "killed");
    let folder = only_run(&workspace);
    assert_eq!(types(&events(&folder)), ["START"]);

    run().go().succeeded();
    assert_eq!(result_of(&result)["status"], "committed");
    let events = events(&folder);
    assert_eq!(types(&events), ["START", "START", "COMPLETE"]);
    assert!(events[0].1 != events[1].1 && events[1].1 == events[2].1, "each program is a run of its own: {events:?}");
}

#[test]
fn a_run_that_is_told_to_stop_says_so() {
    let (workspace, job, result) = prepared();
    let wait = sleep_at("features.start", Duration::from_secs(2));
    let mut running = workspace.run(&job).args(&["--result-file", result.to_str().unwrap()]).failpoint(&wait).start();
    running.until_fired("features.start");
    running.terminate();
    running.wait().failed_with(4);
    let stopped = result_of(&result);
    assert_eq!(
        (&stopped["status"], &stopped["exit_code"], &stopped["retry_helps"]),
        (&"stopped".into(), &4.into(), &true.into())
    );
    assert_eq!(types(&events(&only_run(&workspace))), ["START", "ABORT"]);
}

#[test]
fn a_second_signal_ends_it_at_once_and_the_result_still_says_so() {
    let (workspace, job, result) = prepared();
    let wait = sleep_at("features.start", Duration::from_secs(30));
    let mut running = workspace.run(&job).args(&["--result-file", result.to_str().unwrap()]).failpoint(&wait).start();
    running.until_fired("features.start");
    running.terminate();
    running.until("stopping");
    running.terminate();
    running.wait().failed_with(4);
    assert_eq!(result_of(&result)["status"], "stopped");
}

#[test]
fn a_store_that_is_lost_stands_in_the_result() {
    let (workspace, job, result) = prepared();
    workspace
        .run(&job)
        .args(&["--result-file", result.to_str().unwrap()])
        .failpoint("features.end=error")
        .go()
        .failed_with(4)
        .fired("features.end");
    let lost = result_of(&result);
    assert_eq!(
        (&lost["status"], &lost["error"]["code"], &lost["retry_helps"]),
        (&"failed".into(), &"dependency".into(), &true.into())
    );
    assert!(lost["run"].is_string() && lost["inputs"][0]["name"] == "orders", "what was known is told: {lost}");
    assert_eq!(types(&events(&only_run(&workspace))), ["START", "FAIL"]);
}
