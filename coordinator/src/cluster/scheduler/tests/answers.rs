//! Late, second, repeated and unknown answers.

use super::{
    Fixture,
    fixture::{key, start, take},
};
use crate::cluster::scheduler::{Action, Event, Stop};

#[test]
fn a_late_answer_of_a_lost_worker_is_taken_and_the_second_compared() {
    let mut f = Fixture::new(&[1, 1]);
    f.begin(&[&[0]]);
    assert_eq!(f.lost(1), [start(1, 0, 2, 2)]);
    assert_eq!(f.answered(1, 0, 1), [take(1, 0, 1)]);
    assert!(f.machine.is_done());
    assert_eq!(f.answered(1, 0, 2), []);
    assert_eq!(f.machine.remembered(), (0, 0));
}

#[test]
fn a_late_answer_takes_its_task_out_of_the_queue() {
    let mut f = Fixture::new(&[1]);
    f.begin(&[&[0]]);
    assert_eq!(f.lost(1), []);
    assert_eq!(f.answered(1, 0, 1), [take(1, 0, 1)]);
    assert_eq!(f.joined(2, 1), []);
}

#[test]
fn a_second_answer_that_differs_ends_the_run_even_rounds_later() {
    let mut f = Fixture::new(&[1, 1]);
    f.begin(&[&[0]]);
    f.lost(1);
    f.answered(1, 0, 2);
    f.begin(&[&[0]]);
    f.answered(2, 0, 1);
    f.begin(&[&[0]]);
    assert_eq!(f.machine.remembered(), (2, 1));
    assert_eq!(f.answered_otherwise(1, 0, 1), [Action::Fail(Stop::Differs { task: 0, round: 1 })]);
    assert_eq!(f.answered(3, 0, 1), []);
}

#[test]
fn answers_that_are_repeated_or_of_nobody_change_nothing() {
    let mut f = Fixture::new(&[1]);
    f.begin(&[&[0], &[0]]);
    assert_eq!(f.answered(1, 0, 1), [take(1, 0, 1), start(1, 1, 1, 1)]);
    assert_eq!(f.answered_otherwise(1, 0, 1), []);
    for (round, task, attempt) in
        [(1, 0, 2), (1, 1, 2), (1, 2, 1), (2, 0, 1), (0, 0, 0), (u32::MAX, u32::MAX, u32::MAX)]
    {
        assert_eq!(f.answered(round, task, attempt), []);
        assert_eq!(f.failed(round, task, attempt), []);
        assert_eq!(f.unreachable(round, task, attempt), []);
        assert_eq!(f.on(Event::Failed { attempt: key(round, task, attempt), retry: false }), []);
    }
    assert_eq!(f.lost(77), []);
    assert_eq!(f.draining(78), []);
    assert_eq!(f.answered(1, 1, 1), [take(1, 1, 1)]);
}

#[test]
fn what_was_lost_and_then_broke_is_forgotten() {
    let mut f = Fixture::new(&[1, 1]);
    f.begin(&[&[0]]);
    f.lost(1);
    assert_eq!(f.unreachable(1, 0, 1), []);
    assert_eq!(f.answered_otherwise(1, 0, 1), []);
    assert_eq!(f.answered(1, 0, 2), [take(1, 0, 2)]);
    assert_eq!(f.machine.remembered(), (0, 0));
}

#[test]
fn a_failure_of_a_task_that_is_done_is_ignored() {
    let mut f = Fixture::new(&[1, 1]);
    f.begin(&[&[0]]);
    f.lost(1);
    f.answered(1, 0, 2);
    assert_eq!(f.on(Event::Failed { attempt: key(1, 0, 1), retry: false }), []);
    assert_eq!(f.begin(&[&[]]), [start(2, 0, 1, 2)]);
}

#[test]
fn a_round_without_tasks_is_done_and_one_that_is_left_is_dropped() {
    let mut f = Fixture::new(&[1]);
    assert!(f.machine.is_done());
    assert_eq!(f.begin(&[]), []);
    assert!(f.machine.is_done());
    f.begin(&[&[]]);
    assert_eq!(f.begin(&[&[]]), []);
    assert_eq!(f.answered(2, 0, 1), [start(3, 0, 1, 1)]);
}
