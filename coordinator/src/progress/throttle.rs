//! Lets an event through at most once an interval, whoever asks.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// Counts from a stage's beginning.
#[derive(Debug)]
pub(super) struct Throttle {
    interval_millis: u64,
    next_millis: AtomicU64,
}

impl Throttle {
    /// The first event is let through after one interval: a short stage says only that it ended.
    pub(super) fn new(interval: Duration) -> Self {
        let interval_millis = interval.as_millis() as u64;
        Self { interval_millis, next_millis: AtomicU64::new(interval_millis) }
    }

    /// Says whether the caller, of all that ask at about this time, may speak.
    pub(super) fn permits(&self, elapsed: Duration) -> bool {
        let now = elapsed.as_millis() as u64;
        let next = self.next_millis.load(Ordering::Relaxed);
        now >= next
            && self
                .next_millis
                .compare_exchange(next, now + self.interval_millis, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_event_an_interval() {
        let throttle = Throttle::new(Duration::from_secs(1));
        let permitted: Vec<u64> =
            (0..4000).step_by(100).filter(|millis| throttle.permits(Duration::from_millis(*millis))).collect();
        assert_eq!(permitted, [1000, 2000, 3000]);
    }
}
