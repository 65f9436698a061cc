//! Workers that die, freeze, straggle, come late and leave: only their running attempts are done again, and no byte changes.

use crate::harness::*;
use std::time::Duration;

const STAGES_OF_WORKERS: [&str; 5] = ["partition", "features", "fit", "assign", "measure"];

/// Starts the one that the fault meets, and then another: the first has the run open before, so it gets the first task.
fn doomed_and_other(trial: &Trial, coordinator: &Coordinator, failpoint: &str) -> (Running, Running) {
    let doomed = trial.worker(coordinator).failpoint(failpoint).start().until_open();
    (doomed, trial.worker(coordinator).start())
}

/// Kills a worker at a point; gives the run that the other one ended.
fn killed_at(trial: &Trial, point: &str) -> CommittedRun {
    trial.workspace.forget_results();
    let coordinator = Coordinator::start(trial.coordinator(2).args(&["--lost-after", "1s"]));
    let (doomed, other) = doomed_and_other(trial, &coordinator, &format!("{point}=abort"));
    let run = trial.assert_same(&coordinator.wait().succeeded());
    doomed.wait().aborted_at(point.split(':').next().unwrap());
    other.wait().succeeded();
    run
}

/// Gives how often tasks of a stage were tried again; what the population knows is asked for by tasks of a fit.
fn retries(run: &CommittedRun, stage: &str) -> u64 {
    let of_fits = if stage == "fit" { run.figure("population", "retries") } else { 0 };
    run.figure(stage, "retries") + of_fits
}

#[test]
fn killed_in_the_middle_of_a_task_of_any_stage() {
    let trial = Trial::new();
    for stage in STAGES_OF_WORKERS {
        let run = killed_at(&trial, &format!("{stage}.middle"));
        assert!(retries(&run, stage) >= 1, "{stage} was tried again");
        assert_eq!(run.json("run.json")["generations"], 1, "the coordinator went on");
    }
}

#[test]
fn killed_between_the_work_and_its_answer() {
    let trial = Trial::new();
    // The first answer of a worker is the partition's, where it has all; later ones are of shards.
    for (point, stage) in [("worker.answer:1", "partition"), ("worker.answer:3", "features")] {
        assert!(killed_at(&trial, point).figure(stage, "retries") >= 1, "{stage} was tried again");
    }
}

#[test]
fn killed_in_the_middle_of_writing_to_s3() {
    let (s3, trial) = (S3::shared(), Trial::new());
    for point in ["partition.middle", "features.middle", "assign.middle", "worker.answer"] {
        let job = trial.job_on_s3(&s3, point);
        let program = trial.workspace.coordinator(&job, 2).args(&["--lost-after", "1s"]);
        let coordinator = Coordinator::start(program.envs(&s3.environment));
        let worker = || trial.worker(&coordinator).envs(&s3.environment);
        let doomed = worker().failpoint(&format!("{point}=abort")).start().until_open();
        let other = worker().start();
        let run = s3.committed(&coordinator.wait().succeeded());
        assert_eq!(run.byte_digest(), trial.expected, "after a kill at {point}");
        assert!(run.figure_of_all("retries") >= 1);
        doomed.wait().aborted_at(point);
        other.wait().succeeded();
    }
}

#[test]
fn killed_before_its_task() {
    let trial = Trial::new();
    assert!(killed_at(&trial, "worker.task:2").figure("features", "retries") >= 1);
}

#[test]
fn a_failed_task_is_tried_elsewhere() {
    let trial = Trial::new();
    for stage in STAGES_OF_WORKERS {
        trial.workspace.forget_results();
        let coordinator = Coordinator::start(trial.coordinator(2));
        let point = format!("{stage}.middle");
        let (sick, other) = doomed_and_other(&trial, &coordinator, &format!("{point}:1=error"));
        let run = trial.assert_same(&coordinator.wait().succeeded());
        assert!(retries(&run, stage) >= 1, "{stage} was tried again");
        sick.wait().succeeded().fired(&point);
        other.wait().succeeded();
    }
}

#[test]
fn frozen_and_woken_its_late_answer_does_no_harm() {
    let trial = Trial::new();
    // The coordinator waits twice: until the late answer is there, and until its metrics are read.
    let waits = "fit.start:1=sleep(3000);assign.start=sleep(2000)";
    let program = trial.coordinator(2).args(&["--lost-after", "1s", "--metrics", "127.0.0.1:0"]).failpoint(waits);
    let mut coordinator = Coordinator::start(program.env("SEGMENTER_LOG", "info"));
    let (mut frozen, other) = doomed_and_other(&trial, &coordinator, "features.middle:2=sleep(1000)");
    frozen.until_fired("features.middle");
    frozen.freeze();
    coordinator.until("worker lost");
    // Its shard is done elsewhere before it goes on.
    coordinator.until_fired("fit.start");
    frozen.thaw();
    frozen.until("not known to the coordinator any more");
    frozen.until_times("\"message\":\"registered\"", 2);
    coordinator.until_fired("assign.start");
    let metrics = Metrics::of(&coordinator);
    let answers = metrics.value("segmenter_attempts_total{stage=\"features\",outcome=\"done\"}");
    assert!(answers > 8.0, "{answers} answers for 8 shards: the late one came");
    let run = trial.assert_same(&coordinator.wait().succeeded());
    assert!(run.figure("features", "retries") >= 1);
    frozen.wait().succeeded();
    other.wait().succeeded();
}

#[test]
fn the_only_worker_frozen_and_woken_goes_on() {
    let trial = Trial::new();
    let program = trial.coordinator(1).args(&["--lost-after", "1s"]).env("SEGMENTER_LOG", "info");
    let mut coordinator = Coordinator::start(program);
    let mut frozen = trial.worker(&coordinator).failpoint("features.middle:2=sleep(1000)").start();
    frozen.until_fired("features.middle");
    frozen.freeze();
    coordinator.until("worker lost");
    frozen.thaw();
    frozen.until_times("\"message\":\"registered\"", 2);
    trial.assert_same(&coordinator.wait().succeeded());
    frozen.wait().succeeded();
}

#[test]
fn a_straggler_is_tried_elsewhere_too() {
    let trial = Trial::new();
    let coordinator = Coordinator::start(trial.coordinator(2));
    let nap = sleep_at("features.middle:1", Duration::from_secs(9));
    let (slow, other) = doomed_and_other(&trial, &coordinator, &nap);
    let ran = coordinator.wait().succeeded();
    let run = trial.assert_same(&ran);
    assert!(run.figure("features", "copies") >= 1, "{ran}");
    assert!(ran.took < Duration::from_secs(9), "nobody waited for the straggler: {:?}", ran.took);
    slow.wait().succeeded().fired("features.middle");
    other.wait().succeeded();
}

#[test]
fn who_comes_late_gets_work() {
    let trial = Trial::new();
    let coordinator = Coordinator::start(trial.coordinator(1));
    let mut first = trial.worker(&coordinator).failpoint("features.middle:1=sleep(1000)").start();
    first.until_fired("features.middle");
    // Frozen, but not for long enough to be lost: the stage waits until the late one is there.
    first.freeze();
    let late = trial.worker(&coordinator).start().until_open();
    first.thaw();
    let run = trial.assert_same(&coordinator.wait().succeeded());
    assert_eq!(run.figure("partition", "workers"), 1);
    for stage in ["features", "assign", "measure"] {
        assert_eq!(run.figure(stage, "workers"), 2, "{stage}");
    }
    assert_eq!(run.figure_of_all("retries"), 0);
    first.wait().succeeded();
    late.wait().succeeded();
}

#[test]
fn who_is_told_to_stop_finishes_what_it_has() {
    let trial = Trial::new();
    let coordinator = Coordinator::start(trial.coordinator(2));
    let (mut leaving, other) = doomed_and_other(&trial, &coordinator, "features.middle:1=sleep(1500)");
    leaving.until_fired("features.middle");
    leaving.terminate();
    leaving.wait().failed_with(4).says(&["told to stop (SIGTERM) before the run ended"]);
    let run = trial.assert_same(&coordinator.wait().succeeded());
    assert_eq!(run.figure("features", "workers"), 2, "what it had counts");
    assert_eq!(run.figure_of_all("retries"), 0, "nothing that was begun is done again");
    assert_eq!(run.figure("assign", "workers"), 1);
    other.wait().succeeded();
}

#[test]
fn without_any_worker_left_it_gives_up_in_time_and_goes_on_later() {
    let trial = Trial::new();
    let coordinator = Coordinator::start(trial.coordinator(1).args(&["--lost-after", "1s", "--grace", "2s"]));
    let doomed = trial.worker(&coordinator).failpoint("assign.middle=abort").start();
    doomed.wait().aborted_at("assign.middle");
    coordinator.wait().failed_with(4).says(&[
        "there is no worker since",
        "the last: worker http://127.0.0.1:",
        "hint:",
    ]);
    assert!(!trial.workspace.has_commit());

    let coordinator = Coordinator::start(trial.coordinator(1));
    let worker = trial.worker(&coordinator).start();
    let run = trial.assert_same(&coordinator.wait().succeeded());
    assert_eq!(run.json("run.json")["generations"], 2);
    worker.wait().succeeded();
}

#[test]
fn a_task_that_kills_every_worker_ends_the_run_and_names_its_shard() {
    let trial = Trial::new();
    let coordinator = Coordinator::start(trial.coordinator(1).args(&["--lost-after", "1s"]));
    for _ in 0..3 {
        let doomed = trial.worker(&coordinator).failpoint("features.middle=abort").start();
        doomed.wait().aborted_at("features.middle");
    }
    let said = ["3 workers went away while they worked on shard ", " of stage features", "hint:"];
    coordinator.wait().failed_with(6).says(&said);
    assert!(!trial.workspace.has_commit());
}

#[test]
fn too_few_workers_in_time_end_the_run_before_it_begins() {
    let trial = Trial::new();
    let coordinator = Coordinator::start(trial.coordinator(2).args(&["--wait", "1s"]));
    let worker = trial.worker(&coordinator).args(&["--wait", "1s"]).start();
    coordinator.wait().failed_with(4).says(&["1 of 2 workers registered within 1 s", "hint:"]);
    worker.wait().failed_with(4).says(&["no coordinator at"]);
}
