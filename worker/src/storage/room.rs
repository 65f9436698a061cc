//! Room for what is read from object stores and waits to be decoded.

use bytes::Bytes;
use std::sync::{Arc, Weak};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Bytes that may wait at the same time, of all readers together.
///
/// - Whoever needs more than all of it has it alone.
/// - Who waits holds nothing: a reader that still holds what it read before takes more without waiting, so that readers never wait for each
///   other in a circle.
#[derive(Debug, Clone, Default)]
pub(crate) struct Room(Option<Limit>);

#[derive(Debug, Clone)]
struct Limit {
    kib: u32,
    free: Arc<Semaphore>,
}

/// What one reader holds.
#[derive(Debug, Clone, Default)]
pub(crate) struct Held(Vec<Weak<Permit>>);

#[derive(Debug)]
pub(crate) struct Permit {
    _kib: Option<OwnedSemaphorePermit>,
}

impl Room {
    /// Makes room for so many bytes; the default is without a limit.
    pub(super) fn of(bytes: u64) -> Self {
        let kib = u32::try_from(bytes >> 10).unwrap_or(u32::MAX).clamp(1, (Semaphore::MAX_PERMITS >> 1) as u32);
        Self(Some(Limit { kib, free: Arc::new(Semaphore::new(kib as usize)) }))
    }

    /// Waits for room for so many bytes.
    pub(crate) async fn take(&self, held: &mut Held, bytes: u64) -> Arc<Permit> {
        held.0.retain(|before| before.strong_count() > 0);
        let kib = match &self.0 {
            Some(limit) if held.0.is_empty() => {
                let kib = u32::try_from(bytes.div_ceil(1 << 10)).unwrap_or(u32::MAX).min(limit.kib);
                // Never closed.
                limit.free.clone().acquire_many_owned(kib).await.ok()
            }
            _ => None,
        };
        let permit = Arc::new(Permit { _kib: kib });
        held.0.push(Arc::downgrade(&permit));
        permit
    }
}

impl Permit {
    /// Gives bytes that hold the room until they are dropped, with all that is cut from them.
    pub(crate) fn holding(self: &Arc<Self>, bytes: Bytes) -> Bytes {
        Bytes::from_owner(Holding { bytes, _permit: Arc::clone(self) })
    }
}

struct Holding {
    bytes: Bytes,
    _permit: Arc<Permit>,
}

impl AsRef<[u8]> for Holding {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    #[tokio::test]
    async fn readers_wait_until_what_others_read_is_dropped_with_all_that_was_cut_from_it() {
        let room = Room::of(10 << 10);
        let (mut one, mut two) = (Held::default(), Held::default());
        let first = room.take(&mut one, 6 << 10).await;
        let bytes = first.holding(Bytes::from(vec![7; 6 << 10]));
        let cut = bytes.slice(5..7);
        drop((first, bytes));
        assert!(room.take(&mut two, 5 << 10).now_or_never().is_none(), "a part of it is still there");
        assert!(room.take(&mut two, 4 << 10).now_or_never().is_some());
        assert_eq!(&cut[..], [7, 7]);
        drop(cut);
        assert!(room.take(&mut two, 5 << 10).now_or_never().is_some());
    }

    #[tokio::test]
    async fn what_is_larger_than_all_of_it_is_read_alone_and_a_reader_never_waits_for_itself() {
        let room = Room::of(10 << 10);
        let (mut one, mut two) = (Held::default(), Held::default());
        let first = room.take(&mut one, 1 << 30).await;
        assert!(room.take(&mut two, 1).now_or_never().is_none());
        assert!(room.take(&mut one, 1 << 30).now_or_never().is_some());
        drop(first);
        assert!(room.take(&mut two, 1).now_or_never().is_some());
        assert!(Room::default().take(&mut two, u64::MAX).now_or_never().is_some(), "no limit was set");
    }
}
