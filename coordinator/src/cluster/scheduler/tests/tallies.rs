//! The figures of a round.

use super::Fixture;
use crate::cluster::scheduler::usage::Tally;

#[test]
fn retries_and_copies_are_told_apart_and_skew_is_the_busiest_over_the_mean() {
    let mut f = Fixture::new(&[1, 1]);
    f.begin(&[&[0], &[1], &[]]);
    f.at(4).answered(1, 0, 1); // worker 1: 4 s, then the third task
    f.failed(1, 2, 1); // at once; worker 2 is tried instead, when it has room
    f.at(20).tick(); // worker 1 copies the straggler
    f.at(24).answered(1, 1, 1); // worker 2: 24 s, then the third task again
    f.at(26).answered(1, 2, 2); // worker 2: 26 s, worker 1: 4 s and 6 s
    let tally = Tally { tasks: 3, attempts: 5, retries: 1, copies: 1, workers: 2, skew: 26.0 * 2.0 / 36.0 };
    assert_eq!(f.machine.tally(), tally);
    f.at(100).answered(1, 1, 2);
    assert_eq!(f.machine.tally(), tally, "the round is over, what ends later is not its work");
    f.begin(&[]);
    assert_eq!(f.machine.tally(), Tally { tasks: 0, attempts: 0, retries: 0, copies: 0, workers: 0, skew: 1.0 });
}

#[test]
fn an_open_round_is_told_up_to_the_last_call() {
    let mut f = Fixture::new(&[2, 2]);
    f.begin(&[&[], &[], &[]]);
    f.at(10).answered(1, 1, 1);
    f.at(20).tick();
    // Worker 1 was busy for 20 s with two tasks at once, worker 2 for 10 s.
    let tally = Tally { tasks: 3, attempts: 3, retries: 0, copies: 0, workers: 2, skew: 20.0 * 2.0 / 30.0 };
    assert_eq!(f.machine.tally(), tally);
}
