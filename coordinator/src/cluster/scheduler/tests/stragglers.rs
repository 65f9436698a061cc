//! Slow attempts, and what waits behind them.

use super::{
    Fixture,
    fixture::{start, take},
};

#[test]
fn of_two_tasks_the_late_one_is_tried_at_the_idle_worker_and_its_shards_follow_the_answer() {
    let mut f = Fixture::new(&[1, 1]);
    f.begin(&[&[0], &[1]]);
    f.at(6).answered(1, 0, 1);
    assert_eq!(f.at(18).tick(), [], "three times the median of 6 s");
    assert_eq!(f.at(19).tick(), [start(1, 1, 2, 1)]);
    assert_eq!(f.at(100).tick(), [], "two open attempts at most");
    assert_eq!(f.answered(1, 1, 2), [take(1, 1, 2)]);
    assert_eq!(f.begin(&[&[1]]), [start(2, 0, 1, 1)]);
    assert_eq!(f.answered(1, 1, 1), []);
}

#[test]
fn the_shards_stay_where_the_first_attempt_answers_first() {
    let mut f = Fixture::new(&[1, 1]);
    f.begin(&[&[0], &[1]]);
    f.at(1).answered(1, 0, 1);
    assert_eq!(f.at(11).tick(), [start(1, 1, 2, 1)]);
    assert_eq!(f.at(12).answered(1, 1, 1), [take(1, 1, 1)]);
    f.answered(1, 1, 2);
    assert_eq!(f.begin(&[&[1]]), [start(2, 0, 1, 2)]);
}

#[test]
fn nobody_is_late_before_half_of_the_tasks_are_done() {
    let mut f = Fixture::new(&[1, 1, 1, 1]);
    f.begin(&[&[0], &[1], &[2], &[3]]);
    f.at(1).answered(1, 0, 1);
    assert_eq!(f.at(1000).tick(), []);
    assert_eq!(f.answered(1, 1, 1), [take(1, 1, 1), start(1, 2, 2, 1), start(1, 3, 2, 2)]);
}

#[test]
fn a_lone_task_is_nobodys_straggler() {
    let mut f = Fixture::new(&[1, 1]);
    f.begin(&[&[0]]);
    assert_eq!(f.at(1000).tick(), []);
}

#[test]
fn the_oldest_is_copied_first() {
    let mut f = Fixture::new(&[1, 1, 1]);
    f.draining(3);
    f.begin(&[&[], &[1], &[], &[], &[], &[]]);
    f.at(1).answered(1, 0, 1);
    f.at(2).answered(1, 2, 1);
    f.at(3).answered(1, 3, 1);
    f.at(4).answered(1, 4, 1); // task 5 starts at 4 s, task 1 has run since 0 s
    assert_eq!(f.at(20).joined(4, 1), [start(1, 1, 2, 4)]);
    assert_eq!(f.joined(5, 1), [start(1, 5, 2, 5)]);
}

#[test]
fn what_waits_behind_stragglers_starts_elsewhere_and_moves_with_its_answer() {
    let mut f = Fixture::new(&[1, 2]);
    f.begin(&[&[0], &[1], &[2]]);
    (0..3).for_each(|task| drop(f.answered(1, task, 1)));
    // Shard 0 is at worker 1; three tasks want it, and worker 1 hangs.
    assert_eq!(f.begin(&[&[0], &[1], &[2], &[0], &[0]]), [start(2, 0, 1, 1), start(2, 1, 1, 2), start(2, 2, 1, 2)]);
    f.at(1).answered(2, 1, 1);
    assert_eq!(f.answered(2, 2, 1), [take(2, 2, 1)]);
    assert_eq!(f.at(11).tick(), [start(2, 0, 2, 2), start(2, 3, 1, 2)]);
    assert_eq!(f.answered(2, 3, 1), [take(2, 3, 1), start(2, 4, 1, 2)]);
}

#[test]
fn shards_of_a_stuck_worker_are_worked_on_elsewhere_in_the_next_round() {
    let mut f = Fixture::new(&[1, 1]);
    f.begin(&[&[0], &[1]]);
    f.answered(1, 0, 1);
    f.answered(1, 1, 1);
    f.begin(&[&[0, 5], &[]]); // shard 5 settles at worker 1, too
    f.answered(2, 0, 1);
    f.answered(2, 1, 1);
    f.begin(&[&[0], &[]]);
    f.at(1).answered(3, 1, 1);
    assert_eq!(f.at(20).tick(), [start(3, 0, 2, 2)]);
    f.answered(3, 0, 2);
    assert_eq!(f.begin(&[&[5]]), [start(4, 0, 1, 2)], "worker 1 has no slot that will become free");
}

#[test]
fn a_copy_never_goes_where_the_task_failed() {
    let mut f = Fixture::new(&[1, 1]);
    f.begin(&[&[0], &[1]]);
    f.at(1).failed(1, 0, 1);
    assert_eq!(f.answered(1, 1, 1), [take(1, 1, 1), start(1, 0, 2, 2)]);
    assert_eq!(f.at(1000).tick(), []);
}
