//! `segmenter evaluate`: what the segments of a committed run are worth, by what customers did from its `as_of` on.

use crate::harness::*;
use std::path::Path;

const SECTIONS: &str = r#"
[features]
presets = [{ name = "rfm" }]
[[segmentation]]
name     = "value"
method   = "rfm"
[[segmentation]]
name     = "behaviour"
method   = "kmeans"
features = ["recency_days", "frequency", "monetary"]
k        = 3
"#;
const OUTCOME: &str = "\n[effectiveness]\noutcome = \"30d\"\n";

/// Orders before 2026, and those of January.
fn orders() -> (Vec<Order>, Vec<Order>) {
    let midnight = timestamp("2026-01-01 00:00:00");
    let before: Vec<Order> = orders_of(300, 41).into_iter().filter(|order| order.ordered_at < midnight).collect();
    let mut rng = Rng(42);
    let mut after = Vec::new();
    for customer in 0..300 {
        for number in 0..rng.below(3) {
            let day = format!("2026-01-{:02} 12:00:00", 1 + rng.below(30));
            after.push(Order::new(&format!("C{customer:05}"), &format!("N{customer}-{number}"), &day, "20.00"));
        }
    }
    after.push(Order::new("C00001", "last", "2026-01-30 23:00:00", "20.00"));
    (before, after)
}

fn job_with(sections: &str) -> String {
    job("uri = \"@IN@/*.parquet\"", sections)
}

fn evaluate(workspace: &Workspace, job: &Path, args: &[&str]) -> Program {
    let scratch = workspace.uri("scratch");
    std::fs::create_dir_all(&scratch).unwrap();
    Program::segmenter(&["evaluate", job.to_str().unwrap(), "--scratch", &scratch]).args(args)
}

fn run_id(folder: &str) -> &str {
    folder.rsplit('/').next().unwrap()
}

/// The run of the 1st of January, made when January had not come yet.
fn judged() -> (Workspace, CommittedRun) {
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/before.parquet"), &orders().0);
    let run = workspace.committed(&workspace.job(&job_with(SECTIONS)));
    (workspace, run)
}

#[test]
fn a_run_is_judged_when_its_window_is_over() {
    let (workspace, run) = judged();
    write_orders_parquet(&workspace.path("in/january.parquet"), &orders().1);
    let job = workspace.job(&job_with(&format!("{SECTIONS}{OUTCOME}")));
    let ran = evaluate(&workspace, &job, &["--run", "latest"]).go().succeeded();
    let judged = CommittedRun::of(&ran);
    assert!(judged.folder.contains(&format!("/trial/evaluations/{}/runs/2026-01-01-", run_id(&run.folder))));
    for segmentation in ["value", "behaviour"] {
        let rows = |run: &CommittedRun| run.assignments(segmentation).described();
        assert_eq!(rows(&judged), rows(&run), "{segmentation}");
    }
    assert!(!ran.stderr.contains("files of assignments"), "{ran}");
    let outcome = |run: &CommittedRun| {
        let table = run.table("effectiveness.parquet");
        let basis = table.position("basis");
        table.rows.into_iter().filter(|row| row[basis].as_deref() == Some("outcome")).collect::<Vec<_>>()
    };
    // A run that has the rows from the beginning says the same.
    let fresh = workspace.committed(&job);
    assert_eq!(outcome(&judged), outcome(&fresh));
    assert!(!outcome(&judged).is_empty() && outcome(&run).is_empty());
    assert_eq!(judged.files["model.json"], run.files["model.json"]);
}

#[test]
fn rows_that_came_late_are_told_of() {
    let (workspace, run) = judged();
    let (_, mut after) = orders();
    after.push(Order::new("C00001", "late", "2025-12-31 12:00:00", "9000.00"));
    write_orders_parquet(&workspace.path("in/january.parquet"), &after);
    let job = workspace.job(&job_with(&format!("{SECTIONS}{OUTCOME}")));
    let args = ["--run", run_id(&run.folder), "--output", "json"];
    let ran = evaluate(&workspace, &job, &args).go().succeeded();
    let answer: serde_json::Value = serde_json::from_str(ran.stdout.trim()).unwrap();
    let warnings: Vec<&str> = answer["warnings"].as_array().unwrap().iter().filter_map(|text| text.as_str()).collect();
    assert!(
        warnings.iter().any(|text| text.contains("of 2 files of assignments are not those of run")),
        "{warnings:?}"
    );
}

#[test]
fn what_cannot_be_judged_says_why() {
    let (workspace, _) = judged();
    let refused = |sections: &str, args: &[&str]| {
        let job = workspace.job(&job_with(&format!("{SECTIONS}{sections}")));
        evaluate(&workspace, &job, args).go().failed_with(2).stderr
    };
    let error = refused("", &["--run", "latest"]);
    assert!(error.contains("no outcome window") && error.contains("outcome = \"90d\""), "{error}");
    let error = refused(OUTCOME, &["--run", "latest", "--as-of", "2026-01-01"]);
    assert!(error.contains("--as-of"), "a run is judged by what came after its own day: {error}");
    let error = refused(OUTCOME, &["--run", "2026-01-01-000000000000"]);
    assert!(error.contains("is committed"), "{error}");
}
