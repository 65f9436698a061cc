//! A folder of a store: whole objects, ranges, create-only writes, listings.

use super::failure::{failure, is_full, no_bucket, no_room, unwritable};
use super::local::{Unsynced, sync_files};
use super::location::{Location, join_uri};
use super::uploads::{Uploads, marker_of};
use super::writer::{BlockingWriter, Writer};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures::{StreamExt, TryStreamExt};
use object_store::{Error as StoreError, ObjectMeta, ObjectStore, ObjectStoreExt, PutMode, PutOptions};
use segmenter_proto::{Error, Result};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

/// A store, a prefix in it, and how a person writes that. Keys are relative to it, parts divided by `/`.
#[derive(Debug, Clone)]
pub struct Folder {
    store: Arc<dyn ObjectStore>,
    location: Location,
    /// Where uploads have names by which they can be aborted.
    uploads: Option<Uploads>,
    /// Whether a write waits until it outlives a power cut.
    synced: bool,
}

/// What became of a create-only write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PutNew {
    /// This write made the object.
    Created,
    /// The object is there already. It may be from one's own earlier attempt whose answer was lost, and after a
    /// conflict of writers it may not even be there yet: read it back, compare, and try again.
    Exists,
}

/// What a listing says of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectInfo {
    /// Relative to the folder.
    pub key: String,
    /// In bytes.
    pub size: u64,
    /// Changes with the content.
    pub etag: Option<String>,
    /// The store's name of this version, where it keeps several.
    pub version: Option<String>,
    /// When it was written, by the store's clock.
    pub last_modified: DateTime<Utc>,
}

impl Folder {
    pub(super) fn new(store: Arc<dyn ObjectStore>, location: Location, uploads: Option<Uploads>) -> Self {
        Self { store, location, uploads, synced: true }
    }

    pub(super) fn location(&self) -> &Location {
        &self.location
    }

    pub(super) fn uploads(&self) -> Option<&Uploads> {
        self.uploads.as_ref()
    }

    /// Gives the folder's URI as the user wrote it, without a slash at the end.
    pub fn uri(&self) -> &str {
        &self.location.uri
    }

    /// Gives the URI of an object in the folder, for messages.
    pub fn uri_of(&self, key: &str) -> String {
        join_uri(&self.location.uri, key)
    }

    /// Gives a folder within the folder.
    ///
    /// # Errors
    ///
    /// The job's fault where `key` is not a path.
    pub fn folder(&self, key: &str) -> Result<Self> {
        Ok(Self { location: self.location.join(key)?, ..self.clone() })
    }

    /// Gives the same folder, in which no [`Self::put`] waits for a disk: for work files, which have checksums, and for results, which
    /// [`Self::sync`] waits for before the commit.
    #[must_use]
    pub fn unsynced(&self) -> Self {
        Self { synced: false, ..self.clone() }
    }

    /// Waits until objects and their names are on the disk of a local folder; what a store holds lasts.
    ///
    /// # Errors
    ///
    /// A dependency's fault, naming the file that the disk did not keep.
    pub async fn sync(&self, keys: impl IntoIterator<Item = String>) -> Result<()> {
        let paths: Vec<PathBuf> = keys.into_iter().filter_map(|key| self.local_path(&key)).collect();
        sync_files(paths).await.map_err(|(path, error)| {
            Error::dependency(format!("the disk did not keep {}: {error}", path.display()))
                .with_hint("look at the disk, then run again: what is not kept is written again")
                .caused_by(error)
        })
    }

    /// Gives the path of `key` in the file system, where the folder is a local one.
    pub fn local_path(&self, key: &str) -> Option<PathBuf> {
        self.location.local_path().map(|root| if key.is_empty() { root } else { root.join(key) })
    }

    /// Reads an object; none where there is none.
    ///
    /// # Errors
    ///
    /// A dependency's fault, naming the object; as of all functions here.
    pub async fn get(&self, key: &str) -> Result<Option<Bytes>> {
        let location = self.location.join(key)?;
        let bytes = match self.store.get(&location.path).await {
            Ok(found) => found.bytes().await,
            Err(error) => Err(error),
        };
        match bytes {
            Ok(bytes) => Ok(Some(bytes)),
            Err(StoreError::NotFound { .. }) => Ok(None),
            Err(error) => Err(failure("read", &location.uri, error)),
        }
    }

    /// Reads the bytes `range` of an object; none where there is no object, or one that ends before they do.
    pub async fn get_range_if_whole(&self, key: &str, range: Range<u64>) -> Result<Option<Bytes>> {
        let location = self.location.join(key)?;
        let (length, end) = (range.end - range.start, range.end);
        match self.store.get_range(&location.path, range).await {
            Ok(bytes) => Ok(Some(bytes).filter(|bytes| bytes.len() as u64 == length)),
            Err(StoreError::NotFound { .. }) => Ok(None),
            // How a store says that an object is too short differs; its size does not.
            Err(error) => match self.head(key).await? {
                Some(found) if found.size >= end => Err(failure("read", &location.uri, error)),
                _ => Ok(None),
            },
        }
    }

    /// Reads several ranges of an object; near ones in one request.
    pub async fn get_ranges(&self, key: &str, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        let location = self.location.join(key)?;
        self.store.get_ranges(&location.path, ranges).await.map_err(|error| failure("read", &location.uri, error))
    }

    /// Says what there is about an object without reading it; none where there is none.
    pub async fn head(&self, key: &str) -> Result<Option<ObjectInfo>> {
        let location = self.location.join(key)?;
        match self.store.head(&location.path).await {
            Ok(meta) => Ok(Some(self.info(meta))),
            Err(StoreError::NotFound { .. }) => Ok(None),
            Err(error) => Err(failure("read", &location.uri, error)),
        }
    }

    /// Writes an object, in the place of an older one; readers see the old or the new one, never a part.
    pub async fn put(&self, key: &str, bytes: impl Into<Bytes>) -> Result<()> {
        let (location, bytes) = (self.location.join(key)?, bytes.into());
        let size = bytes.len() as u64;
        let mut options = PutOptions::default();
        if !self.synced {
            options.extensions.insert(Unsynced);
        }
        let result = self.store.put_opts(&location.path, bytes.into(), options).await;
        result.map(drop).map_err(|error| write_failure(&location.uri, size, error))
    }

    /// Writes an object only if there is none.
    ///
    /// On S3 by `If-None-Match: *`, on a local disk by a hard link, both of which let exactly one writer win.
    pub async fn put_new(&self, key: &str, bytes: impl Into<Bytes>) -> Result<PutNew> {
        let (location, bytes) = (self.location.join(key)?, bytes.into());
        let size = bytes.len() as u64;
        let options = PutOptions::from(PutMode::Create);
        match self.store.put_opts(&location.path, bytes.into(), options).await {
            Ok(_) => Ok(PutNew::Created),
            Err(StoreError::AlreadyExists { .. } | StoreError::Precondition { .. }) => Ok(PutNew::Exists),
            Err(error @ (StoreError::NotImplemented { .. } | StoreError::NotSupported { .. })) => {
                Err(not_create_only(&location.uri).caused_by(error))
            }
            Err(error) => Err(write_failure(&location.uri, size, error)),
        }
    }

    /// Starts an object that is written piece by piece and appears when it is finished. While it takes more than one request, it is
    /// marked for [`Self::abort_uploads`].
    pub fn writer(&self, key: &str) -> Result<Writer> {
        let location = self.location.join(key)?;
        let marker = self.location.join(&marker_of(key))?.path;
        Ok(Writer::new(Arc::clone(&self.store), location, self.uploads.clone().map(|uploads| (uploads, marker))))
    }

    /// Starts an object that is written piece by piece from a thread outside the runtime of `handle`.
    pub fn blocking_writer(&self, key: &str, handle: &tokio::runtime::Handle) -> Result<BlockingWriter> {
        Ok(BlockingWriter::new(self.writer(key)?, handle.clone()))
    }

    /// Lists the objects below `prefix` (whole path parts; empty: all), by rising key.
    pub async fn list(&self, prefix: &str) -> Result<Vec<ObjectInfo>> {
        let location = self.location.join(prefix)?;
        let listing = self.store.list(Some(&location.path)).try_collect::<Vec<_>>().await;
        let mut found: Vec<_> = match listing {
            Ok(found) => found.into_iter().map(|meta| self.info(meta)).collect(),
            Err(StoreError::NotFound { .. }) => Vec::new(),
            Err(error) => return Err(failure("list", &location.uri, error)),
        };
        found.sort_by(|a, b| a.key.cmp(&b.key));
        Ok(found)
    }

    /// Gives the names of the folders directly below `prefix`, sorted; what they hold is not listed.
    pub async fn folders(&self, prefix: &str) -> Result<Vec<String>> {
        let location = self.location.join(prefix)?;
        let found = match self.store.list_with_delimiter(Some(&location.path)).await {
            Ok(found) => found.common_prefixes,
            Err(StoreError::NotFound { .. }) => Vec::new(),
            Err(error) => return Err(failure("list", &location.uri, error)),
        };
        let mut names: Vec<String> = found.iter().filter_map(|path| path.filename().map(str::to_owned)).collect();
        names.sort();
        Ok(names)
    }

    /// Deletes an object, if there is one.
    pub async fn delete(&self, key: &str) -> Result<()> {
        let location = self.location.join(key)?;
        match self.store.delete(&location.path).await {
            Ok(()) | Err(StoreError::NotFound { .. }) => Ok(()),
            Err(error) => Err(failure("delete", &location.uri, error)),
        }
    }

    /// Deletes all that lies below `prefix` (whole path parts), with what killed writers left: files aside and folders on a local
    /// disk, uploads that are marked in the folder `prefix` elsewhere.
    pub async fn delete_prefix(&self, prefix: &str) -> Result<()> {
        if prefix.trim_matches('/').is_empty() {
            return Err(Error::bug("a whole folder was to be deleted"));
        }
        let location = self.location.join(prefix)?;
        if let Some(path) = location.local_path() {
            return match std::fs::remove_dir_all(path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    Err(Error::dependency(format!("cannot delete {}: {error}", location.uri)).caused_by(error))
                }
                _ => Ok(()),
            };
        }
        // Objects are deleted also where a store does not let uploads be aborted.
        if let Err(error) = self.folder(prefix)?.abort_uploads().await {
            tracing::warn!(%error, "uploads that were cut off could not all be aborted");
        }
        let found = self.store.list(Some(&location.path)).map_ok(|meta| meta.location).boxed();
        let mut deleted = self.store.delete_stream(found);
        while let Some(result) = deleted.next().await {
            match result {
                Ok(_) | Err(StoreError::NotFound { .. }) => {}
                Err(error) => return Err(failure("delete", &location.uri, error)),
            }
        }
        Ok(())
    }

    /// Finds out whether the store keeps the promise of [`Self::put_new`], on which every commit rests, by writing one
    /// small object twice.
    ///
    /// # Errors
    ///
    /// A dependency's fault where it does not, or where the folder cannot be written.
    pub async fn probe_create_only(&self) -> Result<()> {
        let key = format!("_probe-{:016x}", RandomState::new().build_hasher().finish());
        // What the first is told says nothing: where a reply is lost, the write is tried again and meets itself.
        self.put_new(&key, "first").await?;
        let second = self.put_new(&key, "second").await?;
        let kept = self.get(&key).await?;
        self.delete(&key).await?;
        let promised = second == PutNew::Exists && kept.as_deref() == Some(b"first");
        if promised { Ok(()) } else { Err(not_create_only(self.uri())) }
    }

    fn info(&self, meta: ObjectMeta) -> ObjectInfo {
        let path = meta.location.as_ref();
        let key = path.strip_prefix(self.location.path.as_ref()).unwrap_or(path).trim_start_matches('/').to_owned();
        ObjectInfo { key, size: meta.size, etag: meta.e_tag, version: meta.version, last_modified: meta.last_modified }
    }
}

/// Gives the error of a failed write of so many bytes; a bucket that is missing is not the data's fault.
pub(super) fn write_failure(uri: &str, bytes: u64, error: StoreError) -> Error {
    match error {
        error if is_full(&error) => no_room(uri, bytes, error),
        // In the file system of this machine it is a folder that cannot be made.
        StoreError::NotFound { .. } => match uri.split_once("://") {
            None | Some(("file", _)) => unwritable("write", uri, error),
            Some(_) => no_bucket("write", uri, error),
        },
        error => failure("write", uri, error),
    }
}

fn not_create_only(uri: &str) -> Error {
    Error::dependency(format!("the store of {uri} does not keep create-only writes, on which the commit rests"))
        .with_hint("use a store that honours If-None-Match on PUT (AWS S3, MinIO, R2, SeaweedFS 4.48), or a local path")
}

#[cfg(test)]
mod tests {
    use super::*;
    use object_store::memory::InMemory;
    use proptest::prelude::any;
    use segmenter_proto::Fault;

    use super::super::Storage;

    fn folders() -> (tempfile::TempDir, Vec<Folder>) {
        let directory = tempfile::tempdir().unwrap();
        let storage = Storage::with_environment([]);
        storage.mount("s3://lake", Arc::new(InMemory::new()));
        let local = storage.open(directory.path().join("out #1").to_str().unwrap()).unwrap();
        (directory, vec![local, storage.open("s3://lake/out").unwrap()])
    }

    #[tokio::test]
    async fn every_store_behaves_alike() {
        let (_directory, folders) = folders();
        for folder in folders {
            assert_eq!(folder.get("a/b.json").await.unwrap(), None);
            assert!(folder.list("").await.unwrap().is_empty());
            folder.put("a/b.json", "old").await.unwrap();
            folder.put("a/b.json", "new").await.unwrap();
            assert_eq!(folder.get("a/b.json").await.unwrap().unwrap(), "new");
            assert_eq!(folder.get_range_if_whole("a/b.json", 1..3).await.unwrap().unwrap(), "ew");
            for range in [0..4, 2..9, 3..4, 7..9] {
                assert_eq!(folder.get_range_if_whole("a/b.json", range.clone()).await.unwrap(), None, "{range:?}");
            }
            assert_eq!(folder.get_range_if_whole("a/gone.json", 0..1).await.unwrap(), None);
            assert_eq!(folder.put_new("a/c.json", "one").await.unwrap(), PutNew::Created);
            assert_eq!(folder.put_new("a/c.json", "two").await.unwrap(), PutNew::Exists);
            assert_eq!(folder.get("a/c.json").await.unwrap().unwrap(), "one");
            folder.put("ab", "x").await.unwrap();
            let keys = |found: Vec<ObjectInfo>| found.into_iter().map(|info| info.key).collect::<Vec<_>>();
            assert_eq!(keys(folder.list("").await.unwrap()), ["a/b.json", "a/c.json", "ab"]);
            assert_eq!(keys(folder.list("a").await.unwrap()), ["a/b.json", "a/c.json"]);
            assert_eq!(folder.folders("").await.unwrap(), ["a"]);
            assert_eq!(folder.folders("b").await.unwrap(), Vec::<String>::new());
            assert_eq!(folder.head("ab").await.unwrap().unwrap().size, 1);
            folder.probe_create_only().await.unwrap();
            folder.delete_prefix("a").await.unwrap();
            folder.delete("ab").await.unwrap();
            folder.delete("ab").await.unwrap();
            assert!(folder.list("").await.unwrap().is_empty());
            assert_eq!(folder.delete_prefix("").await.unwrap_err().fault, Fault::Bug);
        }
    }

    #[tokio::test]
    async fn of_many_writers_one_creates() {
        let (_directory, folders) = folders();
        for folder in folders {
            let writes = (0..8).map(|number| {
                let folder = folder.clone();
                tokio::spawn(async move { folder.put_new("log/1", format!("{number}")).await.unwrap() })
            });
            let results = futures::future::join_all(writes).await;
            let created = results.into_iter().filter(|result| *result.as_ref().unwrap() == PutNew::Created).count();
            assert_eq!(created, 1);
        }
    }

    #[tokio::test]
    async fn an_output_that_cannot_be_written_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("file");
        std::fs::write(&file, "x").unwrap();
        let folder = Storage::with_environment([]).open(file.to_str().unwrap()).unwrap();
        let error = folder.put("a.json", "x").await.unwrap_err();
        assert_eq!(error.fault, Fault::Dependency);
        assert!(error.message.starts_with(&format!("cannot write {}/a.json", file.display())), "{}", error.message);
        assert!(error.hint.is_some());
    }

    #[tokio::test]
    async fn a_store_without_create_only_writes_is_found() {
        let storage = Storage::with_environment([
            ("AWS_ACCESS_KEY_ID".into(), "a".into()),
            ("AWS_SECRET_ACCESS_KEY".into(), "b".into()),
            ("AWS_CONDITIONAL_PUT".into(), "disabled".into()),
        ]);
        let error = storage.open("s3://lake/out").unwrap().probe_create_only().await.unwrap_err();
        assert_eq!(error.fault, Fault::Dependency);
        assert!(error.message.contains("create-only"), "{}", error.message);
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(16))]
        #[test]
        fn what_is_written_piece_by_piece_reads_back(pieces in proptest::collection::vec((0usize..3_000_000, any::<u8>()), 0..8)) {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            let (_directory, folders) = folders();
            for folder in folders {
                let expected: Vec<u8> = pieces.iter().flat_map(|(length, byte)| std::iter::repeat_n(*byte, *length)).collect();
                let written = runtime.block_on(async {
                    let mut writer = folder.writer("big").unwrap();
                    for (length, byte) in &pieces {
                        writer.write(vec![*byte; *length].into()).await.unwrap();
                    }
                    assert_eq!(folder.get("big").await.unwrap(), None, "visible only when finished");
                    writer.finish().await.unwrap()
                });
                assert_eq!(written, expected.len() as u64);
                assert!(runtime.block_on(folder.get("big")).unwrap().unwrap() == expected);
            }
        }
    }
}
