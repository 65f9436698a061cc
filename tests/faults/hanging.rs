//! Tasks that hang while their workers' hearts beat, and workers that nobody hears: the run goes on without them, or ends with the true reason.

use crate::harness::*;
use std::time::Duration;

/// Nobody waits for so long.
const FOR_EVER: Duration = Duration::from_secs(100);

#[test]
fn a_task_that_hangs_in_a_round_of_one_is_tried_elsewhere_too() {
    let trial = Trial::new();
    let coordinator = Coordinator::start(trial.coordinator(2).args(&["--task-limit", "30s"]));
    let nap = sleep_at("partition.middle:1", FOR_EVER);
    let hanging = trial.worker(&coordinator).failpoint(&nap).start().until_open();
    let other = trial.worker(&coordinator).start();
    let ran = coordinator.wait().succeeded();
    let run = trial.assert_same(&ran);
    assert_eq!(run.figure("partition", "copies"), 1, "{ran}");
    assert!(ran.took < FOR_EVER / 2, "nobody waited for it: {:?}", ran.took);
    hanging.wait().succeeded().fired("partition.middle");
    other.wait().succeeded();
}

#[test]
fn where_all_tasks_of_a_round_hang_a_worker_that_comes_does_them() {
    let trial = Trial::new();
    let coordinator = Coordinator::start(trial.coordinator(2).args(&["--task-limit", "30s"]));
    let nap = sleep_at("features.middle", FOR_EVER);
    let mut hanging: Vec<Running> = (0..2).map(|_| trial.worker(&coordinator).failpoint(&nap).start()).collect();
    hanging.iter_mut().for_each(|worker| worker.until_fired("features.middle"));
    let other = trial.worker(&coordinator).start();
    let ran = coordinator.wait().succeeded();
    let run = trial.assert_same(&ran);
    assert!(run.figure("features", "copies") >= 2, "{ran}");
    assert!(ran.took < FOR_EVER / 2, "nobody waited for them: {:?}", ran.took);
    hanging.into_iter().for_each(|worker| drop(worker.wait().succeeded()));
    other.wait().succeeded();
}

#[test]
fn a_task_that_hangs_wherever_it_is_tried_ends_the_run_and_is_named() {
    let trial = Trial::new();
    let coordinator = Coordinator::start(trial.coordinator(1).args(&["--task-limit", "1s"]));
    let nap = sleep_at("assign.middle", FOR_EVER);
    let _hanging = trial.worker(&coordinator).failpoint(&nap).start();
    coordinator.wait().failed_with(4).says(&[" of stage assign did not end within ", "--task-limit"]);
    assert!(!trial.workspace.has_commit());

    let coordinator = Coordinator::start(trial.coordinator(1));
    let worker = trial.worker(&coordinator).start();
    trial.assert_same(&coordinator.wait().succeeded());
    worker.wait().succeeded();
}

#[test]
fn workers_that_fall_silent_one_after_the_other_end_the_run_with_the_true_reason() {
    let trial = Trial::new();
    let mut coordinator = Coordinator::start(trial.coordinator(1).args(&["--lost-after", "1s"]));
    let mut silent = Vec::new();
    for number in 1..=3 {
        let mut worker = trial.worker(&coordinator).failpoint(&sleep_at("features.middle", FOR_EVER)).start();
        worker.until_fired("features.middle");
        worker.freeze();
        silent.push(worker);
        if number < 3 {
            coordinator.until_times("worker lost", number);
        }
    }
    let ran = coordinator.wait().failed_with(4);
    let ran = ran.says(&["3 workers fell silent while they worked on shard ", "said nothing for 1.0 s", "network"]);
    assert!(!ran.stderr.contains("memory"), "{ran}");
}

#[test]
fn of_two_workers_with_one_address_the_second_is_refused_and_the_run_goes_on() {
    let trial = Trial::new();
    let mut coordinator = Coordinator::start(trial.coordinator(1).failpoint("features.start=sleep(4000)"));
    let address = format!("127.0.0.1:{}", free_port());
    let first = trial.worker(&coordinator).args(&["--listen", &address]).start().until_open();
    let advertised = format!("http://{address}");
    let second = trial.worker(&coordinator).args(&["--advertise", &advertised, "--wait", "1s"]).go();
    second.failed_with(4).says(&["another worker with the address", &address, "--advertise"]);
    coordinator.until("another one with its address lives");
    let run = trial.assert_same(&coordinator.wait().succeeded());
    assert_eq!(run.figure_of_all("retries"), 0, "the first one was not disturbed");
    first.wait().succeeded();
}
