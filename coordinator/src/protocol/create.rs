//! A create-only write that ends in knowledge: created now, or what stands there instead.

use super::folder::ObjectFolder;
use bytes::Bytes;
use segmenter_proto::{Error, Result};
use segmenter_worker::storage::PutNew;
use std::time::Duration;

/// How often a write that the store neither did nor explained is tried.
pub(super) const TRIES: u32 = 6;
/// The first pause between tries; each next one is twice as long.
const FIRST_PAUSE: Duration = if cfg!(test) { Duration::ZERO } else { Duration::from_millis(50) };

/// How a create-only write ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Creation {
    /// The store said that it created the object.
    Created,
    /// These bytes stand there: another's, or one's own of an earlier try whose answer was lost.
    Found(Bytes),
}

/// Creates an object, asking again where the store answers a conflict and nobody wrote, or fails in a way that a retry helps.
///
/// # Errors
/// The store failed for good, or [`TRIES`] times.
pub(super) async fn create_or_read<F: ObjectFolder>(folder: &F, key: &str, bytes: &Bytes) -> Result<Creation> {
    let mut last = None;
    let mut pause = FIRST_PAUSE;
    for _ in 0..TRIES {
        match folder.put_new(key, bytes.clone()).await {
            Ok(PutNew::Created) => return Ok(Creation::Created),
            Ok(PutNew::Exists) => {}
            Err(error) if error.fault.retry_helps() => last = Some(error),
            Err(error) => return Err(error),
        }
        if let Some(found) = folder.get(key).await? {
            return Ok(Creation::Found(found));
        }
        tokio::time::sleep(pause).await;
        pause *= 2;
    }
    let give_up =
        || Error::dependency(format!("{key} could not be created in {TRIES} tries, and nobody else created it"));
    Err(last.unwrap_or_else(give_up))
}
