//! Rows on their way to the shards of the next round.

use crate::{
    partition::{ChunkWriter, Scatter},
    storage::Folder,
};
use arrow::array::RecordBatch;
use segmenter_proto::{Error, Result, v1::Chunk};
use std::path::Path;
use tokio::runtime::Handle;

/// Rows that are scattered at a time.
pub(super) const ROWS: usize = 16_384;

/// Writes rows by shard into one work object.
#[derive(Debug)]
pub struct Emit {
    link_shards: u32,
    shards: u32,
    scatter: Scatter,
    writer: ChunkWriter,
}

impl Emit {
    /// Writes to the work object `object`, for shards of links and of customers; about `budget` bytes wait in memory at most, others in a nameless file of `scratch`.
    ///
    /// # Errors
    /// The work folder cannot be written to: Dependency.
    pub fn new(
        work: &Folder,
        runtime: &Handle,
        object: &str,
        [link_shards, shards]: [u32; 2],
        budget: usize,
        scratch: &Path,
    ) -> Result<Self> {
        let writer = ChunkWriter::create(work, runtime, object)?;
        Ok(Self { link_shards, shards, scatter: Scatter::new(link_shards.max(shards), budget, scratch), writer })
    }

    /// Gives the number of shards of links.
    pub(super) fn link_shards(&self) -> u32 {
        self.link_shards
    }

    /// Gives the number of shards of customers.
    pub(super) fn shards(&self) -> u32 {
        self.shards
    }

    /// Takes rows in, each with its shard.
    pub(super) fn push(&mut self, kind: u32, shards: &[u32], rows: &RecordBatch) -> Result<()> {
        if shards.len() != rows.num_rows() {
            return Err(Error::bug("rows of ids do not fit their shards"));
        }
        if shards.is_empty() {
            return Ok(());
        }
        let writer = &mut self.writer;
        // Nodes are hashes, which nothing makes smaller.
        self.scatter.push_to(kind, shards, rows, &mut |chunk| writer.write(chunk, kind == super::rows::LINKS))
    }

    /// Writes what waits, and gives where all of it lies.
    ///
    /// # Errors
    /// The work folder or scratch fails.
    pub fn finish(mut self) -> Result<Vec<Chunk>> {
        let writer = &mut self.writer;
        self.scatter.finish(&mut |chunk| writer.write(chunk, false))?;
        self.writer.finish()
    }
}
