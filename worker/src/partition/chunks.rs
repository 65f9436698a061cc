//! Chunks: Arrow IPC streams (LZ4, but for hashes) of one source and one shard, many to an object, read back by range.

use super::requests::requests;
use crate::storage::Folder;
use arrow::{
    array::RecordBatch,
    ipc::{
        CompressionType,
        reader::StreamReader,
        writer::{IpcWriteOptions, StreamWriter},
    },
};
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use segmenter_proto::{Error, Result, checksum_of, v1::Chunk};
use std::{
    collections::BTreeMap,
    pin::Pin,
    task::{Context, Poll},
};
use tokio::{runtime::Handle, task::JoinHandle};

/// Gives the bytes of a chunk; hashes as they are, since nothing makes them smaller.
///
/// # Errors
/// Bug only.
pub fn encode_chunk(rows: &RecordBatch, are_hashes: bool) -> Result<Vec<u8>> {
    let compression = (!are_hashes).then_some(CompressionType::LZ4_FRAME);
    let options = IpcWriteOptions::default().try_with_compression(compression).map_err(bug)?;
    let mut bytes = Vec::with_capacity(rows.get_array_memory_size() / 2);
    let mut writer = StreamWriter::try_new_with_options(&mut bytes, &rows.schema(), options).map_err(bug)?;
    writer.write(rows).map_err(bug)?;
    writer.finish().map_err(bug)?;
    drop(writer);
    Ok(bytes)
}

/// Gives the name of the work object that one attempt at a task of the partition writes.
///
/// Unique to the attempt: what a dead one left behind is never mistaken for another's. The number comes first, so that
/// objects in the order of their names are in the order of the inputs.
pub fn chunks_object(number: u32, generation: u64, round: u32, attempt: u32) -> String {
    format!("chunks/{number:06}-{generation:04}-{round:04}-{attempt:02}")
}

/// Gives the number of the task whose attempt wrote a work object; none where the partition did not.
pub fn task_of_chunks(object: &str) -> Option<u32> {
    object.strip_prefix("chunks/")?.split('-').next()?.parse().ok()
}

/// Requests of one shard that are under way at the same time: with a few MB each, less than the rows that they bring.
const AT_ONCE: usize = 8;

/// Reads the chunks of a shard.
#[derive(Debug)]
pub struct ChunkReader<'a> {
    work: &'a Folder,
    runtime: &'a Handle,
}

impl<'a> ChunkReader<'a> {
    /// Reads from the run's work folder.
    pub fn new(work: &'a Folder, runtime: &'a Handle) -> Self {
        Self { work, runtime }
    }

    /// Gives the rows of chunks by source, as they were written, in the order of their objects and offsets. Several requests are under way
    /// at the same time.
    ///
    /// # Errors
    /// When an object is gone or its bytes are others: [`Error::lost_work`].
    pub fn read(&self, chunks: &[Chunk]) -> Result<BTreeMap<u32, Vec<RecordBatch>>> {
        self.runtime.block_on(async {
            let mut answers = stream::iter(requests(chunks))
                .map(|request| {
                    let (work, object, range) = (self.work.clone(), request.object.to_owned(), request.range.clone());
                    // Of its own: it goes on while rows are decoded here.
                    let get = tokio::spawn(async move { work.get_range_if_whole(&object, range).await });
                    let under_way = AbortOnDrop(get);
                    async move { Ok::<_, Error>((request, under_way.await?)) }
                })
                .buffered(AT_ONCE);
            let mut by_source: BTreeMap<u32, Vec<RecordBatch>> = BTreeMap::new();
            while let Some((request, bytes)) = answers.try_next().await? {
                for chunk in request.chunks {
                    let start = (chunk.offset - request.range.start) as usize;
                    let own = bytes.as_ref().map(|bytes| bytes.slice(start..start + chunk.length as usize));
                    by_source.entry(chunk.source).or_default().extend(self.decode(chunk, own)?);
                }
            }
            Ok(by_source)
        })
    }

    fn decode(&self, chunk: &Chunk, bytes: Option<Bytes>) -> Result<Vec<RecordBatch>> {
        let Some(bytes) = bytes else { return Err(self.lost(chunk, "is gone or cut short")) };
        if checksum_of(&bytes) != chunk.checksum {
            return Err(self.lost(chunk, "is damaged"));
        }
        // What is decoded is what was encoded.
        let batches = decode(&bytes).map_err(|error| self.lost(chunk, "cannot be decoded").caused_by(error))?;
        let rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
        match rows as u64 == chunk.rows {
            true => Ok(batches),
            false => Err(self.lost(chunk, &format!("holds {rows} rows, expected {}", chunk.rows))),
        }
    }

    fn lost(&self, chunk: &Chunk, how: &str) -> Error {
        let (file, from, to) = (self.work.uri_of(&chunk.object), chunk.offset, chunk.offset + chunk.length);
        Error::lost_work(&chunk.object, format!("work file {file} {how} (bytes {from} to {to})"))
    }
}

/// A request that ends when nobody waits for it any more.
struct AbortOnDrop<T>(JoinHandle<Result<T>>);

impl<T> Future for AbortOnDrop<T> {
    type Output = Result<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let ended = Pin::new(&mut self.0).poll(context);
        ended.map(|ended| ended.unwrap_or_else(|cause| Err(Error::bug("a request went away").caused_by(cause))))
    }
}

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Gives the rows of a chunk's bytes.
///
/// # Errors
/// When they are not what was encoded.
pub(super) fn decode(bytes: &Bytes) -> Result<Vec<RecordBatch>, arrow::error::ArrowError> {
    StreamReader::try_new(std::io::Cursor::new(bytes), None)?.collect()
}

fn bug(error: arrow::error::ArrowError) -> Error {
    Error::bug("rows could not be encoded").caused_by(error)
}
