//! Result files on their way to the store.

use super::part_writer::PartWriter;
use crate::storage::Folder;
use arrow::record_batch::RecordBatch;
use segmenter_proto::{Error, Result, v1::ResultFile};
use tokio::runtime::Handle;

/// Writes batches of one schema to `path` below the run's folder, straight to its final place: whoever writes it, its
/// bytes are the same.
///
/// # Errors
/// The store's failure; a bug where there is no batch.
pub fn write_part(
    results: &Folder,
    runtime: &Handle,
    path: &str,
    batches: impl IntoIterator<Item = RecordBatch>,
) -> Result<ResultFile> {
    let mut batches = batches.into_iter();
    let first = batches.next().ok_or_else(|| Error::bug(format!("{path} has no batch")))?;
    let mut writer = PartWriter::new(first.schema())?;
    writer.write(&first)?;
    for batch in batches {
        writer.write(&batch)?;
    }
    let finished = writer.finish()?;
    runtime.block_on(results.put(path, finished.tail))?;
    Ok(ResultFile { path: path.to_owned(), rows: finished.rows, bytes: finished.bytes, sha256: finished.sha256 })
}
