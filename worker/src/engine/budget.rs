//! The hard limit on memory that grows with the data: who needs some waits for it, or learns that there never will be.

use crate::program::DataBudget;
use segmenter_proto::{Error, Result};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Threads that a hint supposes: with fewer, what it says is more than enough.
const THREADS: usize = 64;

/// Bytes that may be held at the same time.
///
/// - What is reserved comes back when its task ends, so it is worth waiting for.
/// - What is kept stays between tasks, so nobody waits for it: who needs more than the rest is told at once.
#[derive(Debug)]
pub struct Budget {
    total: u64,
    taken: Mutex<Use>,
    returned: Condvar,
}

#[derive(Debug, Default)]
struct Use {
    reserved: u64,
    kept: u64,
}

/// Bytes that are held; given back when dropped.
#[derive(Debug)]
pub struct Reservation<'a> {
    budget: &'a Budget,
    bytes: u64,
}

impl Budget {
    /// Makes a budget of so many bytes.
    pub fn new(total: u64) -> Self {
        Self { total, taken: Mutex::default(), returned: Condvar::new() }
    }

    /// Gives the whole of it, in bytes.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Gives the bytes beside what is kept.
    pub fn free(&self) -> u64 {
        self.total.saturating_sub(self.lock().kept)
    }

    /// Waits until so many bytes are free and holds them; `what` names their use.
    ///
    /// # Errors
    /// When there never will be as many: Resources, saying how much is needed.
    pub fn reserve(&self, bytes: u64, what: &str) -> Result<Reservation<'_>> {
        self.wait_for(bytes, what)?.reserved += bytes;
        Ok(Reservation { budget: self, bytes })
    }

    /// Takes bytes until they are given back, such as for a matrix that rounds go through again and again.
    ///
    /// # Errors
    /// When there never will be as many: Resources, saying how much is needed.
    pub fn keep(&self, bytes: u64, what: &str) -> Result<()> {
        self.wait_for(bytes, what)?.kept += bytes;
        Ok(())
    }

    /// Keeps bytes that only spare work, if that leaves three quarters of the budget to the rest; says whether it did.
    pub fn keep_if_free(&self, bytes: u64) -> bool {
        let mut used = self.lock();
        let room = used.kept + bytes <= self.total / 4 && used.reserved + used.kept + bytes <= self.total;
        if room {
            used.kept += bytes;
        }
        room
    }

    /// Keeps bytes if no more than half of the budget is kept then, and `work` can be held beside it; says whether it did.
    pub fn keep_if_half(&self, bytes: u64, work: u64) -> bool {
        let mut used = self.lock();
        let room = used.kept + bytes <= (self.total / 2).min(self.total.saturating_sub(work))
            && used.reserved + used.kept + bytes <= self.total;
        if room {
            used.kept += bytes;
        }
        room
    }

    /// Says whether so many bytes can be held beside what is kept.
    pub fn has_room_for(&self, bytes: u64) -> bool {
        self.lock().kept + bytes <= self.total
    }

    /// Gives back bytes that were kept.
    pub fn give_back(&self, bytes: u64) {
        let mut used = self.lock();
        used.kept = used.kept.saturating_sub(bytes);
        self.returned.notify_all();
    }

    fn wait_for(&self, bytes: u64, what: &str) -> Result<MutexGuard<'_, Use>> {
        let mut used = self.lock();
        loop {
            if used.kept + bytes > self.total {
                return Err(self.too_small(used.kept + bytes, what));
            }
            if used.reserved + used.kept + bytes <= self.total {
                return Ok(used);
            }
            used = self.returned.wait(used).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Use> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn too_small(&self, needed: u64, what: &str) -> Error {
        let megabytes = |bytes: u64| bytes.div_ceil(1 << 20);
        Error::resources(format!(
            "{what} needs {} MB of memory, and {} MB are there for data",
            megabytes(needed),
            megabytes(self.total)
        ))
        .with_hint(format!(
            "give --memory {}M, or begin anew with more and so smaller shards: --new-run --shards N",
            megabytes(DataBudget::whole_for(needed, THREADS))
        ))
    }
}

impl Drop for Reservation<'_> {
    fn drop(&mut self) {
        let mut used = self.budget.lock();
        used.reserved = used.reserved.saturating_sub(self.bytes);
        self.budget.returned.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_never_be_had_is_an_error_that_says_how_much() {
        let budget = Budget::new(100 << 20);
        let error = budget.reserve(200 << 20, "shard 3").unwrap_err();
        assert_eq!(error.fault, segmenter_proto::Fault::Resources);
        assert_eq!(error.message, "shard 3 needs 200 MB of memory, and 100 MB are there for data");
        assert_eq!(
            error.hint.as_deref(),
            Some("give --memory 456M, or begin anew with more and so smaller shards: --new-run --shards N")
        );
    }

    #[test]
    fn who_needs_more_than_is_free_waits_for_the_others() {
        let budget = Budget::new(10);
        let held = budget.reserve(8, "one").unwrap();
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| budget.reserve(5, "two").map(|held| held.bytes));
            std::thread::sleep(std::time::Duration::from_millis(20));
            assert!(!waiting.is_finished());
            drop(held);
            assert_eq!(waiting.join().unwrap().unwrap(), 5);
        });
        assert!(budget.keep(11, "a matrix").is_err());
        budget.keep(10, "a matrix").unwrap();
        assert!(budget.keep(1, "another").is_err());
        assert!(budget.reserve(1, "a shard").is_err(), "what is kept is not worth waiting for");
        budget.give_back(10);
        assert!(budget.keep_if_free(2) && !budget.keep_if_free(1), "a quarter is for what only spares work");
    }
}
