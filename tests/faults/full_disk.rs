//! A worker that cannot write: its tasks fail, and are done elsewhere or end the run with the file's name.

use crate::harness::*;

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
    assert!(!trial.workspace.has_commit(), "{ran}");
    // The disk has room again.
    let coordinator = Coordinator::start(trial.coordinator(1));
    let worker = trial.worker(&coordinator).start();
    trial.assert_same(&coordinator.wait().succeeded());
    worker.wait().succeeded();
}
