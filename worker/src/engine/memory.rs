//! What a worker keeps of its shards between rounds. Everything here can be made again, so that some of it
//! makes room where the budget is short, and a shard that comes from another worker is no special case.

use super::budget::{Budget, Reservation};
use crate::{
    keymap::KeyMap,
    lifetime::Histories,
    segmentation::{bisecting::LeafRows, kmeans::KmeansShard, transform::FeatureColumn},
};
use arrow::array::{Array, RecordBatch, StringArray};
use segmenter_proto::Result;
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

/// What is kept of a shard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Slot {
    /// Its features, as the work file has them.
    Features,
    /// A key map, by the first letter of its name; the same for all shards.
    KeyMap(u8),
    /// The rows of a reference table; the number beside it is of the source, since they are the same for all shards.
    Reference,
    /// What rounds of the fit of this segmentation go through.
    Fit(u32),
    /// Those of them that are split in two.
    Leaf(u32),
    /// What rounds of the models of this preset that forecasts go through.
    Lifetime(u32),
    /// What rounds of "measure" go through.
    Measured,
}

impl Slot {
    /// Says whether rounds of a fit go through it.
    pub(super) fn is_of_fit(self) -> bool {
        matches!(self, Self::Fit(_) | Self::Leaf(_) | Self::Lifetime(_))
    }
}

/// A thing that is kept.
#[derive(Debug)]
pub(super) enum Held {
    Table(RecordBatch),
    KeyMap(KeyMap),
    /// While models that forecast are fitted.
    Histories(Histories),
    /// While the transforms of a segmentation are found.
    Scope(Scope),
    /// While its clusters are: the customers in scope, on the grid.
    Matrix(Mutex<KmeansShard>),
    /// While one of the clusters is split: the customers in it.
    Leaf(Mutex<LeafRows>),
}

/// The columns of a segmentation, of the customers in its scope.
#[derive(Debug)]
pub(super) struct Scope {
    pub(super) ids: StringArray,
    pub(super) columns: Vec<FeatureColumn>,
}

impl Scope {
    pub(super) fn bytes(&self) -> u64 {
        let columns: usize = self.columns.iter().map(FeatureColumn::bytes).sum();
        (columns + self.ids.get_array_memory_size()) as u64
    }
}

/// The budget of a worker, and what it keeps within it.
#[derive(Debug)]
pub(super) struct ShardMemory {
    budget: Budget,
    kept: Mutex<Kept>,
    /// Claims for what is being made.
    claims: AtomicUsize,
    /// Counts what was kept and what was let go.
    changes: AtomicUsize,
    /// The most that the customers of a shard took.
    work: AtomicU64,
}

/// How long to wait before looking again whether others are done with what they make.
const MAKING: Duration = Duration::from_millis(5);

/// Memory for a thing that is being made; given back when dropped.
#[derive(Debug)]
pub(super) struct Claim<'a> {
    memory: &'a ShardMemory,
    key: (u32, Slot),
    bytes: u64,
}

impl<'a> Claim<'a> {
    fn begun(memory: &'a ShardMemory, key: (u32, Slot)) -> Self {
        memory.claims.fetch_add(1, Ordering::SeqCst);
        Self { memory, key, bytes: 0 }
    }

    /// Gives back what the thing does not take any more.
    pub(super) fn shrink(&mut self, bytes: u64) {
        let spare = self.bytes.saturating_sub(bytes);
        self.bytes -= spare;
        self.memory.let_go(spare);
    }

    /// Keeps the thing.
    pub(super) fn keep(mut self, held: &Arc<Held>) {
        let bytes = std::mem::take(&mut self.bytes);
        self.memory.insert(self.key.0, self.key.1, held, bytes);
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        self.memory.let_go(self.bytes);
        self.memory.claims.fetch_sub(1, Ordering::SeqCst);
    }
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
        Self {
            budget,
            kept: Mutex::default(),
            claims: AtomicUsize::new(0),
            changes: AtomicUsize::new(0),
            work: AtomicU64::new(0),
        }
    }

    /// Gives the budget in bytes.
    pub(super) fn total(&self) -> u64 {
        self.budget.total()
    }

    /// Gives the bytes of the budget beside what is kept.
    pub(super) fn free(&self) -> u64 {
        self.budget.free()
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

    /// Gives what is kept under the keys that `asked` says.
    pub(super) fn of(&self, asked: impl Fn(&(u32, Slot)) -> bool) -> Vec<Arc<Held>> {
        self.lock().entries.iter().filter(|(key, _)| asked(key)).map(|(_, entry)| entry.held.clone()).collect()
    }

    /// Keeps what only spares work, where that leaves most of the budget to the rest.
    pub(super) fn keep_if_free(&self, shard: u32, slot: Slot, held: &Arc<Held>, bytes: u64) {
        if let Some(claim) = self.claim_if_free(shard, slot, bytes) {
            claim.keep(held);
        }
    }

    /// Takes memory for what could lie in scratch as well, before it is made, where that leaves most of the budget to the rest.
    pub(super) fn claim_if_free(&self, shard: u32, slot: Slot, bytes: u64) -> Option<Claim<'_>> {
        self.forget(|key| *key == (shard, slot));
        // Counted before, as in [`Self::claim`].
        let mut claim = Claim::begun(self, (shard, slot));
        claim.bytes = self.budget.keep_if_free(bytes).then_some(bytes)?;
        Some(claim)
    }

    /// Takes memory for what rounds need again and again, before it is made; `what` names it.
    ///
    /// # Errors
    /// When there is too little memory even with nothing else kept: Resources, saying how much is needed.
    pub(super) fn claim(&self, shard: u32, slot: Slot, bytes: u64, what: &str) -> Result<Claim<'_>> {
        self.forget(|key| *key == (shard, slot));
        self.making_room(|| {
            // Counted before, so that nobody finds the memory taken and the claim not yet there; dropped where there is none.
            let mut claim = Claim::begun(self, (shard, slot));
            self.budget.keep(bytes, what)?;
            claim.bytes = bytes;
            Ok(claim)
        })
    }

    /// Takes memory for rows that rounds go through, before they are made; none where with them more than half of the budget would
    /// be kept: the other half is for work, and rows can lie in scratch as well.
    pub(super) fn claim_rows(&self, shard: u32, slot: Slot, bytes: u64) -> Option<Claim<'_>> {
        self.forget(|key| *key == (shard, slot));
        let mut claim = Claim::begun(self, (shard, slot));
        while !self.budget.keep_if_half(bytes, self.work.load(Ordering::SeqCst)) {
            // What only spares work makes room first.
            let spare = self.lock().entries.iter().find(|(key, _)| !matches!(key.1, Slot::Fit(_))).map(|(key, _)| *key);
            self.forget(|key| Some(*key) == spare);
            spare?;
        }
        claim.bytes = bytes;
        Some(claim)
    }

    /// Takes note of the memory that a shard's customers take while they are looked at: what rounds go through must leave as much, or
    /// one shard would push out another in every round.
    pub(super) fn note_work(&self, bytes: u64) {
        self.work.fetch_max(bytes, Ordering::SeqCst);
    }

    /// Says whether work goes on beside what is kept.
    pub(super) fn has_room_for_work(&self) -> bool {
        self.budget.has_room_for(self.work.load(Ordering::SeqCst))
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
        let mut kept = self.lock();
        let bytes: u64 = kept.entries.extract_if(.., |key, _| gone(key)).map(|(_, entry)| entry.bytes).sum();
        self.let_go(bytes);
    }

    /// Gives back what was kept. Under the lock where entries went: nobody finds the memory taken and nothing that takes it.
    fn let_go(&self, bytes: u64) {
        if bytes > 0 {
            self.budget.give_back(bytes);
            self.changes.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// Tries until it succeeds or nothing is left that could make room.
    fn making_room<T>(&self, mut take: impl FnMut() -> Result<T>) -> Result<T> {
        let being_made = || self.claims.load(Ordering::SeqCst) > 0;
        let changes = || self.changes.load(Ordering::SeqCst);
        loop {
            let (before, changes_before) = (being_made(), changes());
            match take() {
                Err(_) if self.forget_one() => {}
                // What others are making can make room as soon as it is kept, and what they let go meanwhile has made some.
                Err(_) if before || being_made() || changes() != changes_before => std::thread::sleep(MAKING),
                taken => return taken,
            }
        }
    }

    /// Lets go of one thing; says whether there was any. Of what a fit goes through in turns the one used last, since that is needed
    /// again last; else what was not used for longest. A reference table or a key map that somebody works with gives no memory back.
    fn forget_one(&self) -> bool {
        let mut kept = self.lock();
        let in_use = |(key, entry): &(&(u32, Slot), &Entry)| {
            matches!(key.1, Slot::Reference | Slot::KeyMap(_)) && Arc::strong_count(&entry.held) > 1
        };
        // What takes nothing makes no room.
        let spare = kept.entries.iter().filter(|(_, entry)| entry.bytes > 0).filter(|entry| !in_use(entry));
        let (fits, others): (Vec<_>, Vec<_>) =
            spare.map(|(key, entry)| (entry.used, *key)).partition(|(_, key)| key.1.is_of_fit());
        let victim = others.into_iter().min().or_else(|| fits.into_iter().max());
        let Some(gone) = victim.and_then(|(_, key)| kept.entries.remove(&key)) else { return false };
        self.let_go(gone.bytes);
        true
    }

    fn insert(&self, shard: u32, slot: Slot, held: &Arc<Held>, bytes: u64) {
        let mut kept = self.lock();
        kept.clock += 1;
        let entry = Entry { held: held.clone(), bytes, used: kept.clock };
        let replaced = kept.entries.insert((shard, slot), entry);
        self.changes.fetch_add(1, Ordering::SeqCst);
        // Two attempts at the same shard may have made the same thing.
        self.let_go(replaced.map_or(0, |entry| entry.bytes));
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

    fn keep(memory: &ShardMemory, shard: u32, slot: Slot, bytes: u64) -> Result<()> {
        memory.claim(shard, slot, bytes, "a matrix").map(|claim| claim.keep(&anything()))
    }

    #[test]
    fn what_is_needed_last_makes_room_first() {
        let memory = ShardMemory::new(Budget::new(100));
        memory.keep_if_free(9, Slot::Features, &anything(), 10);
        for shard in 0..3 {
            keep(&memory, shard, Slot::Fit(0), 30).unwrap();
        }
        assert!(memory.get(9, Slot::Features).is_some());
        // A round goes through 0, 1, 2, 3: whatever makes room now, the first ones are there when it begins again.
        keep(&memory, 3, Slot::Fit(0), 30).unwrap();
        let there: Vec<u32> = (0..4).filter(|shard| memory.get(*shard, Slot::Fit(0)).is_some()).collect();
        assert_eq!((there, memory.get(9, Slot::Features).is_some()), (vec![0, 1, 3], false));
        let held = memory.reserve(90, "a shard").unwrap();
        assert!((0..4).all(|shard| memory.get(shard, Slot::Fit(0)).is_none()), "work comes before what is kept");
        drop(held);
        assert!(memory.claim(0, Slot::Fit(0), 101, "a matrix").is_err());
        assert!(memory.reserve(100, "a shard").is_ok(), "a claim that failed holds nothing");
    }

    #[test]
    fn a_reference_table_makes_room_only_when_nobody_works_with_it() {
        let memory = ShardMemory::new(Budget::new(100));
        let table = anything();
        memory.claim(2, Slot::Reference, 90, "a table").map(|claim| claim.keep(&table)).unwrap();
        assert_eq!(memory.reserve(20, "a shard").unwrap_err().fault.exit_code(), 6);
        drop(table);
        assert!(memory.reserve(20, "a shard").is_ok() && memory.get(2, Slot::Reference).is_none());
    }

    #[test]
    fn rows_take_half_of_the_budget_and_what_spares_work_makes_room() {
        let memory = ShardMemory::new(Budget::new(100));
        memory.keep_if_free(9, Slot::Features, &anything(), 20);
        memory.claim_rows(0, Slot::Fit(0), 20).unwrap().keep(&anything());
        memory.claim_rows(1, Slot::Fit(0), 20).unwrap().keep(&anything());
        assert!(memory.get(9, Slot::Features).is_none());
        assert!(memory.claim_rows(2, Slot::Fit(0), 20).is_none(), "these go to scratch");
        memory.claim_rows(2, Slot::Fit(0), 10).unwrap().keep(&anything());
        memory.claim_rows(2, Slot::Fit(0), 10).unwrap().keep(&anything());
        assert!(memory.get(0, Slot::Fit(0)).is_some() && memory.reserve(50, "a shard").is_ok());
    }

    #[test]
    fn rows_leave_room_for_the_customers_of_a_shard() {
        let memory = ShardMemory::new(Budget::new(100));
        memory.note_work(70);
        memory.claim_rows(0, Slot::Fit(0), 20).unwrap().keep(&anything());
        assert!(memory.claim_rows(1, Slot::Fit(0), 20).is_none() && memory.has_room_for_work());
        let mut claim = memory.claim(1, Slot::Fit(0), 20, "a matrix").unwrap();
        assert!(!memory.has_room_for_work());
        claim.shrink(0);
        claim.keep(&anything());
        // What takes nothing is not pushed out, since that would make no room.
        let held = memory.reserve(90, "a shard").unwrap();
        let there = |shard| memory.get(shard, Slot::Fit(0)).is_some();
        assert_eq!((there(0), there(1)), (false, true));
        drop(held);
    }

    #[test]
    fn what_went_to_scratch_is_not_counted_any_more() {
        let memory = ShardMemory::new(Budget::new(100));
        let mut claim = memory.claim(0, Slot::Fit(0), 90, "a matrix").unwrap();
        claim.shrink(10);
        claim.keep(&anything());
        assert!(memory.reserve(90, "a shard").is_ok() && memory.get(0, Slot::Fit(0)).is_some());
        assert!(memory.claim(1, Slot::Fit(0), 101, "a matrix").is_err(), "it does not wait for itself");
    }

    #[test]
    fn what_others_are_making_is_worth_waiting_for() {
        let memory = ShardMemory::new(Budget::new(100));
        let claim = memory.claim(0, Slot::Fit(0), 80, "a matrix").unwrap();
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| keep(&memory, 1, Slot::Fit(0), 80));
            std::thread::sleep(Duration::from_millis(30));
            assert!(!waiting.is_finished());
            claim.keep(&anything());
            waiting.join().unwrap().unwrap();
        });
        assert!(memory.get(1, Slot::Fit(0)).is_some());
    }

    #[test]
    fn what_is_just_being_kept_or_let_go_is_waited_for() {
        let memory = ShardMemory::new(Budget::new(100));
        std::thread::scope(|scope| {
            for shard in 0..4 {
                let memory = &memory;
                scope.spawn(move || {
                    for _ in 0..2_000 {
                        memory.keep_if_free(shard, Slot::Features, &anything(), 20);
                        drop(memory.reserve(100, "a shard").unwrap());
                    }
                });
            }
        });
    }

    #[test]
    fn the_same_thing_kept_twice_is_counted_once() {
        let memory = ShardMemory::new(Budget::new(100));
        for _ in 0..3 {
            keep(&memory, 0, Slot::Fit(1), 80).unwrap();
            memory.keep_if_free(1, Slot::Features, &anything(), 10);
        }
        memory.forget(|key| key.0 == 0);
        assert!(memory.reserve(100, "a shard").is_ok());
    }
}
