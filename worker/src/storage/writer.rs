//! Objects that are written piece by piece and appear when they are finished.

use super::folder::write_failure;
use super::local::Unsynced;
use super::location::Location;
use super::uploads::Uploads;
use crate::failpoint::failpoint;
use bytes::Bytes;
use object_store::path::Path;
use object_store::{
    Error as StoreError, Extensions, ObjectStore, PutMultipartOptions, PutOptions, PutPayloadMut, WriteMultipart,
};
use segmenter_proto::{Error, Result};
use std::io;
use std::sync::Arc;
use tokio::runtime::Handle;

/// Bytes of an uploaded part. S3 takes 10,000 parts of at least 5 MiB, so objects up to 80 GB fit.
pub(super) const PART: usize = 8 << 20;

/// Parts in flight: with the one that fills, a writer holds at most three.
const PARALLEL: usize = 2;

/// Writes one object from async code; dropped before [`Self::finish`], nothing appears.
#[derive(Debug)]
pub struct Writer {
    store: Arc<dyn ObjectStore>,
    location: Location,
    /// Where uploads have names: how one is begun, and where it is marked.
    uploads: Option<(Uploads, Path)>,
    so_far: SoFar,
    written: u64,
}

/// What became of the bytes.
#[derive(Debug)]
enum SoFar {
    /// They fit into one request.
    Held(PutPayloadMut),
    Upload(WriteMultipart),
}

impl Writer {
    pub(super) fn new(store: Arc<dyn ObjectStore>, location: Location, uploads: Option<(Uploads, Path)>) -> Self {
        Self { store, location, uploads, so_far: SoFar::Held(PutPayloadMut::new()), written: 0 }
    }

    /// Appends bytes; waits while too many parts are in flight.
    ///
    /// # Errors
    ///
    /// A dependency's fault, naming the object; as of all functions here.
    pub async fn write(&mut self, bytes: Bytes) -> Result<()> {
        self.written += bytes.len() as u64;
        self.append(bytes).await.map_err(|error| self.failed(error))?;
        match self.so_far {
            SoFar::Held(_) => Ok(()),
            SoFar::Upload(_) => failpoint("upload.middle"),
        }
    }

    async fn append(&mut self, bytes: Bytes) -> Result<(), StoreError> {
        match &mut self.so_far {
            SoFar::Held(held) if held.content_length() + bytes.len() < PART => held.push(bytes),
            SoFar::Held(held) => {
                let held = std::mem::take(held);
                let mut upload = WriteMultipart::new_with_chunk_size(self.begin().await?, PART);
                held.freeze().into_iter().for_each(|bytes| upload.put(bytes));
                upload.put(bytes);
                self.so_far = SoFar::Upload(upload);
            }
            SoFar::Upload(upload) => {
                upload.wait_for_capacity(PARALLEL).await?;
                upload.put(bytes);
            }
        }
        Ok(())
    }

    async fn begin(&self) -> Result<Box<dyn object_store::MultipartUpload>, StoreError> {
        match &self.uploads {
            Some((uploads, marker)) => uploads.begin(&self.store, &self.location.path, marker).await,
            None => {
                let options = PutMultipartOptions { extensions: unsynced(), ..PutMultipartOptions::default() };
                self.store.put_multipart_opts(&self.location.path, options).await
            }
        }
    }

    /// Makes the object appear and gives its size in bytes.
    pub async fn finish(mut self) -> Result<u64> {
        let finished = match std::mem::replace(&mut self.so_far, SoFar::Held(PutPayloadMut::new())) {
            SoFar::Held(held) => {
                let options = PutOptions { extensions: unsynced(), ..PutOptions::default() };
                self.store.put_opts(&self.location.path, held.into(), options).await
            }
            SoFar::Upload(upload) => upload.finish().await,
        };
        finished.map_err(|error| self.failed(error))?;
        Ok(self.written)
    }

    /// Drops what was uploaded.
    pub async fn abort(mut self) -> Result<()> {
        match std::mem::replace(&mut self.so_far, SoFar::Held(PutPayloadMut::new())) {
            SoFar::Held(_) => Ok(()),
            SoFar::Upload(upload) => upload.abort().await.map_err(|error| self.failed(error)),
        }
    }

    fn failed(&self, error: StoreError) -> Error {
        write_failure(&self.location.uri, self.written, error)
    }
}

/// What is written piece by piece is a work file.
fn unsynced() -> Extensions {
    let mut extensions = Extensions::new();
    extensions.insert(Unsynced);
    extensions
}

/// Writes one object from a plain thread, as [`io::Write`]; dropped before [`Self::finish`], nothing appears.
#[derive(Debug)]
pub struct BlockingWriter {
    /// There until it is finished.
    writer: Option<Writer>,
    buffer: Vec<u8>,
    handle: Handle,
}

/// Bytes gathered before they are handed to the runtime.
const HAND_OVER: usize = 1 << 20;

impl BlockingWriter {
    pub(super) fn new(writer: Writer, handle: Handle) -> Self {
        Self { writer: Some(writer), buffer: Vec::new(), handle }
    }

    /// Makes the object appear and gives its size in bytes.
    ///
    /// # Errors
    ///
    /// A dependency's fault, naming the object.
    pub fn finish(mut self) -> Result<u64> {
        self.hand_over()?;
        let writer = self.writer.take().ok_or_else(ended)?;
        self.handle.block_on(writer.finish())
    }

    fn hand_over(&mut self) -> Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let full = Bytes::from(std::mem::take(&mut self.buffer));
        let writer = self.writer.as_mut().ok_or_else(ended)?;
        self.handle.block_on(writer.write(full))
    }
}

/// What a task that failed had uploaded is dropped; where that fails too, the upload is still marked. Elsewhere a writer that is dropped leaves
/// nothing.
impl Drop for BlockingWriter {
    fn drop(&mut self) {
        if let Some(writer) = self.writer.take().filter(|writer| writer.uploads.is_some()) {
            self.handle.spawn(async move { drop(writer.abort().await) });
        }
    }
}

fn ended() -> Error {
    Error::bug("a writer was used after its end")
}

impl io::Write for BlockingWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= HAND_OVER {
            self.hand_over().map_err(io::Error::other)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Storage;
    use std::io::Write;

    #[test]
    fn a_plain_thread_writes_through_the_runtime() {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let directory = tempfile::tempdir().unwrap();
        let folder = Storage::with_environment([]).open(directory.path().to_str().unwrap()).unwrap();
        let mut writer = folder.blocking_writer("x/y", runtime.handle()).unwrap();
        for number in 0..300_000 {
            writeln!(writer, "{number}").unwrap();
        }
        let size = writer.finish().unwrap();
        let text = runtime.block_on(folder.get("x/y")).unwrap().unwrap();
        assert_eq!(text.len() as u64, size);
        assert!(text.ends_with(b"299999\n"));

        let mut dropped = folder.blocking_writer("x/z", runtime.handle()).unwrap();
        dropped.write_all(&[0; 20 << 20]).unwrap();
        drop(dropped);
        assert_eq!(runtime.block_on(folder.list("")).unwrap().len(), 1);
    }
}
