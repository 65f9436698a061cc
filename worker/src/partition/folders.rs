//! Where chunks lie: those of one run in its work folder, those that later runs use too in the cache of the job.

use crate::storage::Folder;
use std::sync::Arc;

/// What the names of the objects begin with that lie in the cache.
const KEPT: &str = "kept/";

/// The folders of the chunks of a run.
#[derive(Debug, Clone)]
pub struct ChunkFolders {
    work: Arc<Folder>,
    cache: Option<Arc<Folder>>,
}

impl ChunkFolders {
    /// Takes the work folder of the run and the cache, where the run has one.
    pub fn new(work: Folder, cache: Option<Folder>) -> Self {
        Self { work: Arc::new(work), cache: cache.map(Arc::new) }
    }

    /// Gives the folder in which an object of chunks lies, or is to lie.
    pub fn of(&self, object: &str) -> &Folder {
        self.cache.as_deref().filter(|_| object.starts_with(KEPT)).unwrap_or(&self.work)
    }
}

/// Gives the name of the object that one attempt at a task writes into the cache: unique to the attempt, as those of the work folder are, and
/// to the run. `entry` is the name of what the task is made of.
pub fn kept_object(entry: &str, run: &str, generation: u64, round: u32, attempt: u32) -> String {
    format!("{KEPT}{entry}-{run}-{generation:04}-{round:04}-{attempt:02}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::Storage;

    #[test]
    fn objects_of_the_cache_lie_there_and_all_others_in_the_work_folder() {
        let root = tempfile::tempdir().unwrap();
        let folder = |name: &str| Storage::with_environment([]).open(root.path().join(name).to_str().unwrap()).unwrap();
        let folders = ChunkFolders::new(folder("work"), Some(folder("cache")));
        let kept = kept_object("0a", "2026-11-30-0123456789ab", 1, 2, 3);
        assert_eq!(kept, "kept/0a-2026-11-30-0123456789ab-0001-0002-03");
        assert!(folders.of(&kept).uri().ends_with("cache"));
        assert!(folders.of("chunks/000001-0001-0001-01").uri().ends_with("work"));
        assert!(
            ChunkFolders::new(folder("work"), None).of(&kept).uri().ends_with("work"),
            "without a cache all is work"
        );
    }
}
