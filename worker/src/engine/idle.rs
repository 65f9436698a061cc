//! Which of a worker's threads have nothing to do, so that one large shard can use them.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Counts a worker's threads: each task over a shard takes one, a pass over a large shard those that are left.
///
/// A count, not a lock: nobody waits for a thread, and a task that begins while a pass has borrowed its thread runs beside it.
#[derive(Debug)]
pub(super) struct IdleThreads(AtomicUsize);

/// Threads that are taken until this is dropped.
#[derive(Debug)]
pub(super) struct Taken<'a> {
    idle: &'a IdleThreads,
    /// How many.
    pub(super) threads: usize,
}

impl IdleThreads {
    pub(super) fn new(threads: usize) -> Self {
        Self(AtomicUsize::new(threads))
    }

    /// Takes up to so many threads: fewer, even none, where fewer are idle.
    pub(super) fn take(&self, most: usize) -> Taken<'_> {
        let before = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |idle| Some(idle - idle.min(most)));
        Taken { idle: self, threads: before.unwrap_or(0).min(most) }
    }

    /// Takes all threads that are idle.
    pub(super) fn take_all(&self) -> Taken<'_> {
        self.take(usize::MAX)
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        self.idle.0.fetch_add(self.threads, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_is_taken_once_and_comes_back() {
        let idle = IdleThreads::new(3);
        let task = idle.take(1);
        let pass = idle.take_all();
        assert_eq!((task.threads, pass.threads, idle.take(1).threads), (1, 2, 0));
        drop(pass);
        assert_eq!(idle.take_all().threads, 2);
        drop(task);
        assert_eq!(idle.take_all().threads, 3);
    }
}
