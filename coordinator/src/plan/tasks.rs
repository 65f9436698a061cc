//! Cuts the inputs into tasks: few objects, little lost when one is lost, and no chunk of a few rows.
//!
//! Every task writes a chunk a shard, so chunks are tasks × shards. For their number to grow with the rows and not with their square, a
//! task has rows for a chunk worth reading in every shard; where there are few shards, that is less than a task should have anyway.

use super::inputs::SourceInputs;
use segmenter_proto::{
    Error, Result,
    v1::{PartitionTask, SourcePiece},
};
use segmenter_worker::reading::pieces;

/// Rows and bytes at which a task is full at least.
const LEAST_FULL: Size = Size { rows: 1_000_000, bytes: 64 << 20 };
/// Rows and bytes of a chunk that is worth a request.
const CHUNK: Size = Size { rows: 2_048, bytes: 128 << 10 };
/// Pieces at which a task is full: each is one file or a part of it, and read after the other.
const MOST_PIECES: usize = 512;
/// Bytes of pieces as they are sent at which a task is full: file names can be long, and a message can not.
const MOST_PIECE_BYTES: usize = 1 << 20;

#[derive(Debug, Clone, Copy)]
struct Size {
    rows: u64,
    bytes: u64,
}

impl Size {
    /// The size at which a task is full.
    fn of_task(shards: u32) -> Self {
        let shards = u64::from(shards);
        Self { rows: LEAST_FULL.rows.max(shards * CHUNK.rows), bytes: LEAST_FULL.bytes.max(shards * CHUNK.bytes) }
    }
}

/// A task that is being filled.
#[derive(Debug, Default)]
struct Filling {
    pieces: Vec<SourcePiece>,
    rows: u64,
    bytes: u64,
    piece_bytes: usize,
}

impl Filling {
    fn has_room(&self, full: Size, rows: u64, bytes: u64, piece: &str) -> bool {
        self.pieces.is_empty()
            || self.rows.saturating_add(rows) <= full.rows
                && self.bytes.saturating_add(bytes) <= full.bytes
                && self.pieces.len() < MOST_PIECES
                && self.piece_bytes + piece.len() <= MOST_PIECE_BYTES
    }
}

/// Gives the tasks of the partition into so many shards, from the pinned inputs alone.
///
/// # Errors
/// Bug only.
pub fn tasks(inputs: &[SourceInputs], shards: u32) -> Result<Vec<PartitionTask>> {
    let full = Size::of_task(shards);
    let mut tasks = Vec::new();
    let mut task = Filling::default();
    for (source, inputs) in (0..).zip(inputs) {
        for (file, facts) in &inputs.files {
            for piece in pieces(file, facts) {
                let (rows, bytes) = (piece.rows.unwrap_or(facts.estimated_rows), piece.bytes);
                let piece = serde_json::to_string(&piece)
                    .map_err(|error| Error::bug("a piece could not be written").caused_by(error))?;
                if !task.has_room(full, rows, bytes, &piece) {
                    push(&mut tasks, std::mem::take(&mut task));
                }
                task.rows = task.rows.saturating_add(rows);
                task.bytes = task.bytes.saturating_add(bytes);
                task.piece_bytes += piece.len();
                task.pieces.push(SourcePiece { source, piece });
            }
        }
    }
    if !task.pieces.is_empty() {
        push(&mut tasks, task);
    }
    Ok(tasks)
}

fn push(tasks: &mut Vec<PartitionTask>, task: Filling) {
    tasks.push(PartitionTask { number: tasks.len() as u32, pieces: task.pieces });
}
