//! Chunks on their way into a work object.

use super::{chunks::encode_chunk, scatter::ReadyChunk};
use crate::storage::{BlockingWriter, Folder};
use arrow::array::{Array, RecordBatch};
use segmenter_proto::{Error, Result, checksum_of, v1::Chunk};
use std::io::Write;
use tokio::runtime::Handle;

/// Writes chunks one after the other into one object and remembers where.
#[derive(Debug)]
pub struct ChunkWriter {
    object: String,
    writer: BlockingWriter,
    offset: u64,
    chunks: Vec<Chunk>,
}

impl ChunkWriter {
    /// Begins the object `object` in a folder of chunks.
    ///
    /// # Errors
    /// The folder cannot be written to: Dependency.
    pub fn create(folder: &Folder, runtime: &Handle, object: &str) -> Result<Self> {
        let writer = folder.blocking_writer(object, runtime)?;
        Ok(Self { object: object.to_owned(), writer, offset: 0, chunks: Vec::new() })
    }

    /// Appends a chunk; `are_hashes` says that nothing makes it smaller.
    ///
    /// # Errors
    /// The work folder cannot be written to: Dependency.
    pub fn write(&mut self, chunk: ReadyChunk, are_hashes: bool) -> Result<()> {
        let bytes = encode_chunk(&chunk.rows, are_hashes)?;
        let length = bytes.len() as u64;
        self.writer.write_all(&bytes).map_err(|error| self.failed(error))?;
        self.chunks.push(Chunk {
            source: chunk.source,
            shard: chunk.shard,
            object: self.object.clone(),
            offset: self.offset,
            length,
            rows: chunk.rows.num_rows() as u64,
            memory: memory_of(&chunk.rows)?,
            checksum: checksum_of(&bytes),
        });
        self.offset += length;
        Ok(())
    }

    /// Makes the object appear, and gives where its chunks lie.
    ///
    /// # Errors
    /// The work folder cannot be written to: Dependency.
    pub fn finish(self) -> Result<Vec<Chunk>> {
        self.writer.finish()?;
        Ok(self.chunks)
    }

    /// The writer's own errors pass through [`std::io::Write`] as they are.
    fn failed(&self, error: std::io::Error) -> Error {
        error.downcast::<Error>().unwrap_or_else(|error| {
            Error::dependency(format!("work file {} could not be written", self.object)).caused_by(error)
        })
    }
}

/// Gives the bytes of rows once they are read back. By slices: rows that were cut from a batch share its buffers, which each would
/// count as its own.
fn memory_of(rows: &RecordBatch) -> Result<u64> {
    let bytes = rows.columns().iter().map(|column| column.to_data().get_slice_memory_size());
    let bytes = bytes.sum::<std::result::Result<usize, _>>();
    Ok(bytes.map_err(|error| Error::bug("rows have no size").caused_by(error))? as u64)
}
