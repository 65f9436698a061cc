//! Cuts the inputs into tasks: few objects, and little lost when one is lost.

use super::inputs::SourceInputs;
use segmenter_proto::{
    Error, Result,
    v1::{PartitionTask, SourcePiece},
};
use segmenter_worker::reading::pieces;

/// Rows at which a task is full.
const ROWS_A_TASK: u64 = 1_000_000;
/// Bytes at which a task is full.
const BYTES_A_TASK: u64 = 64 << 20;

/// Gives the tasks of the partition, from the pinned inputs alone.
///
/// # Errors
/// Bug only.
pub fn tasks(inputs: &[SourceInputs]) -> Result<Vec<PartitionTask>> {
    let mut tasks = Vec::new();
    let mut task = PartitionTask::default();
    let (mut rows, mut bytes) = (0, 0);
    for (source, inputs) in (0..).zip(inputs) {
        for (file, facts) in &inputs.files {
            for piece in pieces(file, facts) {
                let piece_rows = piece.rows.unwrap_or_default();
                let full = rows + piece_rows > ROWS_A_TASK || bytes + piece.bytes > BYTES_A_TASK;
                if full && !task.pieces.is_empty() {
                    tasks.push(std::mem::take(&mut task));
                    (rows, bytes) = (0, 0);
                }
                rows += piece_rows;
                bytes += piece.bytes;
                let piece = serde_json::to_string(&piece)
                    .map_err(|error| Error::bug("a piece could not be written").caused_by(error))?;
                task.pieces.push(SourcePiece { source, piece });
            }
        }
    }
    if !task.pieces.is_empty() {
        tasks.push(task);
    }
    Ok(tasks)
}
