//! A commit that is written anew since customers are forgotten: the one time that an object which was created once is replaced.

use super::{
    commit::{Commit, CommittedFile, Forgotten, hex},
    folder::ObjectFolder,
};
use segmenter_proto::{Result, object_keys::RunKeys};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Gives the SHA-256 of a run's `commit.json`, in hex; none where there is none.
///
/// # Errors
/// The store's failure.
pub async fn commit_digest<F: ObjectFolder>(folder: &F, keys: &RunKeys) -> Result<Option<String>> {
    Ok(folder.get(&keys.commit()).await?.map(|bytes| hex(&Sha256::digest(&bytes))))
}

/// Writes the commit of a run with other files in the place of those of the same paths, and notes what it `was`. Until the files are what it says, the
/// run is damaged to whoever reads it.
///
/// # Errors
/// The store's failure.
pub async fn replace_commit<F: ObjectFolder>(
    folder: &F,
    keys: &RunKeys,
    commit: &Commit,
    files: Vec<CommittedFile>,
    was: Forgotten,
) -> Result<Commit> {
    let mut anew: BTreeMap<String, CommittedFile> = files.into_iter().map(|file| (file.path.clone(), file)).collect();
    let mut commit = commit.clone();
    for file in &mut commit.files {
        if let Some(other) = anew.remove(&file.path) {
            *file = other;
        }
    }
    commit.forgotten.push(was);
    folder.put(&keys.commit(), commit.to_bytes()?).await?;
    Ok(commit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{CommitFound, MemoryFolder, find_commit, read_commit, small_commit};

    const RUN: &str = "2026-11-21-000000000001";

    #[tokio::test]
    async fn a_commit_that_is_written_anew_has_the_other_files_and_what_it_was() {
        let folder = MemoryFolder::default();
        let keys = RunKeys::new("club", RUN);
        let files = ["a", "b"].map(|path| CommittedFile::of(path, Some(2), b"two rows"));
        let commit = Commit { files: files.to_vec(), ..small_commit(RUN) };
        let text = commit.to_bytes().unwrap();
        assert!(!String::from_utf8_lossy(&text).contains("forgotten"), "one that is as it was says nothing");
        folder.put(&keys.commit(), text).await.unwrap();
        let was = commit_digest(&folder, &keys).await.unwrap().unwrap();
        let of = |was: String| Forgotten { was, ids: 1 };
        let file = CommittedFile::of("b", Some(1), b"a row");
        let first = replace_commit(&folder, &keys, &commit, vec![file.clone()], of(was.clone())).await.unwrap();
        assert_eq!(first.files, [files[0].clone(), file]);
        assert_eq!(read_commit(&folder, &keys).await.unwrap(), Some(first.clone()));
        assert_eq!(find_commit(&folder, &keys).await.unwrap(), CommitFound::Commit(Box::new(first.clone())));
        let then = commit_digest(&folder, &keys).await.unwrap().unwrap();
        assert_ne!(then, was);
        let second = replace_commit(&folder, &keys, &first, Vec::new(), of(then.clone())).await.unwrap();
        assert_eq!(second.forgotten, [of(was), of(then)]);
        assert_eq!(commit_digest(&folder, &RunKeys::new("club", "none")).await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_commit_of_before_there_was_forgetting_is_read() {
        let folder = MemoryFolder::default();
        let keys = RunKeys::new("club", RUN);
        let old = format!(
            "{{\"format_version\":1,\"job\":\"club\",\"run\":\"{RUN}\",\"as_of\":\"2026-11-21\",\"algorithm_version\":1,\"previous\":null,\
             \"sequence\":1,\"files\":[]}}"
        );
        folder.put(&keys.commit(), old.into()).await.unwrap();
        assert_eq!(read_commit(&folder, &keys).await.unwrap(), Some(small_commit(RUN)));
    }
}
