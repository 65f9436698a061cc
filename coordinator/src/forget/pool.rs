//! Work on many things at once, each on a thread that may wait for the store.

use segmenter_proto::{Error, Result};
use std::{
    num::NonZeroUsize,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

/// Does `work` on each of these on so many threads, and gives what came of it in their order; after a failure nothing more is begun.
///
/// # Errors
/// The first failure, by the order of the things.
pub(super) fn on_threads<T: Sync, R: Send>(
    threads: NonZeroUsize,
    things: &[T],
    work: impl Fn(&T) -> Result<R> + Sync,
) -> Result<Vec<R>> {
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, Result<R>)>> = Mutex::new(Vec::new());
    let one = || {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(thing) = things.get(at) else { break };
            let result = work(thing);
            if result.is_err() {
                next.store(things.len(), Ordering::Relaxed);
            }
            done.lock().unwrap_or_else(PoisonError::into_inner).push((at, result));
        }
    };
    thread::scope(|scope| {
        for _ in 0..threads.get().min(things.len()) {
            scope.spawn(one);
        }
    });
    let mut done = done.into_inner().map_err(|_| Error::bug("a thread was lost"))?;
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_come_in_the_order_of_the_things_and_a_failure_ends_it() {
        let threads = NonZeroUsize::new(4).unwrap();
        let numbers: Vec<u32> = (0..100).collect();
        let squares = on_threads(threads, &numbers, |number| Ok(number * number)).unwrap();
        assert_eq!(squares, numbers.iter().map(|number| number * number).collect::<Vec<_>>());
        let begun = AtomicUsize::new(0);
        let failed = on_threads(NonZeroUsize::MIN, &numbers, |number| {
            begun.fetch_add(1, Ordering::Relaxed);
            if *number == 3 { Err(Error::data("three")) } else { Ok(()) }
        });
        assert_eq!((failed.unwrap_err().message.as_str(), begun.into_inner()), ("three", 4));
        assert!(on_threads(threads, &[] as &[u32], |_| Ok(())).unwrap().is_empty());
    }
}
