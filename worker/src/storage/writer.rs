//! Objects that are written piece by piece and appear when they are finished.

use super::failure::{is_full, no_room};
use super::folder::write_failure;
use super::local::Unsynced;
use super::location::Location;
use bytes::Bytes;
use object_store::buffered::BufWriter;
use object_store::{ObjectStore, PutOptions};
use segmenter_proto::{Error, Result};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use tokio::io::AsyncWrite;
use tokio::runtime::Handle;

/// Bytes of an uploaded part. S3 takes 10,000 parts of at least 5 MiB, so objects up to 80 GB fit.
const PART: usize = 8 << 20;

/// Parts in flight: with the one that fills, a writer holds at most three.
const PARALLEL: usize = 2;

/// Writes one object from async code; dropped before [`Self::finish`], nothing appears.
#[derive(Debug)]
pub struct Writer {
    upload: BufWriter,
    uri: String,
    written: u64,
}

impl Writer {
    pub(super) fn new(store: Arc<dyn ObjectStore>, location: Location) -> Self {
        // What is written piece by piece is a work file.
        let mut extensions = PutOptions::default().extensions;
        extensions.insert(Unsynced);
        let upload = BufWriter::with_capacity(store, location.path, PART)
            .with_max_concurrency(PARALLEL)
            .with_extensions(extensions);
        Self { upload, uri: location.uri, written: 0 }
    }

    /// Appends bytes; waits while too many parts are in flight.
    ///
    /// # Errors
    ///
    /// A dependency's fault, naming the object; as of all functions here.
    pub async fn write(&mut self, bytes: Bytes) -> Result<()> {
        self.written += bytes.len() as u64;
        self.upload.put(bytes).await.map_err(|error| write_failure(&self.uri, self.written, error))
    }

    /// Makes the object appear and gives its size in bytes.
    pub async fn finish(mut self) -> Result<u64> {
        let finished = std::future::poll_fn(|context| Pin::new(&mut self.upload).poll_shutdown(context)).await;
        match finished {
            Ok(()) => Ok(self.written),
            Err(error) => Err(match error.downcast::<object_store::Error>() {
                Ok(error) => write_failure(&self.uri, self.written, error),
                Err(error) if is_full(&error) => no_room(&self.uri, self.written, error),
                Err(error) => Error::dependency(format!("cannot write {}: {error}", self.uri)).caused_by(error),
            }),
        }
    }

    /// Drops what was uploaded.
    pub async fn abort(mut self) -> Result<()> {
        self.upload.abort().await.map_err(|error| write_failure(&self.uri, self.written, error))
    }
}

/// Writes one object from a plain thread, as [`io::Write`]; dropped before [`Self::finish`], nothing appears.
#[derive(Debug)]
pub struct BlockingWriter {
    writer: Writer,
    buffer: Vec<u8>,
    handle: Handle,
}

/// Bytes gathered before they are handed to the runtime.
const HAND_OVER: usize = 1 << 20;

impl BlockingWriter {
    pub(super) fn new(writer: Writer, handle: Handle) -> Self {
        Self { writer, buffer: Vec::new(), handle }
    }

    /// Makes the object appear and gives its size in bytes.
    ///
    /// # Errors
    ///
    /// A dependency's fault, naming the object.
    pub fn finish(mut self) -> Result<u64> {
        self.hand_over()?;
        self.handle.block_on(self.writer.finish())
    }

    fn hand_over(&mut self) -> Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let full = Bytes::from(std::mem::take(&mut self.buffer));
        self.handle.block_on(self.writer.write(full))
    }
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
