//! Data on stdout, everything else on stderr: a bar on a terminal, else a JSON line an event.

use crate::harness::*;
use serde_json::Value;

#[test]
fn stdout_is_for_results_and_stderr_for_progress() {
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders_of(100, 1));
    let sections = format!("{DIGEST_FEATURES}{EVERY_METHOD}");
    let job = workspace.job(&job("uri = \"@IN@/orders.parquet\"", &sections));
    let ran = workspace.run(&job).go().succeeded();
    assert!(std::path::Path::new(ran.run_folder()).join("commit.json").exists(), "{ran}");

    let events: Vec<Value> = ran.stderr.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    // The commit is no stage with an event: the last line on stdout tells of it.
    for stage in &STAGES[..5] {
        // Every segmentation is a fit of its own: `fit/value`.
        let of_stage =
            |event: &Value| event["stage"].as_str().is_some_and(|name| name.split('/').next() == Some(*stage));
        assert!(events.iter().any(of_stage), "no event of {stage}: {ran}");
    }
    assert!(!ran.stderr.contains('\u{1b}') && !ran.stdout.contains('\u{1b}'), "no colour without a terminal: {ran}");
}

#[test]
fn with_json_an_error_is_an_event() {
    let workspace = Workspace::new();
    let job = workspace.job("format_version = 1\n");
    let ran = workspace.run(&job).args(&["--output", "json"]).go().failed_with(2);
    let event: Value = serde_json::from_str(ran.stderr.lines().last().unwrap()).unwrap();
    assert_eq!((&event["event"], &event["exit_code"]), (&"error".into(), &2.into()), "{ran}");
}
