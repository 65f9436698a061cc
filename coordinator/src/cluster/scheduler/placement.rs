//! Which worker holds which shard.

use super::event::WorkerId;
use std::{cmp::Reverse, collections::BTreeMap};

/// The worker of every shard that has one.
#[derive(Debug, Default)]
pub(super) struct Placement {
    of: BTreeMap<u32, WorkerId>,
}

impl Placement {
    /// Gives the worker that holds most of the shards, the lowest number on ties; none where no shard is placed.
    pub(super) fn home(&self, shards: &[u32]) -> Option<WorkerId> {
        if let [shard] = shards {
            return self.of.get(shard).copied();
        }
        let mut held = BTreeMap::<WorkerId, usize>::new();
        for worker in shards.iter().filter_map(|shard| self.of.get(shard)) {
            *held.entry(*worker).or_default() += 1;
        }
        held.into_iter().max_by_key(|(worker, shards)| (*shards, Reverse(*worker))).map(|(worker, _)| worker)
    }

    /// Places those of the shards that have no worker.
    pub(super) fn settle(&mut self, shards: &[u32], worker: WorkerId) {
        for shard in shards {
            self.of.entry(*shard).or_insert(worker);
        }
    }

    /// Places all of the shards, wherever they were.
    pub(super) fn shift(&mut self, shards: &[u32], worker: WorkerId) {
        self.of.extend(shards.iter().map(|shard| (*shard, worker)));
    }

    /// Takes a worker's shards away from it.
    pub(super) fn release(&mut self, worker: WorkerId) {
        self.of.retain(|_, holder| *holder != worker);
    }

    /// Places the shards 0 to `shards` − 1 and gives them by worker, each group sorted, empty ones too. Every worker's
    /// due is its share by slots, rounded. With `rebalance`, those who hold more give up the rest; without, only shards
    /// without a worker are placed.
    pub(super) fn share(&mut self, shards: u32, workers: &[(WorkerId, usize)], rebalance: bool) -> Vec<Vec<u32>> {
        let mut groups: Vec<Vec<u32>> = vec![Vec::new(); workers.len()];
        let mut homeless = Vec::new();
        for shard in 0..shards {
            let holder = self.of.get(&shard).and_then(|holder| workers.iter().position(|(id, _)| id == holder));
            match holder {
                Some(position) => groups[position].push(shard),
                None => homeless.push(shard),
            }
        }
        let held: Vec<usize> = groups.iter().map(Vec::len).collect();
        let due = dues(shards as usize, workers, &held);
        if rebalance {
            for (group, due) in groups.iter_mut().zip(&due) {
                homeless.extend(group.drain(group.len().min(*due)..));
            }
        }
        // All that are missing to a due are together at least as many as the homeless.
        let missing = groups.iter().zip(&due).map(|(group, due)| due.saturating_sub(group.len()));
        let mut missing: Vec<usize> = missing.collect();
        homeless.sort_unstable();
        for shard in homeless {
            let neediest = (0..workers.len()).max_by(|&a, &b| {
                let (left, right) =
                    (missing[a] as u128 * workers[b].1 as u128, missing[b] as u128 * workers[a].1 as u128);
                left.cmp(&right).then(b.cmp(&a))
            });
            if let Some(position) = neediest {
                groups[position].push(shard);
                missing[position] = missing[position].saturating_sub(1);
                self.of.insert(shard, workers[position].0);
            }
        }
        groups.iter_mut().for_each(|group| group.sort_unstable());
        groups
    }
}

/// Divides the shards by slots. What is left over goes, one each, to workers with a fraction due: first to those that
/// hold more already, so that as few shards as possible move, then by fraction, then by position.
fn dues(shards: usize, workers: &[(WorkerId, usize)], held: &[usize]) -> Vec<usize> {
    let slots: u128 = workers.iter().map(|(_, slots)| *slots as u128).sum();
    let exact: Vec<u128> = workers.iter().map(|(_, own)| shards as u128 * *own as u128).collect();
    let mut due: Vec<usize> = exact.iter().map(|exact| (exact / slots) as usize).collect();
    let mut fractions: Vec<usize> =
        (0..workers.len()).filter(|&position| !exact[position].is_multiple_of(slots)).collect();
    fractions.sort_by_key(|&position| (held[position] <= due[position], Reverse(exact[position] % slots), position));
    let left = shards - due.iter().sum::<usize>();
    for position in fractions.into_iter().take(left) {
        due[position] += 1;
    }
    due
}
