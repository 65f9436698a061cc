//! Uploads of several parts, each marked in the store until it is over.
//!
//! A store keeps the parts of an upload that was cut off, lists them nowhere among its objects, and bills for them. Here:
//!
//! - The marker `uploads/KEY` holds the store's name of the upload. It is there before the first part, and goes when the upload is
//!   whole or aborted; so whoever finds a marker knows what to abort.
//! - Killed between the upload's beginning and its marker, a writer leaves an upload without parts, which takes no room.
//! - Azure gives uploads no name and drops what nobody finished after a week; there is nothing to mark.

use super::{failure::failure, folder::Folder};
use async_trait::async_trait;
use futures::{FutureExt, StreamExt, TryStreamExt, stream};
use object_store::{
    Error as StoreError, MultipartUpload, ObjectStore, PutOptions, PutPayload, PutResult, Result as StoreResult,
    UploadPart,
    multipart::{MultipartStore, PartId},
    path::Path,
};
use segmenter_proto::Result;
use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

/// The folder of the markers, below the one that is written to.
const MARKERS: &str = "uploads";

/// Uploads that are aborted at the same time.
const AT_ONCE: usize = 32;

/// What a store needs for uploads that can be aborted by whoever knows their names.
#[derive(Clone)]
pub(super) struct Uploads(Arc<dyn MultipartStore>);

impl fmt::Debug for Uploads {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Uploads")
    }
}

impl Uploads {
    pub(super) fn new(store: Arc<dyn MultipartStore>) -> Self {
        Self(store)
    }

    /// Begins an upload to `path` and marks it at `marker`.
    pub(super) async fn begin(
        &self,
        store: &Arc<dyn ObjectStore>,
        path: &Path,
        marker: &Path,
    ) -> StoreResult<Box<dyn MultipartUpload>> {
        let id = self.0.create_multipart(path).await?;
        let marked = !id.is_empty();
        if marked && let Err(error) = store.put_opts(marker, id.clone().into(), PutOptions::default()).await {
            // Why it could not be marked matters more.
            let _ = self.0.abort_multipart(path, &id).await;
            return Err(error);
        }
        let upload = Upload {
            store: Arc::clone(store),
            uploads: self.clone(),
            path: path.clone(),
            marker: marked.then(|| marker.clone()),
            id,
            parts: Mutex::default(),
        };
        Ok(Box::new(MarkedUpload { upload: Arc::new(upload), begun: 0 }))
    }
}

struct Upload {
    store: Arc<dyn ObjectStore>,
    uploads: Uploads,
    path: Path,
    marker: Option<Path>,
    id: String,
    /// Those that the store has, by number.
    parts: Mutex<BTreeMap<usize, PartId>>,
}

impl Upload {
    /// Takes the marker away. One that stays is found by the next start, which sees that the object is whole.
    async fn unmark(&self) {
        if let Some(marker) = &self.marker {
            let marker = stream::iter([Ok(marker.clone())]).boxed();
            self.store.delete_stream(marker).for_each(|_| async {}).await;
        }
    }
}

/// One upload under way.
struct MarkedUpload {
    upload: Arc<Upload>,
    begun: usize,
}

impl fmt::Debug for MarkedUpload {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("MarkedUpload").field("path", &self.upload.path).field("begun", &self.begun).finish()
    }
}

#[async_trait]
impl MultipartUpload for MarkedUpload {
    fn put_part(&mut self, data: PutPayload) -> UploadPart {
        let (upload, number) = (Arc::clone(&self.upload), self.begun);
        self.begun += 1;
        async move {
            let part = upload.uploads.0.put_part(&upload.path, &upload.id, number, data).await.map_err(aborted)?;
            upload.parts.lock().unwrap_or_else(PoisonError::into_inner).insert(number, part);
            Ok(())
        }
        .boxed()
    }

    async fn complete(&mut self) -> StoreResult<PutResult> {
        let upload = &self.upload;
        let parts = std::mem::take(&mut *upload.parts.lock().unwrap_or_else(PoisonError::into_inner));
        if parts.len() != self.begun {
            return Err(StoreError::Generic { store: "uploads", source: "a part is not there".into() });
        }
        let parts = parts.into_values().collect();
        let done = upload.uploads.0.complete_multipart(&upload.path, &upload.id, parts).await.map_err(aborted)?;
        upload.unmark().await;
        Ok(done)
    }

    async fn abort(&mut self) -> StoreResult<()> {
        self.upload.uploads.0.abort_multipart(&self.upload.path, &self.upload.id).await?;
        self.upload.unmark().await;
        Ok(())
    }
}

/// An upload that is gone under way is no bucket that is missing.
fn aborted(error: StoreError) -> StoreError {
    match error {
        StoreError::NotFound { source, .. } => {
            let source = format!(
                "the upload was aborted, as those for a coordinator that another took over from are ({source})"
            );
            StoreError::Generic { store: "uploads", source: source.into() }
        }
        error => error,
    }
}

/// Gives the key of the marker of an upload to `key`.
pub(super) fn marker_of(key: &str) -> String {
    format!("{MARKERS}/{key}")
}

impl Folder {
    /// Aborts the uploads below this folder that were begun and not ended, whoever began them, and gives how many.
    ///
    /// For a folder whose other writers are gone, or write what nobody will read.
    ///
    /// # Errors
    ///
    /// A dependency's fault, naming the object: the store is out of reach, or refuses. What was marked stays marked.
    pub async fn abort_uploads(&self) -> Result<u64> {
        let Some(uploads) = self.uploads() else { return Ok(0) };
        let markers = self.list(MARKERS).await?;
        stream::iter(markers)
            .map(|marker| self.abort_upload(uploads, marker.key))
            .buffer_unordered(AT_ONCE)
            .try_fold(0, |aborted, one| async move { Ok(aborted + u64::from(one)) })
            .await
    }

    async fn abort_upload(&self, uploads: &Uploads, marker: String) -> Result<bool> {
        let Some(key) = marker.split_once('/').map(|(_, key)| key) else { return Ok(false) };
        // Gone where the upload ended meanwhile.
        let Some(id) = self.get(&marker).await? else { return Ok(false) };
        let id = String::from_utf8_lossy(&id).into_owned();
        // Its writer was killed between the last part and the marker.
        let is_whole = self.head(key).await?.is_some();
        if !is_whole {
            let location = self.location().join(key)?;
            match uploads.0.abort_multipart(&location.path, &id).await {
                Ok(()) | Err(StoreError::NotFound { .. }) => {}
                Err(error) => return Err(failure("abort the upload of", &location.uri, error)),
            }
        }
        self.delete(&marker).await?;
        Ok(!is_whole)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{location::Location, writer::PART};
    use super::*;
    use object_store::memory::InMemory;
    use std::sync::atomic::{AtomicU64, Ordering};

    /// Uploads in memory that count themselves. (Those of `InMemory` do not take parts in any order.)
    #[derive(Debug, Default)]
    struct Counted {
        store: InMemory,
        begun: AtomicU64,
        open: Mutex<BTreeMap<String, BTreeMap<usize, PutPayload>>>,
    }

    impl Counted {
        fn open(&self) -> usize {
            self.open.lock().unwrap().len()
        }
    }

    #[async_trait]
    impl MultipartStore for Counted {
        async fn create_multipart(&self, _: &Path) -> StoreResult<String> {
            let id = self.begun.fetch_add(1, Ordering::Relaxed).to_string();
            self.open.lock().unwrap().insert(id.clone(), BTreeMap::new());
            Ok(id)
        }

        async fn put_part(&self, path: &Path, id: &String, number: usize, data: PutPayload) -> StoreResult<PartId> {
            let gone = || StoreError::NotFound { path: path.to_string(), source: "no such upload".into() };
            self.open.lock().unwrap().get_mut(id).ok_or_else(gone)?.insert(number, data);
            Ok(PartId { content_id: number.to_string() })
        }

        async fn complete_multipart(&self, path: &Path, id: &String, parts: Vec<PartId>) -> StoreResult<PutResult> {
            let held = self.open.lock().unwrap().remove(id).unwrap();
            let numbers: Vec<String> = held.keys().map(usize::to_string).collect();
            assert_eq!(parts.into_iter().map(|part| part.content_id).collect::<Vec<_>>(), numbers);
            let pieces = held.into_values().flat_map(PutPayload::into_iter).collect::<PutPayload>();
            self.store.put_opts(path, pieces, PutOptions::default()).await
        }

        async fn abort_multipart(&self, path: &Path, id: &String) -> StoreResult<()> {
            let gone = || StoreError::NotFound { path: path.to_string(), source: "no such upload".into() };
            self.open.lock().unwrap().remove(id).map(drop).ok_or_else(gone)
        }
    }

    fn folder() -> (Folder, Arc<Counted>) {
        let store = Arc::new(Counted::default());
        let location = Location::parse("s3://lake/work").unwrap();
        (Folder::new(Arc::new(store.store.clone()), location, Some(Uploads::new(store.clone()))), store)
    }

    async fn keys(folder: &Folder) -> Vec<String> {
        folder.list("").await.unwrap().into_iter().map(|object| object.key).collect()
    }

    #[tokio::test]
    async fn an_upload_is_marked_until_it_is_whole() {
        let (folder, store) = folder();
        let mut writer = folder.writer("chunks/1").unwrap();
        writer.write(vec![1; PART + 1].into()).await.unwrap();
        assert_eq!((keys(&folder).await, store.open()), (vec!["uploads/chunks/1".to_owned()], 1));
        writer.write(vec![2; PART].into()).await.unwrap();
        assert_eq!(writer.finish().await.unwrap(), 2 * PART as u64 + 1);
        assert_eq!((keys(&folder).await, store.open()), (vec!["chunks/1".to_owned()], 0));
        let written = folder.get("chunks/1").await.unwrap().unwrap();
        assert!(written.len() == 2 * PART + 1 && written[PART] == 1 && written[PART + 1] == 2);
        assert_eq!(folder.abort_uploads().await.unwrap(), 0);
    }

    #[tokio::test]
    async fn what_fits_into_one_request_takes_one() {
        let (folder, store) = folder();
        let mut writer = folder.writer("chunks/1").unwrap();
        writer.write(vec![1; PART - 1].into()).await.unwrap();
        assert!(keys(&folder).await.is_empty());
        assert_eq!(writer.finish().await.unwrap(), PART as u64 - 1);
        assert_eq!((keys(&folder).await, store.begun.load(Ordering::Relaxed)), (vec!["chunks/1".to_owned()], 0));
    }

    #[tokio::test]
    async fn what_was_cut_off_is_aborted_and_what_is_whole_stays() {
        let (folder, store) = folder();
        for number in 0..40 {
            let mut writer = folder.writer(&format!("chunks/{number}")).unwrap();
            writer.write(vec![1; PART].into()).await.unwrap();
            // As a kill does: nothing of it runs on.
            std::mem::forget(writer);
        }
        let mut writer = folder.writer("chunks/whole").unwrap();
        writer.write(vec![1; PART].into()).await.unwrap();
        writer.finish().await.unwrap();
        folder.put("uploads/chunks/whole", "0").await.unwrap();
        assert_eq!(store.open(), 40);
        assert_eq!(folder.abort_uploads().await.unwrap(), 40);
        assert_eq!((keys(&folder).await, store.open()), (vec!["chunks/whole".to_owned()], 0));
    }

    #[tokio::test]
    async fn whoever_deletes_a_folder_aborts_its_uploads_and_gives_up_an_upload_by_hand() {
        let (folder, store) = folder();
        let work = folder.folder("run").unwrap();
        let mut writer = work.writer("chunks/1").unwrap();
        writer.write(vec![1; PART].into()).await.unwrap();
        std::mem::forget(writer);
        folder.delete_prefix("run").await.unwrap();
        assert_eq!((keys(&folder).await, store.open()), (Vec::new(), 0));
        let mut writer = work.writer("chunks/1").unwrap();
        writer.write(vec![1; PART].into()).await.unwrap();
        writer.abort().await.unwrap();
        assert_eq!((keys(&folder).await, store.open()), (Vec::new(), 0));
    }

    #[tokio::test]
    async fn whoever_uploads_what_was_aborted_is_told_so() {
        let (folder, _store) = folder();
        let mut writer = folder.writer("chunks/1").unwrap();
        writer.write(vec![1; PART].into()).await.unwrap();
        folder.abort_uploads().await.unwrap();
        writer.write(vec![1; PART].into()).await.unwrap();
        let error = writer.finish().await.unwrap_err();
        assert!(error.message.contains("the upload was aborted") && !error.message.contains("bucket"), "{error}");
        assert!(keys(&folder).await.is_empty());
    }
}
