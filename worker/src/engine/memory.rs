//! What a worker keeps of its shards between rounds. Everything here can be made again, so that what was not used for longest
//! makes room where the budget is short, and a shard that comes from another worker is no special case.

use super::budget::{Budget, Reservation};
use crate::segmentation::kmeans::KmeansShard;
use arrow::array::{Array, Float64Array, RecordBatch, StringArray};
use segmenter_proto::Result;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// What is kept of a shard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Slot {
    /// Its features, as the work file has them.
    Features,
    /// What rounds of the fit of this segmentation go through.
    Fit(u32),
    /// What rounds of "measure" go through.
    Measured,
}

/// A thing that is kept.
#[derive(Debug)]
pub(super) enum Held {
    Table(RecordBatch),
    /// While the transforms of a segmentation are found.
    Scope(Scope),
    /// While its clusters are: the customers in scope, on the grid.
    Matrix(Mutex<KmeansShard>),
}

/// The columns of a segmentation, of the customers in its scope.
#[derive(Debug)]
pub(super) struct Scope {
    pub(super) ids: StringArray,
    pub(super) columns: Vec<Float64Array>,
}

impl Scope {
    pub(super) fn bytes(&self) -> u64 {
        let columns: usize = self.columns.iter().map(Array::get_array_memory_size).sum();
        (columns + self.ids.get_array_memory_size()) as u64
    }
}

/// The budget of a worker, and what it keeps within it.
#[derive(Debug)]
pub(super) struct ShardMemory {
    budget: Budget,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    entries: BTreeMap<(u32, Slot), Entry>,
    /// Counts uses.
    clock: u64,
}

#[derive(Debug)]
struct Entry {
    held: Arc<Held>,
    bytes: u64,
    used: u64,
}

impl ShardMemory {
    pub(super) fn new(budget: Budget) -> Self {
        Self { budget, kept: Mutex::default() }
    }

    /// Gives the budget in bytes.
    pub(super) fn total(&self) -> u64 {
        self.budget.total()
    }

    /// Gives what is kept of a shard.
    pub(super) fn get(&self, shard: u32, slot: Slot) -> Option<Arc<Held>> {
        let mut kept = self.lock();
        kept.clock += 1;
        let now = kept.clock;
        let entry = kept.entries.get_mut(&(shard, slot))?;
        entry.used = now;
        Some(entry.held.clone())
    }

    /// Keeps what only spares work, where that leaves most of the budget to the rest.
    pub(super) fn keep_if_free(&self, shard: u32, slot: Slot, held: &Arc<Held>, bytes: u64) {
        self.forget(|key| *key == (shard, slot));
        if self.budget.keep_if_free(bytes) {
            self.insert(shard, slot, held, bytes);
        }
    }

    /// Keeps what rounds need again and again; `what` names it.
    ///
    /// # Errors
    /// When there is too little memory even with nothing else kept: Resources, saying how much is needed.
    pub(super) fn keep(&self, shard: u32, slot: Slot, held: &Arc<Held>, bytes: u64, what: &str) -> Result<()> {
        self.forget(|key| *key == (shard, slot));
        self.making_room(|| self.budget.keep(bytes, what))?;
        self.insert(shard, slot, held, bytes);
        Ok(())
    }

    /// Waits until so many bytes are free and holds them; `what` names their use.
    ///
    /// # Errors
    /// When there never will be as many: Resources, saying how much is needed.
    pub(super) fn reserve(&self, bytes: u64, what: &str) -> Result<Reservation<'_>> {
        self.making_room(|| self.budget.reserve(bytes, what))
    }

    /// Lets go of what is kept under the keys that `gone` says.
    pub(super) fn forget(&self, gone: impl Fn(&(u32, Slot)) -> bool) {
        let bytes: u64 = self.lock().entries.extract_if(.., |key, _| gone(key)).map(|(_, entry)| entry.bytes).sum();
        self.budget.give_back(bytes);
    }

    fn making_room<T>(&self, mut take: impl FnMut() -> Result<T>) -> Result<T> {
        loop {
            match take() {
                Err(_) if self.forget_oldest() => {}
                taken => return taken,
            }
        }
    }

    /// Lets go of what was not used for longest; says whether there was anything.
    fn forget_oldest(&self) -> bool {
        let mut kept = self.lock();
        let oldest = kept.entries.iter().min_by_key(|(_, entry)| entry.used).map(|(key, _)| *key);
        let Some(gone) = oldest.and_then(|key| kept.entries.remove(&key)) else { return false };
        drop(kept);
        self.budget.give_back(gone.bytes);
        true
    }

    fn insert(&self, shard: u32, slot: Slot, held: &Arc<Held>, bytes: u64) {
        let mut kept = self.lock();
        kept.clock += 1;
        let entry = Entry { held: held.clone(), bytes, used: kept.clock };
        let replaced = kept.entries.insert((shard, slot), entry);
        drop(kept);
        // Two attempts at the same shard may have made the same thing.
        self.budget.give_back(replaced.map_or(0, |entry| entry.bytes));
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::datatypes::Schema;

    fn anything() -> Arc<Held> {
        Arc::new(Held::Table(RecordBatch::new_empty(Arc::new(Schema::empty()))))
    }

    #[test]
    fn what_was_not_used_for_longest_makes_room() {
        let memory = ShardMemory::new(Budget::new(100));
        for shard in 0..4 {
            memory.keep(shard, Slot::Fit(0), &anything(), 25, "a matrix").unwrap();
        }
        assert!(memory.get(0, Slot::Fit(0)).is_some());
        memory.keep(4, Slot::Fit(0), &anything(), 30, "a matrix").unwrap();
        let there: Vec<u32> = (0..5).filter(|shard| memory.get(*shard, Slot::Fit(0)).is_some()).collect();
        assert_eq!(there, [0, 3, 4], "1 and 2 made room");
        let held = memory.reserve(90, "a shard").unwrap();
        assert!((0..5).all(|shard| memory.get(shard, Slot::Fit(0)).is_none()), "work comes before what is kept");
        drop(held);
        assert!(memory.keep(0, Slot::Fit(0), &anything(), 101, "a matrix").is_err());
    }

    #[test]
    fn the_same_thing_kept_twice_is_counted_once() {
        let memory = ShardMemory::new(Budget::new(100));
        for _ in 0..3 {
            memory.keep(0, Slot::Fit(1), &anything(), 80, "a matrix").unwrap();
            memory.keep_if_free(1, Slot::Features, &anything(), 10);
        }
        memory.forget(|key| key.0 == 0);
        assert!(memory.reserve(100, "a shard").is_ok());
    }
}
