//! What ends a run.

use super::{
    Fixture,
    fixture::{key, start},
};
use crate::cluster::scheduler::{Action, Event, Stop};
use std::time::Duration;

#[test]
fn no_worker_for_the_grace_counted_from_the_start() {
    let mut f = Fixture::new(&[]);
    assert_eq!(f.at(100).tick(), []);
    f.begin(&[]);
    assert_eq!(f.tick(), []);
    f.begin(&[&[0]]);
    assert_eq!(f.tick(), [Action::Fail(Stop::NoWorker { waited: Duration::from_secs(100) })]);
    assert_eq!(f.joined(1, 1), []);
    assert_eq!(f.begin(&[&[0]]), []);
}

#[test]
fn the_grace_counts_from_when_the_last_worker_stopped_taking_tasks() {
    let mut f = Fixture::new(&[1, 1]);
    f.begin(&[&[0], &[1], &[2]]);
    f.at(10).lost(1);
    f.at(20).draining(2);
    f.at(50).lost(2);
    assert_eq!(f.at(79).tick(), []);
    assert_eq!(f.at(80).tick(), [Action::Fail(Stop::NoWorker { waited: Duration::from_secs(60) })]);
}

#[test]
fn a_worker_that_comes_within_the_grace_saves_the_run() {
    let mut f = Fixture::new(&[1]);
    f.begin(&[&[0]]);
    f.at(10).lost(1);
    assert_eq!(f.at(69).joined(2, 1), [start(1, 0, 2, 2)]);
    assert_eq!(f.at(200).tick(), []);
}

#[test]
fn a_task_that_is_there_when_workers_die_stops_after_so_many_of_them() {
    let mut f = Fixture::new(&[1, 1, 1]);
    f.begin(&[&[0], &[1]]);
    assert_eq!(f.lost(1), [start(1, 0, 2, 3)]);
    assert_eq!(f.lost(3), [Action::Fail(Stop::KillsWorkers { task: 0, workers: 2 })]);
}

#[test]
fn broken_calls_to_one_worker_count_as_one_killer() {
    let mut f = Fixture::new(&[1]);
    f.begin(&[&[0]]);
    for attempt in 1..5 {
        assert_eq!(f.unreachable(1, 0, attempt), []);
        assert_eq!(f.tick(), [start(1, 0, attempt + 1, 1)]);
    }
    f.lost(1);
    f.joined(2, 1);
    assert_eq!(f.unreachable(1, 0, 6), [Action::Fail(Stop::KillsWorkers { task: 0, workers: 2 })]);
}

#[test]
fn a_worker_lost_while_a_copy_runs_counts_though_the_task_need_not_start_again() {
    let mut f = Fixture::new(&[1, 1, 1]);
    f.begin(&[&[0], &[1], &[2]]);
    f.at(1).answered(1, 1, 1);
    f.answered(1, 2, 1);
    assert_eq!(f.at(12).tick(), [start(1, 0, 2, 2)]);
    assert_eq!(f.lost(1), []);
    assert_eq!(f.lost(2), [Action::Fail(Stop::KillsWorkers { task: 0, workers: 2 })]);
}

#[test]
fn a_final_error_stops_at_once() {
    let mut f = Fixture::new(&[2]);
    f.begin(&[&[0], &[1], &[2]]);
    let attempt = key(1, 1, 1);
    assert_eq!(f.on(Event::Failed { attempt, retry: false }), [Action::Fail(Stop::Failed { attempt })]);
}

#[test]
fn the_last_of_so_many_failures_stops() {
    let mut f = Fixture::new(&[1]);
    f.begin(&[&[0]]);
    for attempt in 1..3 {
        assert_eq!(f.failed(1, 0, attempt), []);
        assert_eq!(f.tick(), [start(1, 0, attempt + 1, 1)]);
    }
    assert_eq!(f.failed(1, 0, 3), [Action::Fail(Stop::Failed { attempt: key(1, 0, 3) })]);
}

#[test]
fn a_worker_that_lives_and_cannot_be_reached_is_no_worker() {
    let mut f = Fixture::new(&[1]);
    f.begin(&[&[0]]);
    let mut attempt = 1;
    while f.machine.workers() > 0 {
        assert!(f.second <= 61, "given up after the grace");
        f.unreachable(1, 0, attempt);
        f.second += 1;
        f.tick();
        attempt += 1;
    }
    assert_eq!(f.second, 61);
    f.at(119);
    assert_eq!(f.tick(), []);
    f.at(120);
    assert_eq!(f.tick(), [Action::Fail(Stop::NoWorker { waited: Duration::from_secs(60) })]);
}

#[test]
fn a_reply_between_broken_calls_shows_that_the_worker_can_be_reached() {
    let mut f = Fixture::new(&[1]);
    for round in 1..100 {
        f.begin(&[&[0]]);
        f.unreachable(round, 0, 1);
        f.second += 10;
        f.tick();
        f.answered(round, 0, 2);
    }
    assert_eq!(f.machine.workers(), 1);
}

#[test]
fn one_broken_connection_counts_once_whatever_it_carried() {
    let mut f = Fixture::new(&[10]);
    f.begin(&[&[0][..]; 10]);
    f.second = 1;
    for task in 0..10 {
        f.unreachable(1, task, 1);
    }
    f.second = 100;
    f.tick();
    f.second = 101;
    f.unreachable(1, 0, 2);
    assert_eq!(f.machine.workers(), 1);
}

#[test]
fn who_goes_for_a_reason_of_its_own_is_nobodys_victim() {
    let mut f = Fixture::new(&[1, 1, 1, 1]);
    f.begin(&[&[0]]);
    assert_eq!(f.on(Event::Left { worker: 1 }), [start(1, 0, 2, 2)]);
    assert_eq!(f.on(Event::Undelivered { attempt: key(1, 0, 2) }), [start(1, 0, 3, 3)]);
    f.draining(3);
    assert_eq!(f.unreachable(1, 0, 3), [start(1, 0, 4, 4)]);
    f.lost(4);
    assert_eq!(f.tick(), [start(1, 0, 5, 2)], "4 was the first that it may have killed");
    assert_eq!(f.lost(2), [Action::Fail(Stop::KillsWorkers { task: 0, workers: 2 })]);
}

#[test]
fn workers_that_are_lost_together_are_one_loss_to_their_task() {
    let mut f = Fixture::new(&[2, 2, 2, 2]);
    f.begin(&[&[0], &[1], &[2], &[3]]);
    let lost = [1, 2, 3].map(|worker| Event::Lost { worker });
    let actions = f.machine.on_all(Duration::from_secs(1), lost);
    assert!(actions.contains(&start(1, 0, 2, 4)), "{actions:?}");
    assert!(actions.iter().all(|action| matches!(action, Action::Start { worker: 4, .. })), "{actions:?}");
}

#[test]
fn a_task_that_hangs_everywhere_stops_after_so_many_attempts() {
    let mut f = Fixture::new(&[1]);
    f.begin(&[&[0]]);
    for attempt in 1..3 {
        f.second += 2001;
        assert_eq!(f.tick(), [Action::GiveUp { attempt: key(1, 0, attempt) }]);
        assert_eq!(f.tick(), [start(1, 0, attempt + 1, 1)]);
    }
    f.second += 2001;
    let stop = Action::Fail(Stop::Hangs { task: 0, ran: Duration::from_secs(2001) });
    assert_eq!(f.tick(), [Action::GiveUp { attempt: key(1, 0, 3) }, stop]);
}
