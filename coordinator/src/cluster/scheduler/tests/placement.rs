//! Where tasks start, and where shards stay.

use super::{
    Fixture,
    fixture::{start, take},
};

#[test]
fn the_worker_with_the_largest_free_share_is_first_and_slots_are_never_exceeded() {
    let mut f = Fixture::new(&[1, 4]);
    let expected = [start(1, 0, 1, 1), start(1, 1, 1, 2), start(1, 2, 1, 2), start(1, 3, 1, 2), start(1, 4, 1, 2)];
    assert_eq!(f.begin(&[&[], &[], &[], &[], &[], &[]]), expected);
    assert_eq!(f.answered(1, 3, 1), [take(1, 3, 1), start(1, 5, 1, 2)]);
}

#[test]
fn shards_stay_with_their_worker_though_another_is_free() {
    let mut f = Fixture::new(&[1, 1]);
    assert_eq!(f.begin(&[&[5], &[6]]), [start(1, 0, 1, 1), start(1, 1, 1, 2)]);
    f.answered(1, 1, 1);
    f.answered(1, 0, 1);
    assert_eq!(f.begin(&[&[6], &[6]]), [start(2, 0, 1, 2)]);
    assert_eq!(f.answered(2, 0, 1), [take(2, 0, 1), start(2, 1, 1, 2)]);
}

#[test]
fn tasks_of_several_shards_go_where_most_of_them_are() {
    let mut f = Fixture::new(&[2, 2]);
    f.begin(&[&[0], &[1, 2]]);
    f.answered(1, 0, 1);
    f.answered(1, 1, 1);
    // The ninth shard settles with the others; the zeroth stays with worker 1.
    assert_eq!(f.begin(&[&[0, 1, 2, 9]]), [start(2, 0, 1, 2)]);
    f.answered(2, 0, 1);
    assert_eq!(f.begin(&[&[9], &[0]]), [start(3, 0, 1, 2), start(3, 1, 1, 1)]);
}

#[test]
fn a_drained_worker_finishes_what_it_has_and_gets_nothing_more() {
    let mut f = Fixture::new(&[1, 1]);
    f.begin(&[&[0], &[1], &[0]]);
    assert_eq!(f.draining(1), []);
    assert_eq!(f.machine.workers(), 1);
    assert_eq!(f.answered(1, 0, 1), [take(1, 0, 1)]);
    assert_eq!(f.lost(1), []);
    assert_eq!(f.answered(1, 1, 1), [take(1, 1, 1), start(1, 2, 1, 2)]);
}

#[test]
fn what_a_lost_worker_had_starts_elsewhere_at_once() {
    let mut f = Fixture::new(&[2, 2]);
    assert_eq!(f.begin(&[&[0], &[1]]), [start(1, 0, 1, 1), start(1, 1, 1, 2)]);
    assert_eq!(f.lost(1), [start(1, 0, 2, 2)]);
}

#[test]
fn a_worker_that_comes_late_gets_what_waits() {
    let mut f = Fixture::new(&[]);
    assert_eq!(f.begin(&[&[0], &[]]), []);
    assert_eq!(f.at(59).joined(9, 2), [start(1, 0, 1, 9), start(1, 1, 1, 9)]);
}

#[test]
fn a_number_that_was_lost_never_comes_back_and_a_known_one_keeps_its_slots() {
    let mut f = Fixture::new(&[1]);
    f.lost(1);
    f.lost(3);
    f.joined(1, 1);
    f.joined(3, 1);
    f.joined(4, 0);
    assert_eq!(f.machine.workers(), 0);
    f.joined(2, 1);
    f.joined(2, 5);
    assert_eq!(f.begin(&[&[], &[]]), [start(1, 0, 1, 2)]);
    f.draining(2);
    f.joined(2, 5);
    assert_eq!(f.machine.workers(), 0);
}

#[test]
fn a_failed_task_is_tried_elsewhere_and_its_shards_move_there() {
    let mut f = Fixture::new(&[1, 1]);
    f.begin(&[&[0], &[1], &[1]]);
    // Worker 2 is busy: rather wait for it than fail again at worker 1.
    assert_eq!(f.failed(1, 0, 1), []);
    assert_eq!(f.answered(1, 1, 1), [take(1, 1, 1), start(1, 0, 2, 2)]);
    assert_eq!(f.answered(1, 0, 2), [take(1, 0, 2), start(1, 2, 1, 2)]);
    f.answered(1, 2, 1);
    assert_eq!(f.begin(&[&[0]]), [start(2, 0, 1, 2)]);
}

#[test]
fn a_task_that_failed_everywhere_rests_until_the_next_tick() {
    let mut f = Fixture::new(&[2]);
    f.begin(&[&[0], &[1]]);
    assert_eq!(f.failed(1, 0, 1), []);
    assert_eq!(f.answered(1, 1, 1), [take(1, 1, 1)]);
    assert_eq!(f.tick(), [start(1, 0, 2, 1)]);
}

#[test]
fn a_broken_call_is_tried_again_elsewhere_and_its_slot_is_free() {
    let mut f = Fixture::new(&[1, 1]);
    f.begin(&[&[0], &[1], &[]]);
    assert_eq!(f.unreachable(1, 1, 1), [start(1, 2, 1, 2)]);
    assert_eq!(f.answered(1, 0, 1), [take(1, 0, 1), start(1, 1, 2, 1)]);
}
