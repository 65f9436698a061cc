//! Deletions that are cut off, and runs that are under way meanwhile.

use crate::harness::*;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::time::Duration;

const DAYS: [&str; 3] = ["2025-11-01", "2025-12-01", "2026-01-01"];

/// A job with a run for each day, the oldest of which has been evaluated.
fn prepared() -> (Workspace, PathBuf, Vec<String>) {
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders_of(60, 5));
    let text = job("uri = \"@IN@/orders.parquet\"", ONLY_RFM).replace("[output]\n", "[output]\nprevious = \"none\"\n");
    let job = workspace.job(&format!("{text}[effectiveness]\noutcome = \"30d\"\n"));
    let run = |day: &&str| {
        let ran = workspace.run(&job).args(&["--as-of", day]).go().succeeded();
        ran.run_folder().rsplit('/').next().unwrap().to_owned()
    };
    let runs: Vec<String> = DAYS.iter().map(run).collect();
    let scratch = workspace.uri("scratch");
    Program::segmenter(&["evaluate", job.to_str().unwrap(), "--run", &runs[0], "--scratch", &scratch]).go().succeeded();
    (workspace, job, runs)
}

fn gc(job: &Path) -> Program {
    Program::segmenter(&["gc", job.to_str().unwrap(), "--keep", "1", "--yes", "--output", "json"])
}

/// Ids and states of what is left, the newest first.
fn left(job: &Path) -> Vec<(String, String)> {
    let ran = Program::segmenter(&["runs", job.to_str().unwrap(), "--output", "json"]).go().succeeded();
    let found: Value = serde_json::from_str(ran.stdout.lines().last().unwrap()).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    found["runs"].as_array().unwrap().iter().map(|run| (text(&run["run"]), text(&run["state"]))).collect()
}

#[test]
fn a_deletion_that_is_killed_leaves_no_half_of_a_run_and_the_next_one_ends_it() {
    for point in ["gc.commit", "gc.middle", "gc.end"] {
        let (workspace, job, runs) = prepared();
        gc(&job).failpoint(&format!("{point}:1=abort")).go().aborted_at(point);
        // What is left of it is no run to anybody.
        let states = left(&job);
        let newer = |at: usize| (runs[at].clone(), "committed".to_owned());
        assert_eq!(states[..2], [newer(2), newer(1)], "{point}");
        assert!(states[2..].iter().all(|(_, state)| state == "leftover"), "{point}: {states:?}");
        let verify = Program::segmenter(&["verify", job.to_str().unwrap(), "--run", &runs[0]]).go();
        assert_eq!(verify.code(), Some(3), "{point}: {verify}");
        let latest = Program::segmenter(&["latest", job.to_str().unwrap()]).go().succeeded();
        assert!(latest.run_folder().ends_with(&runs[2]), "{point}");

        gc(&job).go().succeeded();
        assert_eq!(left(&job), [newer(2)], "{point}");
        let evaluations = workspace.root().join("out/trial/evaluations");
        assert_eq!(std::fs::read_dir(evaluations).map_or(0, Iterator::count), 0, "{point}");
    }
}

#[test]
fn what_was_half_deleted_can_be_made_again() {
    let (workspace, job, runs) = prepared();
    gc(&job).failpoint("gc.commit:1=abort").go().aborted_at("gc.commit");
    let again = workspace.run(&job).args(&["--as-of", DAYS[0]]).go().succeeded();
    assert!(again.run_folder().ends_with(&runs[0]));
    CommittedRun::of(&again);
}

#[test]
fn a_run_that_is_under_way_is_left_alone_and_ends_as_ever() {
    let (workspace, job, runs) = prepared();
    let wait = sleep_at("assign.start", Duration::from_secs(8));
    let mut running = workspace.run(&job).args(&["--new-run", "--as-of", DAYS[1]]).failpoint(&wait).start();
    running.until_fired("assign.start");
    let ran = gc(&job).go().succeeded();
    let told: Value = serde_json::from_str(ran.stdout.lines().last().unwrap()).unwrap();
    let kept = told["keep"].as_array().unwrap();
    assert!(kept.iter().any(|own| own["why"] == "it may be under way"), "{told:#}");
    // Compared with the newest run of before its day, which stays too.
    let compared = kept.iter().find(|own| own["run"] == runs[0].as_str()).unwrap();
    assert!(compared["why"].as_str().unwrap().contains("may be under way"), "{told:#}");
    let run = CommittedRun::of(&running.wait().succeeded());
    assert!(left(&job).iter().any(|(own, state)| run.folder.ends_with(own) && state == "committed"));
}

#[test]
fn a_run_that_somebody_goes_on_with_while_others_are_deleted_is_kept() {
    let (workspace, job, runs) = prepared();
    let mut deleting = gc(&job).failpoint(&sleep_at("gc.commit:1", Duration::from_secs(8))).start();
    deleting.until_fired("gc.commit");
    let scratch = workspace.uri("scratch");
    let evaluate = ["evaluate", job.to_str().unwrap(), "--run", &runs[1], "--scratch", &scratch];
    Program::segmenter(&evaluate).go().succeeded();
    let ran = deleting.wait().succeeded();
    let told: Value = serde_json::from_str(ran.stdout.lines().last().unwrap()).unwrap();
    let kept = told["keep"].as_array().unwrap().iter().find(|own| own["run"] == runs[1].as_str()).unwrap();
    assert!(kept["why"].as_str().unwrap().contains("it changed since"), "{told:#}");
    assert_eq!(left(&job), [2, 1].map(|at: usize| (runs[at].clone(), "committed".to_owned())));
}
