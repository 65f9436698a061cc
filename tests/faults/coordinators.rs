//! Coordinators of a cluster that die, and two at once: workers outlive them, and one commits.

use crate::harness::*;

/// Kills the coordinator at a point and starts it again on the same address, for each of these points of a stage; two
/// workers live through it.
fn kill_within(stage: &str, points: &[&str]) {
    let trial = Trial::new();
    for point in points {
        trial.workspace.forget_results();
        let address = format!("127.0.0.1:{}", free_port());
        let program = || trial.coordinator(2).args(&["--listen", &address]);
        let point = format!("{stage}.{point}");
        let coordinator = Coordinator::start(program().failpoint(&format!("{point}=abort")));
        let workers: Vec<_> = (0..2).map(|_| trial.worker(&coordinator).start()).collect();
        coordinator.wait().aborted_at(&point);
        assert!(!trial.workspace.has_commit(), "after a kill at {point}");

        let run = trial.assert_same(&program().go().succeeded());
        assert_eq!(run.json("run.json")["generations"], 2, "after a kill at {point}");
        for worker in workers {
            let ran = worker.wait().succeeded();
            let registered = ran.stderr.matches("\"message\":\"registered\"").count();
            assert_eq!(registered, 2, "after a kill at {point}, the same worker came back: {ran}");
        }
    }
}

/// Before a stage and after it; what lies between is tried without workers, in `kills`.
const POINTS: [&str; 2] = ["start", "end"];

#[test]
fn killed_in_partition() {
    kill_within("partition", &POINTS);
}

#[test]
fn killed_in_features() {
    kill_within("features", &POINTS);
}

#[test]
fn killed_in_fit() {
    kill_within("fit", &POINTS);
}

#[test]
fn killed_in_assign() {
    kill_within("assign", &POINTS);
}

#[test]
fn killed_in_measure() {
    kill_within("measure", &POINTS);
}

#[test]
fn killed_in_commit() {
    kill_within("commit", &["start", "computed"]);
}

#[test]
fn a_commit_that_was_decided_is_finished_and_the_workers_hear_it() {
    let trial = Trial::new();
    for point in ["commit.done", "commit.middle", "commit.written"] {
        trial.workspace.forget_results();
        let address = format!("127.0.0.1:{}", free_port());
        let program = || trial.coordinator(1).args(&["--listen", &address]);
        let coordinator = Coordinator::start(program().failpoint(&format!("{point}=abort")));
        let worker = trial.worker(&coordinator).start();
        coordinator.wait().aborted_at(point);
        assert_eq!(trial.workspace.has_commit(), point == "commit.written");
        let run = trial.assert_same(&program().go().succeeded());
        assert_eq!(run.json("run.json")["generations"], 1, "the first one had decided all");
        // Nobody gives it anything to do any more, and it knows.
        worker.wait().succeeded();
    }
}

#[test]
fn killed_while_its_workers_are_in_the_middle_of_a_task() {
    let trial = Trial::new();
    for stage in ["partition", "features", "fit", "assign", "measure"] {
        trial.workspace.forget_results();
        let address = format!("127.0.0.1:{}", free_port());
        let program = || trial.coordinator(2).args(&["--listen", &address]);
        let coordinator = Coordinator::start(program());
        let nap = format!("{stage}.middle:1=sleep(500)");
        let mut first = trial.worker(&coordinator).failpoint(&nap).start().until_open();
        let second = trial.worker(&coordinator).start();
        first.until_fired(&format!("{stage}.middle"));
        assert_eq!(coordinator.kill().code(), None, "it was still there");
        let run = trial.assert_same(&program().go().succeeded());
        assert_eq!(run.json("run.json")["generations"], 2, "{stage}");
        first.wait().succeeded();
        second.wait().succeeded();
    }
}

/// Lets a second coordinator, with a worker of its own, overtake one that waits at a point.
fn overtaken_at(point: &str) {
    let trial = Trial::new();
    let mut slow = Coordinator::start(trial.coordinator(1).failpoint(&format!("{point}:1=sleep(500)")));
    let its_own = trial.worker(&slow).args(&["--wait", "1s"]).start();
    slow.until_fired(point);
    // For as long as the other one takes.
    slow.freeze();
    let quick = Coordinator::start(trial.coordinator(1));
    let worker = trial.worker(&quick).start();
    let run = trial.assert_same(&quick.wait().succeeded());
    worker.wait().succeeded();
    slow.thaw();
    slow.wait().failed_with(5);
    assert_eq!(CommittedRun::local(&run.folder).files, run.files, "the commit stands as it was");
    // It waits for whoever goes on with the run, since it cannot know that it is over.
    its_own.wait().failed_with(4).says(&["no coordinator at"]);
}

#[test]
fn of_two_at_once_one_commits_and_the_other_leaves() {
    for point in ["partition.start", "partition.computed", "measure.computed", "commit.start"] {
        overtaken_at(point);
    }
}

#[test]
fn the_one_whose_work_files_are_gone_was_overtaken() {
    for point in ["features.start", "assign.start"] {
        overtaken_at(point);
    }
}
