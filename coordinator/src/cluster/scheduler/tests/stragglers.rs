//! Slow attempts, and what waits behind them.

use super::{
    Fixture,
    fixture::{give_up, start, take},
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
fn before_half_of_the_tasks_are_done_it_takes_longer_to_be_late() {
    let mut f = Fixture::new(&[1, 1, 1, 1]);
    f.begin(&[&[0], &[1], &[2], &[3]]);
    f.at(50).answered(1, 0, 1);
    assert_eq!(f.at(150).tick(), [], "three times the slowest, and 100 s at least");
    assert_eq!(f.answered(1, 1, 1), [take(1, 1, 1)]);
    assert_eq!(f.at(151).tick(), [start(1, 2, 2, 1), start(1, 3, 2, 2)], "half are done, the median took 50 s");
}

#[test]
fn a_lone_task_is_tried_elsewhere_too_after_a_while() {
    let mut f = Fixture::new(&[1, 1]);
    f.begin(&[&[0]]);
    assert_eq!(f.at(100).tick(), []);
    assert_eq!(f.at(101).tick(), [start(1, 0, 2, 2)]);
    assert_eq!(f.answered(1, 0, 2), [take(1, 0, 2)]);
}

#[test]
fn where_all_tasks_of_a_round_hang_each_is_tried_elsewhere_too() {
    let mut f = Fixture::new(&[2, 2]);
    f.begin(&[&[0], &[1]]);
    assert_eq!(f.at(101).tick(), [start(1, 0, 2, 2), start(1, 1, 2, 1)]);
    assert_eq!(f.at(1000).tick(), [], "two open attempts at most");
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

#[test]
fn an_attempt_past_its_deadline_is_given_up_and_tried_again() {
    let mut f = Fixture::new(&[1]);
    f.begin(&[&[0]]);
    assert_eq!(f.at(2000).tick(), []);
    assert_eq!(f.at(2001).tick(), [give_up(1, 0, 1)], "it rests: no other worker is there");
    assert_eq!(f.tick(), [start(1, 0, 2, 1)]);
    assert_eq!(f.answered(1, 0, 1), [], "nobody listens to it any more");
    assert_eq!(f.answered(1, 0, 2), [take(1, 0, 2)]);
}

#[test]
fn the_deadline_leaves_time_for_what_takes_ten_times_as_long_as_others() {
    let mut f = Fixture::new(&[1, 1]);
    f.begin(&[&[0], &[1]]);
    f.at(300).answered(1, 0, 1);
    assert_eq!(f.at(901).tick(), [start(1, 1, 2, 1)]);
    assert_eq!(f.at(3000).tick(), []);
    assert_eq!(f.at(3001).tick(), [give_up(1, 1, 1)], "the copy goes on");
    assert_eq!(f.at(3902).tick(), [give_up(1, 1, 2)]);
    assert_eq!(f.tick(), [start(1, 1, 3, 1)]);
}

#[test]
fn a_hanging_attempt_of_an_earlier_round_gives_its_slot_back() {
    let mut f = Fixture::new(&[1, 1]);
    f.begin(&[&[0], &[1]]);
    f.at(1).answered(1, 1, 1);
    f.at(20).tick();
    f.answered(1, 0, 2);
    f.begin(&[&[], &[]]);
    f.answered(2, 0, 1);
    f.answered(2, 1, 1);
    assert_eq!(f.at(2001).tick(), [give_up(1, 0, 1)]);
    assert_eq!(f.begin(&[&[], &[]]).len(), 2, "both workers have room");
}
