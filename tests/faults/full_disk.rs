//! A worker that cannot write: its tasks fail, and are done elsewhere or end the run with the file's name.

use crate::harness::*;
use std::path::Path;

/// Starts a worker whose files may not grow beyond 1,024 bytes, which is what a full disk looks like to it. The signal of
/// that limit is ignored, so that writing fails instead.
fn worker_on_a_full_disk(trial: &Trial, coordinator: &Coordinator) -> Running {
    let limit = "trap '' XFSZ; ulimit -f 2; exec \"$0\" \"$@\"";
    trial.worker(coordinator).behind(&["sh", "-c", limit]).start()
}

#[test]
fn its_tasks_are_done_elsewhere() {
    let trial = Trial::new();
    let coordinator = Coordinator::start(trial.coordinator(2));
    let full = worker_on_a_full_disk(&trial, &coordinator).until_open();
    let other = trial.worker(&coordinator).start();
    let ran = coordinator.wait().succeeded().says(&["attempt failed", "cannot write", "File too large"]);
    let run = trial.assert_same(&ran);
    assert!(run.figure("partition", "retries") >= 1 && run.figure("features", "retries") >= 1, "{ran}");
    full.wait().succeeded();
    other.wait().succeeded();
}

#[test]
fn alone_it_ends_the_run_and_the_file_is_named() {
    let trial = Trial::new();
    let coordinator = Coordinator::start(trial.coordinator(1));
    let _full = worker_on_a_full_disk(&trial, &coordinator);
    let ran = coordinator.wait();
    assert!(matches!(ran.code(), Some(4 | 6)), "{ran}");
    let ran = ran.says(&["cannot write", "/chunks/", "File too large"]);
    // What the file needs is not all that the run does.
    let ran = ran.says(&["in all, this run is estimated to need up to", "for work files in", "for results in"]);
    assert!(!trial.workspace.has_commit(), "{ran}");
    // The disk has room again.
    let coordinator = Coordinator::start(trial.coordinator(1));
    let worker = trial.worker(&coordinator).start();
    trial.assert_same(&coordinator.wait().succeeded());
    worker.wait().succeeded();
}

/// Gives the bytes of all files below a folder.
fn bytes_below(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().map(Result::unwrap);
    entries
        .map(|entry| if entry.path().is_dir() { bytes_below(&entry.path()) } else { entry.metadata().unwrap().len() })
        .sum()
}

#[test]
fn a_run_on_a_full_disk_says_what_it_needs_in_all_and_that_is_enough() {
    let workspace = Workspace::new();
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders_of(5_000, 30));
    let source = "uri = \"@IN@/orders.parquet\"\nkey = [\"order_id\", \"line_no\"]";
    let job = workspace.job(&job(source, &format!("{DIGEST_FEATURES}{EVERY_METHOD}")));
    let plan = Program::segmenter(&["plan", job.to_str().unwrap(), "--output", "json"]).go().succeeded();
    let plan: serde_json::Value = serde_json::from_str(&plan.stdout).unwrap();
    let promised = plan["scratch_needed"].as_u64().unwrap();

    let full = "trap '' XFSZ; ulimit -f 64; exec \"$0\" \"$@\"";
    let ran = workspace.run(&job).behind(&["sh", "-c", full]).go().failed_with(6);
    let ran = ran.says(&["there is no room for", "in all, this run is estimated to need up to", "for work files in"]);
    assert!(ran.stderr.contains(&workspace.uri("scratch")), "{ran}");

    workspace.forget_results();
    workspace.run(&job).failpoint("measure.start=abort").go().aborted_at("measure.start");
    let used = bytes_below(&workspace.path("scratch"));
    assert!(used > 0 && used <= promised, "{used} bytes of work files, and {promised} were said to be enough");
    assert!(promised < used * 12, "{used} bytes of work files, and {promised} were said to be needed");
    workspace.run(&job).go().succeeded();
}
