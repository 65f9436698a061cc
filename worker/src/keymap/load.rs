//! Brings the parts of a key map to where they are asked.

use super::{
    build::key_map_object,
    lookup::{KeyMap, Stored},
};
use crate::storage::Folder;
use segmenter_proto::{Error, NO_ROOM, Result, v1::KeyMapPart};
use std::{
    fs::File,
    io::{ErrorKind, Write},
    path::Path,
};
use tokio::runtime::Handle;
use xxhash_rust::xxh3::Xxh3;

/// Bytes of a request, which are in memory at a time.
const REQUEST: u64 = 4 << 20;

/// Loads the map `name` of these parts, in the order of their shards: into memory, or to a nameless file of `scratch` where one is given.
///
/// # Errors
/// A part is gone or damaged: [`Error::lost_work`]. Scratch has no room (Resources) or cannot be written to (Dependency).
pub fn load(
    work: &Folder,
    runtime: &Handle,
    name: &str,
    parts: &[KeyMapPart],
    scratch: Option<&Path>,
) -> Result<KeyMap> {
    let bytes: u64 = parts.iter().map(|part| part.bytes).sum();
    let stored = match scratch {
        None => {
            let mut held = Vec::with_capacity(usize::try_from(bytes).unwrap_or_default());
            fetch(work, runtime, name, parts, |piece| {
                held.extend_from_slice(piece);
                Ok(())
            })?;
            Stored::Memory(held)
        }
        Some(folder) => {
            let mut file = nameless(folder).map_err(|error| failed(folder, bytes, error))?;
            fetch(work, runtime, name, parts, |piece| {
                file.write_all(piece).map_err(|error| failed(folder, bytes, error))
            })?;
            Stored::Disk(file)
        }
    };
    KeyMap::open(parts, stored)
}

fn nameless(folder: &Path) -> std::io::Result<File> {
    std::fs::create_dir_all(folder)?;
    tempfile::tempfile_in(folder)
}

/// Hands the bytes of all parts over, one after the other.
fn fetch(
    work: &Folder,
    runtime: &Handle,
    name: &str,
    parts: &[KeyMapPart],
    mut take: impl FnMut(&[u8]) -> Result<()>,
) -> Result<()> {
    for (number, part) in (0..).zip(parts) {
        let object = key_map_object(name, number, part.checksum);
        let lost = |how: &str| Error::lost_work(&object, format!("work file {} {how}", work.uri_of(&object)));
        let mut sum = Xxh3::new();
        let mut start = 0;
        while start < part.bytes {
            let end = part.bytes.min(start + REQUEST);
            let piece = runtime.block_on(work.get_range_if_whole(&object, start..end))?;
            let piece = piece.ok_or_else(|| lost("is gone or cut short"))?;
            sum.update(&piece);
            take(&piece)?;
            start = end;
        }
        if sum.digest() != part.checksum {
            return Err(lost("is damaged"));
        }
    }
    Ok(())
}

fn failed(folder: &Path, bytes: u64, error: std::io::Error) -> Error {
    let (folder, megabytes) = (folder.display(), bytes.div_ceil(1 << 20));
    let full = matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge);
    match full {
        true => Error::resources(format!("scratch folder {folder} has {NO_ROOM} {megabytes} MB of keys"))
            .with_hint("give --scratch a folder on a larger disk, or more --memory"),
        false => Error::dependency(format!("scratch folder {folder} cannot hold {megabytes} MB of keys"))
            .with_hint("give --scratch a folder that can be written to"),
    }
    .caused_by(error)
}
