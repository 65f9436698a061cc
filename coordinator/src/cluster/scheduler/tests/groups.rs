//! Shards in groups, one a worker.

use super::{Fixture, fixture::start};

fn sizes(groups: &[Vec<u32>]) -> Vec<usize> {
    let mut sizes: Vec<usize> = groups.iter().map(Vec::len).collect();
    sizes.sort_unstable();
    sizes
}

#[test]
fn shares_follow_the_slots_and_every_shard_is_in_one_group() {
    let mut f = Fixture::new(&[1, 3]);
    let groups = f.machine.groups(10);
    assert_eq!(sizes(&groups), [3, 7], "2.5 and 7.5: on a tie the lowest number has the one that is left");
    let mut all = groups.concat();
    assert!(groups.is_sorted() && groups.iter().all(|group| group.is_sorted()));
    all.sort_unstable();
    assert!(all.into_iter().eq(0..10));
}

#[test]
fn without_workers_there_is_one_group_and_without_shards_none() {
    let mut f = Fixture::new(&[]);
    assert_eq!(f.machine.groups(3), [[0, 1, 2]]);
    assert!(f.machine.groups(0).is_empty());
    f.joined(1, 1);
    f.joined(2, 1);
    assert_eq!(f.machine.groups(1), [[0]]);
    assert!(f.machine.groups(0).is_empty());
}

#[test]
fn groups_start_at_the_workers_that_they_were_made_for() {
    let mut f = Fixture::new(&[1, 1]);
    let groups = f.machine.groups(8);
    let tasks: Vec<&[u32]> = groups.iter().map(Vec::as_slice).collect();
    assert_eq!(f.begin(&tasks), [start(1, 0, 1, 1), start(1, 1, 1, 2)]);
    assert_eq!(f.machine.groups(8), groups, "nothing changed");
}

#[test]
fn a_third_worker_takes_its_share_and_no_other_shard_moves() {
    let mut f = Fixture::new(&[1, 1]);
    let before = f.machine.groups(9);
    f.joined(3, 1);
    let after = f.machine.groups(9);
    assert_eq!(sizes(&after), [3, 3, 3]);
    let kept = |group: &Vec<u32>| {
        before.iter().map(|old| group.iter().filter(|shard| old.contains(shard)).count()).max().unwrap()
    };
    let mut kept: Vec<usize> = after.iter().map(kept).collect();
    kept.sort_unstable();
    assert_eq!(kept, [2, 3, 3], "of 9 shards only the new worker's three moved, two of them from one");
}

#[test]
fn whoever_holds_more_keeps_the_shard_that_is_left_over() {
    let mut f = Fixture::new(&[1]);
    f.machine.groups(5);
    f.joined(2, 1);
    let first = f.machine.groups(5);
    assert_eq!(sizes(&first), [2, 3]);
    f.draining(1);
    f.machine.groups(5); // all at worker 2
    f.joined(3, 1);
    let tasks = f.machine.groups(5);
    assert_eq!(sizes(&tasks), [2, 3]);
    let large = tasks.iter().position(|group| group.len() == 3).unwrap() as u32;
    let tasks: Vec<&[u32]> = tasks.iter().map(Vec::as_slice).collect();
    assert!(f.begin(&tasks).contains(&start(1, large, 1, 2)), "worker 2 gave up two, not three");
}

#[test]
fn what_a_lost_worker_held_is_shared_out() {
    let mut f = Fixture::new(&[1, 1, 1]);
    let before = f.machine.groups(9);
    f.lost(2);
    let after = f.machine.groups(9);
    assert_eq!(sizes(&after), [4, 5]);
    let unmoved = before.iter().filter(|old| after.iter().any(|group| old.iter().all(|shard| group.contains(shard))));
    assert_eq!(unmoved.count(), 2);
}

#[test]
fn a_shard_that_moved_for_a_failure_stays_there_until_workers_change() {
    let mut f = Fixture::new(&[1, 1]);
    let groups = f.machine.groups(4);
    let tasks: Vec<&[u32]> = groups.iter().map(Vec::as_slice).collect();
    f.begin(&tasks);
    f.answered(1, 0, 1);
    assert_eq!(f.failed(1, 1, 1), [start(1, 1, 2, 1)]);
    f.answered(1, 1, 2);
    assert_eq!(f.machine.groups(4), [[0, 1, 2, 3]]);
    f.joined(3, 1);
    assert_eq!(sizes(&f.machine.groups(4)), [1, 1, 2]);
}

#[test]
fn a_new_shard_goes_where_it_is_due_without_moving_others() {
    let mut f = Fixture::new(&[1, 1]);
    let small = f.machine.groups(3);
    let large = f.machine.groups(6);
    assert_eq!(sizes(&large), [3, 3]);
    assert!(small.iter().all(|old| large.iter().any(|group| old.iter().all(|shard| group.contains(shard)))));
}
