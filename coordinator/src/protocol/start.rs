//! How a coordinator begins or resumes a run.

use super::{
    commit::{self, Commit, Finished, delete_work, read_commit},
    folder::ObjectFolder,
    latest::advance_latest,
    log::RunLog,
    nonce::Nonce,
};
use segmenter_proto::{Result, object_keys::RunKeys};

/// What a coordinator finds when it starts.
#[derive(Debug)]
pub enum Start {
    /// The run is committed, now or long ago; there is nothing to do.
    Committed(Commit),
    /// The run is this coordinator's, from the stages on that its log does not have.
    Open(RunLog),
}

/// Takes the run over, or finds it committed and repairs what a crash left behind it.
///
/// `shards` is the number this coordinator would cut; [`RunLog::shards`] says what holds.
///
/// # Errors
/// The store fails, or what stands there was written by a newer version.
pub async fn start<F: ObjectFolder>(folder: &F, keys: &RunKeys, run: &str, nonce: Nonce, shards: u32) -> Result<Start> {
    if let Some(commit) = read_commit(folder, keys).await? {
        return repaired(folder, keys, commit).await;
    }
    let log = RunLog::take_over(folder, keys, run, nonce, shards).await?;
    // Once more: the log may have been an empty one because the run was committed in between and its log deleted.
    if let Some(commit) = read_commit(folder, keys).await? {
        return repaired(folder, keys, commit).await;
    }
    match commit::finish(folder, &log).await? {
        Some(Finished::Committed(commit)) => Ok(Start::Committed(commit)),
        // Files that are damaged are written again by the stages.
        Some(Finished::Damaged(_)) | None => Ok(Start::Open(log)),
    }
}

async fn repaired<F: ObjectFolder>(folder: &F, keys: &RunKeys, commit: Commit) -> Result<Start> {
    advance_latest(folder, &commit).await?;
    delete_work(folder, keys).await?;
    Ok(Start::Committed(commit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        protocol::commit::tests::small_commit,
        protocol::{latest::Latest, memory_folder::MemoryFolder},
    };

    #[tokio::test]
    async fn a_committed_run_is_not_run_again_and_its_leftovers_are_repaired() {
        let folder = MemoryFolder::default();
        let run = "2026-11-21-000000000001";
        let keys = RunKeys::new("club", run);
        folder.put(&keys.commit(), small_commit(run).to_bytes().unwrap()).await.unwrap();
        folder.put(&keys.log(1), bytes::Bytes::new()).await.unwrap();

        let found = start(&folder, &keys, run, Nonce::of(1), 8).await.unwrap();
        assert!(matches!(found, Start::Committed(commit) if commit.run == run));
        let latest: Latest = serde_json::from_slice(&folder.get(&keys.latest()).await.unwrap().unwrap()).unwrap();
        assert_eq!(latest.run, run);
        assert_eq!(folder.list(&keys.work_folder()).await.unwrap(), Vec::<String>::new());
    }
}
