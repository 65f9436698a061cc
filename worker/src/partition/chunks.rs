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
use segmenter_proto::{Error, Fault, Result, v1::Chunk};
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

/// Gives the rows of a chunk.
///
/// # Errors
/// When the bytes are not what was written: Dependency, since the store lost or changed them.
pub fn decode_chunk(bytes: &Bytes) -> Result<Vec<RecordBatch>> {
    let damaged = |error| Error::dependency("a work file is damaged").caused_by(error);
    StreamReader::try_new(std::io::Cursor::new(bytes), None)
        .map_err(damaged)?
        .collect::<std::result::Result<_, _>>()
        .map_err(damaged)
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

    /// Gives the rows of a chunk, checked against what was written.
    ///
    /// # Errors
    /// When the object is gone, or holds other rows than were written: Dependency.
    pub fn read(&self, chunk: &Chunk) -> Result<Vec<RecordBatch>> {
        let range = chunk.offset..chunk.offset + chunk.length;
        let bytes = self.runtime.block_on(self.work.get_range(&chunk.object, range));
        let bytes = bytes.map_err(|error| match error.fault {
            // It was there; whoever deleted it is no part of the data.
            Fault::Data => Error::dependency(format!("work file {} is gone", chunk.object)).caused_by(error),
            _ => error,
        })?;
        let batches = decode_chunk(&bytes)?;
        let rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
        if rows as u64 != chunk.rows {
            return Err(Error::dependency(format!(
                "work file {} holds {rows} rows at {}, expected {}",
                chunk.object, chunk.offset, chunk.rows
            )));
        }
        Ok(batches)
    }
}

fn bug(error: arrow::error::ArrowError) -> Error {
    Error::bug("rows could not be encoded").caused_by(error)
}
