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
fn the_table_leaves_out_empty_segments() {
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders_of(100, 1));
    let sections = "[features]\npresets = [{ name = \"rfm\" }]\n[[segmentation]]\nname = \"value\"\nmethod = \"rfm\"\n\
                    [[segmentation]]\nname = \"targets\"\nmethod = \"rules\"\n\
                    [[segmentation.rule]]\nname = \"nobody\"\nwhen = \"monetary > 1e12\"\n\
                    [[segmentation.rule]]\nname = \"all\"\nwhen = \"true\"\n";
    let ran = workspace.run(&workspace.job(&job("uri = \"@IN@/orders.parquet\"", sections))).go().succeeded();
    let run = CommittedRun::of(&ran);
    let table: Vec<&str> = ran.stderr.lines().filter(|line| !line.starts_with('{')).collect();
    let segments = run.table("segments.parquet");
    let (keys, customers) = (segments.column("segment_key"), segments.numbers("customers"));
    for (key, customers) in keys.into_iter().flatten().zip(customers) {
        let told = table.iter().any(|line| line.split_whitespace().next() == Some(key));
        assert_eq!(told, customers > 0.0, "{key} of {customers} customers: {ran}");
    }
    assert!(table.iter().any(|line| line.starts_with("targets (rules): ") && line.ends_with(" in 1 segment")), "{ran}");
    run.warned_of(&["segmentation targets: rule `nobody` has no customers"]);
}

#[test]
fn with_json_an_error_is_an_event() {
    let workspace = Workspace::new();
    let job = workspace.job("format_version = 1\n");
    let ran = workspace.run(&job).args(&["--output", "json"]).go().failed_with(2);
    let event: Value = serde_json::from_str(ran.stderr.lines().last().unwrap()).unwrap();
    assert_eq!((&event["event"], &event["exit_code"]), (&"error".into(), &2.into()), "{ran}");
}

#[test]
fn who_wants_quiet_hears_of_warnings_and_errors_alone() {
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders_of(100, 1));
    let sections = "[features]\npresets = [{ name = \"rfm\" }]\n[[segmentation]]\nname = \"targets\"\nmethod = \"rules\"\n\
                    [[segmentation.rule]]\nname = \"nobody\"\nwhen = \"monetary > 1e12\"\n";
    let job = workspace.job(&job("uri = \"@IN@/orders.parquet\"", sections));
    let ran = workspace.run(&job).args(&["--quiet"]).go().succeeded();
    let lines: Vec<Value> = ran.stderr.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(!lines.is_empty() && lines.iter().all(|line| line["event"] == "warning"), "{ran}");
    assert!(std::path::Path::new(ran.run_folder()).exists(), "{ran}");
    let ran = workspace.run(&job).args(&["--verbose", "--new-run"]).go().succeeded();
    assert!(ran.stderr.lines().filter(|line| !line.contains("\"event\"")).count() > 0, "{ran}");
    let broken = workspace.job_named("broken.toml", "format_version = 1\n");
    let ran = workspace.run(&broken).args(&["-q"]).go().failed_with(2);
    assert!(ran.stderr.contains("error"), "{ran}");
}
