//! Reads of a pinned file: each one fails if the object is no longer what was pinned.

use super::pinned::PinnedFile;
use crate::storage::{Held, Room, Storage, failure};
use ::parquet::arrow::arrow_reader::ArrowReaderOptions;
use ::parquet::arrow::async_reader::AsyncFileReader;
use ::parquet::errors::{ParquetError, Result as ParquetResult};
use ::parquet::file::metadata::{PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader};
use bytes::Bytes;
use futures::FutureExt;
use futures::future::BoxFuture;
use object_store::path::Path;
use object_store::{
    Error as StoreError, GetOptions, GetResult, GetResultPayload, OBJECT_STORE_COALESCE_DEFAULT, ObjectMeta,
    ObjectStore, ObjectStoreExt, coalesce_ranges,
};
use segmenter_proto::{Error, Result};
use std::fs::File;
use std::io;
use std::ops::Range;
use std::sync::Arc;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

/// Bytes of the end of a Parquet file that the first request brings: nearly every footer fits.
const FOOTER: usize = 64 << 10;

/// Bytes of one request of sequential reading.
const BLOCK: u64 = 4 << 20;

/// Completes what a listing did not tell: a store whose listings have no etags is asked for each.
pub(super) async fn pin(storage: &Storage, mut file: PinnedFile) -> Result<PinnedFile> {
    if file.etag.is_some() {
        return Ok(file);
    }
    let object = PinnedObject::open(storage, &file)?;
    let meta = object.store.head(&object.path).await.map_err(|error| failure("read", &file.uri, error))?;
    (file.etag, file.size, file.last_modified) = (meta.e_tag, meta.size, meta.last_modified);
    Ok(file)
}

/// A pinned file and the store that it lies in.
#[derive(Debug, Clone)]
pub(super) struct PinnedObject {
    store: Arc<dyn ObjectStore>,
    path: Path,
    pub(super) file: Arc<PinnedFile>,
    room: Room,
    held: Held,
}

impl PinnedObject {
    pub(super) fn open(storage: &Storage, file: &PinnedFile) -> Result<Self> {
        let path = Path::parse(&file.key)
            .map_err(|error| Error::data(format!("{} is not a valid path", file.uri)).caused_by(error))?;
        let (room, held) = (storage.room(), Held::default());
        Ok(Self { store: storage.store(&file.store)?, path, file: Arc::new(file.clone()), room, held })
    }

    /// Reads `range`, or says that the object changed.
    pub(super) async fn read_range(&self, range: Range<u64>) -> Result<Bytes> {
        if range.is_empty() {
            return self.check_unchanged().await.map(|()| Bytes::new());
        }
        let expected = range.end - range.start;
        let bytes = self.get(Some(range)).await?.bytes().await.map_err(|error| self.failed(error))?;
        if bytes.len() as u64 == expected { Ok(bytes) } else { Err(self.changed()) }
    }

    /// Says whether the object is still what was pinned.
    pub(super) async fn check_unchanged(&self) -> Result<()> {
        let options = self.conditions().with_head(true);
        let found = self.store.get_opts(&self.path, options).await.map_err(|error| self.failed(error))?;
        self.compare(&found.meta)
    }

    /// Opens the object as a file of this machine, where it is one.
    pub(super) async fn open_file(&self) -> Result<Option<File>> {
        if self.file.store != "file://" {
            return Ok(None);
        }
        match self.get(None).await?.payload {
            GetResultPayload::File(file, _) => Ok(Some(file)),
            GetResultPayload::Stream(_) => Ok(None),
        }
    }

    async fn get(&self, range: Option<Range<u64>>) -> Result<GetResult> {
        let options = self.conditions().with_range(range);
        let found = self.store.get_opts(&self.path, options).await.map_err(|error| self.failed(error))?;
        self.compare(&found.meta)?;
        Ok(found)
    }

    fn conditions(&self) -> GetOptions {
        match &self.file.etag {
            Some(etag) => GetOptions::new().with_if_match(Some(etag)),
            None => GetOptions { if_unmodified_since: Some(self.file.last_modified), ..GetOptions::default() },
        }
    }

    /// Some stores ignore conditions, so the answer is compared too.
    fn compare(&self, meta: &ObjectMeta) -> Result<()> {
        let plain = |etag: &Option<String>| etag.as_deref().map(|etag| etag.trim_start_matches("W/").replace('"', ""));
        let same = match (plain(&self.file.etag), plain(&meta.e_tag)) {
            (Some(pinned), Some(found)) => pinned == found,
            _ => true,
        };
        if same && meta.size == self.file.size { Ok(()) } else { Err(self.changed()) }
    }

    fn failed(&self, error: StoreError) -> Error {
        match error {
            StoreError::Precondition { .. } => self.changed().caused_by(error),
            StoreError::NotFound { .. } => {
                Error::data(format!("{} was deleted during the run", self.file.uri)).caused_by(error)
            }
            error => failure("read", &self.file.uri, error),
        }
    }

    pub(super) fn changed(&self) -> Error {
        Error::data(format!("{} changed during the run", self.file.uri))
            .with_hint("let the writer of this input finish, and run again")
    }
}

impl AsyncFileReader for PinnedObject {
    fn get_bytes(&mut self, range: Range<u64>) -> BoxFuture<'_, ParquetResult<Bytes>> {
        async move { self.read_range(range).await.map_err(external) }.boxed()
    }

    fn get_byte_ranges(&mut self, ranges: Vec<Range<u64>>) -> BoxFuture<'_, ParquetResult<Vec<Bytes>>> {
        async move {
            // The columns of a row group, which stay until they are decoded.
            let bytes = ranges.iter().map(|range| range.end - range.start).sum();
            let permit = self.room.take(&mut self.held, bytes).await;
            let fetch = async |range| self.read_range(range).await.map(|bytes| permit.holding(bytes));
            coalesce_ranges(&ranges, fetch, OBJECT_STORE_COALESCE_DEFAULT).await.map_err(external)
        }
        .boxed()
    }

    fn get_metadata<'a>(
        &'a mut self,
        options: Option<&'a ArrowReaderOptions>,
    ) -> BoxFuture<'a, ParquetResult<Arc<ParquetMetaData>>> {
        async move {
            let size = self.file.size;
            let reader = ParquetMetaDataReader::new()
                .with_arrow_reader_options(options)
                .with_page_index_policy(PageIndexPolicy::Skip)
                .with_prefetch_hint(Some(FOOTER));
            Ok(Arc::new(reader.load_and_finish(self, size).await?))
        }
        .boxed()
    }
}

fn external(error: Error) -> ParquetError {
    ParquetError::External(Box::new(error))
}

/// Reads a pinned file from its start to its end on a plain thread.
#[derive(Debug)]
pub(super) enum SequentialRead {
    /// A file of this machine.
    File(File),
    /// An object elsewhere: while one block is used, the next is on its way.
    Object { object: PinnedObject, handle: Handle, asked: u64, block: Bytes, next: Option<JoinHandle<Result<Bytes>>> },
}

impl SequentialRead {
    pub(super) fn open(object: &PinnedObject, handle: &Handle) -> Result<Self> {
        Ok(match handle.block_on(object.open_file())? {
            Some(file) => Self::File(file),
            None => Self::Object {
                object: object.clone(),
                handle: handle.clone(),
                asked: 0,
                block: Bytes::new(),
                next: None,
            },
        })
    }
}

impl io::Read for SequentialRead {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let (object, handle, asked, block, next) = match self {
            Self::File(file) => return file.read(buffer),
            Self::Object { object, handle, asked, block, next } => (object, handle, asked, block, next),
        };
        if block.is_empty() {
            let mut ask = || {
                let range = *asked..(*asked + BLOCK).min(object.file.size);
                *asked = range.end;
                let object = object.clone();
                (!range.is_empty()).then(|| handle.spawn(async move { object.read_range(range).await }))
            };
            let Some(current) = next.take().or_else(&mut ask) else { return Ok(0) };
            *next = ask();
            *block = handle.block_on(current).map_err(io::Error::other)?.map_err(io::Error::other)?;
        }
        let length = block.len().min(buffer.len());
        buffer[..length].copy_from_slice(&block.split_to(length));
        Ok(length)
    }
}

impl Drop for SequentialRead {
    fn drop(&mut self) {
        if let Self::Object { next: Some(next), .. } = self {
            next.abort();
        }
    }
}
