//! What stands in a file, as a hash.

use super::object::PinnedObject;
use super::pinned::PinnedFile;
use crate::storage::Storage;
use segmenter_proto::Result;
use sha2::{Digest, Sha256};

/// Bytes of one request.
const BLOCK: u64 = 4 << 20;

/// Gives the SHA-256 of a pinned file, in hexadecimal: the store's tag of a local file is made of inode, time and size, which a file that
/// is written again may keep.
///
/// # Errors
///
/// The data's fault where the file changed, a dependency's where it cannot be read.
pub async fn content_hash(storage: &Storage, file: &PinnedFile) -> Result<String> {
    let object = PinnedObject::open(storage, file)?;
    let mut hash = Sha256::new();
    for start in (0..file.size).step_by(BLOCK as usize) {
        hash.update(object.read_range(start..(start + BLOCK).min(file.size)).await?);
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}
