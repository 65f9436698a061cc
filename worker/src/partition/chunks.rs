//! Chunks: Arrow IPC streams (LZ4, but for hashes) of one source and one shard, many to an object, read back by range.

use super::folders::ChunkFolders;
use super::requests::{Request, requests};
use arrow::{
    array::RecordBatch,
    buffer::Buffer,
    ipc::{
        CompressionType,
        reader::StreamDecoder,
        writer::{IpcWriteOptions, StreamWriter},
    },
};
use bytes::Bytes;
use futures::{Stream, StreamExt, TryStreamExt, stream};
use segmenter_proto::{Error, Result, checksum_of, v1::Chunk};
use std::{
    collections::BTreeMap,
    ops::Range,
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
    folders: &'a ChunkFolders,
    runtime: &'a Handle,
}

impl<'a> ChunkReader<'a> {
    /// Reads from the run's folders of chunks.
    pub fn new(folders: &'a ChunkFolders, runtime: &'a Handle) -> Self {
        Self { folders, runtime }
    }

    /// Gives the rows of chunks by source, as they were written, in the order of their objects and offsets. Several requests are under way
    /// at the same time.
    ///
    /// # Errors
    /// When an object is gone or its bytes are others: [`Error::lost_work`].
    pub fn read(&self, chunks: &[Chunk]) -> Result<BTreeMap<u32, Vec<RecordBatch>>> {
        let mut by_source: BTreeMap<u32, Vec<RecordBatch>> = BTreeMap::new();
        self.each(chunks, |source, batch| {
            by_source.entry(source).or_default().push(batch);
            Ok(())
        })?;
        Ok(by_source)
    }

    /// Hands the same rows over as they come.
    ///
    /// # Errors
    /// As [`ChunkReader::read`], or what `take` fails with.
    pub fn each(&self, chunks: &[Chunk], mut take: impl FnMut(u32, RecordBatch) -> Result<()>) -> Result<()> {
        self.each_chunk(chunks, |chunk, batch| take(chunk.source, batch))
    }

    /// Hands them over with the chunk that each is of.
    ///
    /// # Errors
    /// As [`ChunkReader::each`].
    pub fn each_chunk(&self, chunks: &[Chunk], mut take: impl FnMut(&Chunk, RecordBatch) -> Result<()>) -> Result<()> {
        self.runtime.block_on(async {
            let mut answers = answers(self.folders, self.runtime, requests(chunks), AT_ONCE);
            while let Some((request, bytes)) = answers.try_next().await? {
                for chunk in request.chunks {
                    for batch in decoded(self.folders, &chunk, request.start, bytes.as_ref())? {
                        take(&chunk, batch)?;
                    }
                }
            }
            Ok(())
        })
    }

    /// Keeps chunks of one source where they are, to be read whenever their rows are looked at.
    pub fn stored(&self, chunks: Vec<Chunk>) -> StoredRows {
        StoredRows { folders: self.folders.clone(), runtime: self.runtime.clone(), chunks }
    }
}

/// Rows that stay in the work folder.
#[derive(Debug, Clone)]
pub struct StoredRows {
    folders: ChunkFolders,
    runtime: Handle,
    chunks: Vec<Chunk>,
}

/// Requests under way while rows that stay in the work folder are looked at: the next one.
const NEXT: usize = 2;
/// Bytes that looking at such rows takes: requests, and what is decoded of one.
pub const STORED_ROWS: u64 = 24 << 20;

impl StoredRows {
    /// Gives the rows in the order of their objects and offsets, the same each time.
    ///
    /// # Errors
    /// As [`ChunkReader::read`].
    pub fn batches(&self) -> impl Stream<Item = Result<RecordBatch>> + Send + 'static {
        let Self { folders, runtime, chunks } = self.clone();
        let requests: Vec<OwnedRequest> = requests(&chunks).into_iter().map(OwnedRequest::from).collect();
        let own = folders.clone();
        let answers = stream::iter(requests).map(move |request| under_way(&folders, &runtime, request)).buffered(NEXT);
        let batches = answers.map_ok(move |(request, bytes)| {
            let folders = own.clone();
            let decode = move |chunk: Chunk| decoded(&folders, &chunk, request.start, bytes.as_ref());
            // One after the other: what is decoded of a chunk is gone before the next.
            stream::iter(request.chunks.into_iter().map(decode))
                .map_ok(|batches| stream::iter(batches.into_iter().map(Ok)))
                .try_flatten()
        });
        batches.try_flatten()
    }
}

/// A range of an object, with the chunks in it.
#[derive(Debug)]
struct OwnedRequest {
    object: String,
    start: u64,
    end: u64,
    chunks: Vec<Chunk>,
}

impl From<Request<'_>> for OwnedRequest {
    fn from(request: Request<'_>) -> Self {
        let Range { start, end } = request.range;
        let chunks = request.chunks.into_iter().cloned().collect();
        Self { object: request.object.to_owned(), start, end, chunks }
    }
}

/// Asks for a range; the request goes on while rows are decoded elsewhere.
fn under_way(
    folders: &ChunkFolders,
    runtime: &Handle,
    request: OwnedRequest,
) -> impl Future<Output = Result<(OwnedRequest, Option<Bytes>)>> + Send + use<> {
    let (object, range) = (request.object.clone(), request.start..request.end);
    let folder = folders.of(&object).clone();
    let get = AbortOnDrop(runtime.spawn(async move { folder.get_range_if_whole(&object, range).await }));
    async move { Ok((request, get.await?)) }
}

fn answers<'a>(
    folders: &'a ChunkFolders,
    runtime: &'a Handle,
    requests: Vec<Request<'a>>,
    at_once: usize,
) -> impl Stream<Item = Result<(OwnedRequest, Option<Bytes>)>> + 'a {
    let requests = requests.into_iter().map(OwnedRequest::from);
    stream::iter(requests).map(move |request| under_way(folders, runtime, request)).buffered(at_once)
}

/// Gives the rows of a chunk, out of the bytes of an object from `start` on.
fn decoded(folders: &ChunkFolders, chunk: &Chunk, start: u64, bytes: Option<&Bytes>) -> Result<Vec<RecordBatch>> {
    let lost = |how: &str| {
        let file = folders.of(&chunk.object).uri_of(&chunk.object);
        let (from, to) = (chunk.offset, chunk.offset + chunk.length);
        Error::lost_work(&chunk.object, format!("work file {file} {how} (bytes {from} to {to})"))
    };
    let at = (chunk.offset - start) as usize;
    let Some(bytes) = bytes.map(|bytes| bytes.slice(at..at + chunk.length as usize)) else {
        return Err(lost("is gone or cut short"));
    };
    if checksum_of(&bytes) != chunk.checksum {
        return Err(lost("is damaged"));
    }
    // What is decoded is what was encoded.
    let batches = decode_chunk(&bytes).map_err(|error| lost("cannot be decoded").caused_by(error))?;
    let rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
    match rows as u64 == chunk.rows {
        true => Ok(batches),
        false => Err(lost(&format!("holds {rows} rows, expected {}", chunk.rows))),
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
pub fn decode_chunk(bytes: &Bytes) -> Result<Vec<RecordBatch>, arrow::error::ArrowError> {
    // Not a reader of streams: it copies what it reads.
    let (mut buffer, mut decoder) = (Buffer::from(bytes.clone()), StreamDecoder::new());
    let mut batches = Vec::new();
    while let Some(batch) = decoder.decode(&mut buffer)? {
        batches.push(batch);
    }
    decoder.finish()?;
    Ok(batches)
}

fn bug(error: arrow::error::ArrowError) -> Error {
    Error::bug("rows could not be encoded").caused_by(error)
}
