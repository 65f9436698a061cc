//! How far a run is, asked from elsewhere.

use crate::harness::*;
use serde_json::Value;
use std::{path::Path, time::Duration};

fn asked(job: &Path) -> (Value, String) {
    let ask = |arguments: &[&str]| {
        let ran = Program::segmenter(&["status", job.to_str().unwrap()]).args(arguments).go().succeeded();
        ran.stdout.trim().to_owned()
    };
    (serde_json::from_str(&ask(&["--output", "json"])).unwrap(), ask(&[]))
}

#[test]
fn a_run_under_way_says_how_far_it_is_and_nothing_is_left_of_that() {
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders_of(60, 5));
    let job = workspace.job(&job("uri = \"@IN@/orders.parquet\"", ONLY_RFM));
    let (nothing, text) = asked(&job);
    assert_eq!((nothing["under_way"].as_array().unwrap().len(), &nothing["newest"]), (0, &Value::Null));
    assert_eq!(text, "no run is under way\nno run is committed");

    let wait = sleep_at("assign.start", Duration::from_secs(6));
    let mut running = workspace.run(&job).failpoint(&wait).start();
    running.until_fired("assign.start");
    std::thread::sleep(Duration::from_secs(2));
    let (status, text) = asked(&job);
    let own = &status["under_way"][0];
    let stages: Vec<&str> =
        own["stages"].as_array().unwrap().iter().map(|stage| stage["stage"].as_str().unwrap()).collect();
    assert_eq!(stages, ["partition", "features", "fit/value"], "{status:#}");
    assert!(own["stages"].as_array().unwrap().iter().all(|stage| stage["is_done"] == true), "{status:#}");
    assert_eq!(
        (&own["format_version"], &own["generation"], own["stages"][0]["rows"].as_u64().unwrap() > 0),
        (&1.into(), &1.into(), true)
    );
    assert!(text.contains(&format!("run {}, begun at", own["run"].as_str().unwrap())), "{text}");
    assert!(text.contains("partition") && text.ends_with("no run is committed"), "{text}");

    let ran = running.wait().succeeded();
    let run = ran.run_folder().rsplit('/').next().unwrap().to_owned();
    assert_eq!(asked(&job).1, format!("no run is under way\nthe newest committed run is {run}"));
    assert!(!workspace.root().join(format!("out/trial/_work/{run}")).join("status.json").exists());
}
