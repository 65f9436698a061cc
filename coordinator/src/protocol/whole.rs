//! Whether the files of a run are what they were when they were written.

use super::{
    commit::{CommittedFile, hex},
    folder::ObjectFolder,
};
use futures::{StreamExt, TryStreamExt, stream};
use segmenter_proto::{Error, Result, object_keys::RunKeys};
use sha2::{Digest, Sha256};
use std::{collections::BTreeMap, fmt};

/// Bytes that are read at a time.
const PIECE: u64 = 8 << 20;
/// Files that are read at the same time.
const PARALLEL: usize = 4;
/// Names that a message holds; programs get all of them.
const NAMED: usize = 5;

/// A file that is not what was written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Damage {
    /// Path within the run's folder.
    pub path: String,
    /// What is wrong with it.
    pub what: Wrong,
}

/// What is wrong with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wrong {
    /// There is none.
    Missing,
    /// It has another size.
    Size {
        /// Bytes that are there.
        found: u64,
        /// Bytes that were written.
        expected: u64,
    },
    /// It has the same size and holds other bytes.
    Content,
}

impl fmt::Display for Damage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, what } = self;
        match what {
            Wrong::Missing => write!(formatter, "{path} is missing"),
            Wrong::Size { found, expected } => write!(formatter, "{path} has {found} bytes, expected {expected}"),
            Wrong::Content => write!(formatter, "{path} holds other bytes than were written"),
        }
    }
}

/// Compares the files of a run with what is known of them by their sizes, which one listing tells; sorted.
///
/// # Errors
/// The store cannot be read.
pub async fn damaged_by_size<F: ObjectFolder>(
    folder: &F,
    keys: &RunKeys,
    files: &[CommittedFile],
) -> Result<Vec<Damage>> {
    Ok(damaged_sizes(&folder.sizes(&keys.run_folder()).await?, keys, files))
}

/// Compares the files of a run with the sizes that a listing of its folder tells; sorted.
pub fn damaged_sizes(sizes: &BTreeMap<String, u64>, keys: &RunKeys, files: &[CommittedFile]) -> Vec<Damage> {
    let wrong = files.iter().filter_map(|file| {
        let what = match sizes.get(&keys.result(&file.path)) {
            None => Wrong::Missing,
            Some(&found) if found != file.bytes => Wrong::Size { found, expected: file.bytes },
            Some(_) => return None,
        };
        Some(Damage { path: file.path.clone(), what })
    });
    let mut damaged: Vec<Damage> = wrong.collect();
    damaged.sort();
    damaged
}

/// Compares the files of a run with what is known of them by all their bytes; sorted. `read` hears of each file and its bytes.
///
/// # Errors
/// The store cannot be read.
pub async fn damaged_by_content<F: ObjectFolder>(
    folder: &F,
    keys: &RunKeys,
    files: &[CommittedFile],
    read: impl Fn(u64),
) -> Result<Vec<Damage>> {
    let mut damaged = damaged_by_size(folder, keys, files).await?;
    let whole = files.iter().filter(|file| damaged.iter().all(|damage| damage.path != file.path));
    let others: Vec<Damage> = stream::iter(whole)
        .map(|file| async {
            let what = wrong_content(folder, &keys.result(&file.path), file).await?;
            read(file.bytes);
            Ok::<_, Error>(what.map(|what| Damage { path: file.path.clone(), what }))
        })
        .buffer_unordered(PARALLEL)
        .try_filter_map(async |damage| Ok(damage))
        .try_collect()
        .await?;
    damaged.extend(others);
    damaged.sort();
    Ok(damaged)
}

async fn wrong_content<F: ObjectFolder>(folder: &F, key: &str, file: &CommittedFile) -> Result<Option<Wrong>> {
    let mut digest = Sha256::new();
    let mut start = 0;
    while start < file.bytes {
        let end = file.bytes.min(start + PIECE);
        let Some(bytes) = folder.get_range_if_whole(key, start..end).await? else { return Ok(Some(Wrong::Missing)) };
        let updated = tokio::task::spawn_blocking(move || {
            digest.update(&bytes);
            digest
        });
        digest = updated.await.map_err(|error| Error::bug("a checksum could not be computed").caused_by(error))?;
        start = end;
    }
    Ok((hex(&digest.finalize()) != file.sha256).then_some(Wrong::Content))
}

/// The error of a committed run some of whose files are damaged.
pub fn damaged_run(run: &str, damaged: &[Damage]) -> Error {
    let named: Vec<String> = damaged.iter().take(NAMED).map(Damage::to_string).collect();
    let more = match damaged.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    Error::data(format!("committed run {run} is damaged: {}{more}", named.join("; ")))
        .with_hint("restore its files from a copy, or run the same work anew with --new-run")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::memory_folder::MemoryFolder;
    use bytes::Bytes;

    fn keys() -> RunKeys {
        RunKeys::new("club", "r1")
    }

    async fn written(files: &[(&str, Vec<u8>)]) -> (MemoryFolder, Vec<CommittedFile>) {
        let folder = MemoryFolder::default();
        for (path, bytes) in files {
            folder.put(&keys().result(path), Bytes::from(bytes.clone())).await.unwrap();
        }
        let known = files.iter().map(|(path, bytes)| CommittedFile::of(*path, None, bytes)).collect();
        (folder, known)
    }

    #[tokio::test]
    async fn what_is_missing_cut_short_or_changed_is_named() {
        let large = vec![7_u8; 2 * PIECE as usize + 5];
        let (folder, files) = written(&[
            ("a", b"abc".to_vec()),
            ("b", b"abc".to_vec()),
            ("c", b"abc".to_vec()),
            ("d", large.clone()),
            ("e", Vec::new()),
        ])
        .await;
        assert_eq!(damaged_by_content(&folder, &keys(), &files, |_| {}).await.unwrap(), []);
        folder.delete("club/runs/r1/a").await.unwrap();
        folder.put("club/runs/r1/b", Bytes::from_static(b"ab")).await.unwrap();
        folder.put("club/runs/r1/c", Bytes::from_static(b"abd")).await.unwrap();
        let mut flipped = large;
        *flipped.last_mut().unwrap() ^= 1;
        folder.put("club/runs/r1/d", flipped.into()).await.unwrap();
        let text = |damaged: Vec<Damage>| damaged.iter().map(Damage::to_string).collect::<Vec<_>>();
        let by_size = text(damaged_by_size(&folder, &keys(), &files).await.unwrap());
        assert_eq!(by_size, ["a is missing", "b has 2 bytes, expected 3"]);
        let by_content = damaged_by_content(&folder, &keys(), &files, |_| {}).await.unwrap();
        assert_eq!(
            text(by_content.clone())[2..],
            ["c holds other bytes than were written", "d holds other bytes than were written"]
        );
        let error = damaged_run("r1", &by_content);
        assert_eq!(error.fault.exit_code(), 3);
        assert!(error.message.contains("run r1") && error.message.contains("a is missing"), "{error}");
    }
}
