//! Chunks: Arrow IPC streams (LZ4) of one source and one shard, many to an object, read back by range.

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
use segmenter_proto::{Error, Result, checksum_of, v1::Chunk};
use tokio::runtime::Handle;

/// Gives the bytes of a chunk.
///
/// # Errors
/// Bug only.
pub fn encode_chunk(rows: &RecordBatch) -> Result<Vec<u8>> {
    let options = IpcWriteOptions::default().try_with_compression(Some(CompressionType::LZ4_FRAME)).map_err(bug)?;
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

    /// Gives the rows of a chunk, as they were written.
    ///
    /// # Errors
    /// When the object is gone or its bytes are others: [`Error::lost_work`].
    pub fn read(&self, chunk: &Chunk) -> Result<Vec<RecordBatch>> {
        let range = chunk.offset..chunk.offset + chunk.length;
        let bytes = match self.runtime.block_on(self.work.get_range_if_whole(&chunk.object, range))? {
            Some(bytes) => bytes,
            None => return Err(self.lost(chunk, "is gone or cut short")),
        };
        if bytes.len() as u64 != chunk.length || checksum_of(&bytes) != chunk.checksum {
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

fn decode(bytes: &Bytes) -> Result<Vec<RecordBatch>, arrow::error::ArrowError> {
    StreamReader::try_new(std::io::Cursor::new(bytes), None)?.collect()
}

fn bug(error: arrow::error::ArrowError) -> Error {
    Error::bug("rows could not be encoded").caused_by(error)
}
