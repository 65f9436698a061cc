//! Cuts the inputs into tasks: few objects, little lost when one is lost, and no chunk of a few rows.
//!
//! Every task writes a chunk a shard, so chunks are tasks × shards. For their number to grow with the rows and not with their square, a
//! task has rows for a chunk worth reading in every shard; where there are few shards, that is less than a task should have anyway.
//!
//! The number of tasks does not follow the number of workers: a run that goes on with others must find the same tasks, since the log
//! names chunks by them and a lost one is made again by its own. Nor can it be as large as a thousand workers would like: two billion rows have 4,096
//! shards, and with 250 tasks three million chunks, each a request and an entry of the log. A thousand tasks would be four times the requests
//! of the longer stage that follows, and a log beyond its limit, to spare some seconds of this one.

use super::inputs::SourceInputs;
use segmenter_proto::{
    Error, Result,
    v1::{PartitionTask, SourcePiece},
};
use segmenter_worker::reading::{Piece, pieces};

/// Rows and bytes at which a task is full at least.
const LEAST_FULL: Size = Size { rows: 1_000_000, bytes: 64 << 20 };
/// Rows and bytes of a chunk that is worth a request.
const CHUNK: Size = Size { rows: 2_048, bytes: 128 << 10 };
/// Pieces at which a task is full: each is one file or a part of it, and read after the other.
const MOST_PIECES: usize = 512;
/// Bytes of pieces as they are sent at which a task is full: file names can be long, and a message can not.
const MOST_PIECE_BYTES: usize = 1 << 20;

/// Rows and bytes of files.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Rows.
    pub rows: u64,
    /// Bytes.
    pub bytes: u64,
}

impl Size {
    /// The size at which a task is full.
    pub fn of_task(shards: u32) -> Self {
        let shards = u64::from(shards);
        Self { rows: LEAST_FULL.rows.max(shards * CHUNK.rows), bytes: LEAST_FULL.bytes.max(shards * CHUNK.bytes) }
    }
}

/// A task that is being filled.
#[derive(Debug, Default)]
pub struct Filling {
    pieces: usize,
    rows: u64,
    bytes: u64,
    piece_bytes: usize,
}

impl Filling {
    /// Says whether more rows and bytes, of which a task says `length` bytes, find room in it.
    pub fn has_room(&self, full: Size, rows: u64, bytes: u64, length: usize) -> bool {
        self.pieces == 0
            || self.rows.saturating_add(rows) <= full.rows
                && self.bytes.saturating_add(bytes) <= full.bytes
                && self.pieces < MOST_PIECES
                && self.piece_bytes + length <= MOST_PIECE_BYTES
    }

    /// Adds so many pieces.
    pub fn add(&mut self, pieces: usize, rows: u64, bytes: u64, length: usize) {
        self.pieces += pieces;
        self.rows = self.rows.saturating_add(rows);
        self.bytes = self.bytes.saturating_add(bytes);
        self.piece_bytes += length;
    }
}

/// The tasks of the partition: where each begins. What a task says is written when it is asked for, since the names of a hundred
/// thousand files, in every task that is not yet done, would be more than memory should hold.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Tasks {
    /// Pieces of files, in the order of the sources and their files.
    runs: Vec<PiecesOfFile>,
    /// Which of these each task reads.
    ends: Vec<usize>,
}

/// Pieces of one file that one task reads, one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PiecesOfFile {
    /// Position of the source.
    pub source: u32,
    /// Position of the file among those of the source.
    pub file: usize,
    /// The first of them, from 0.
    pub first: usize,
    /// How many.
    pub count: usize,
}

impl Tasks {
    /// Cuts pinned inputs into tasks for so many shards.
    ///
    /// # Errors
    /// Bug only.
    pub fn of(inputs: &[SourceInputs], shards: u32) -> Result<Self> {
        Self::among(inputs, shards, |_| true)
    }

    /// Does the same of those inputs that `wanted` says, which keep their numbers.
    ///
    /// # Errors
    /// Bug only.
    pub fn among(inputs: &[SourceInputs], shards: u32, wanted: impl Fn(&SourceInputs) -> bool) -> Result<Self> {
        let full = Size::of_task(shards);
        let mut tasks = Self::default();
        let mut task = Filling::default();
        for (source, inputs) in (0..).zip(inputs).filter(|(_, inputs)| wanted(inputs)) {
            for (file, (pinned, facts)) in inputs.files.iter().enumerate() {
                for (number, piece) in pieces(pinned, facts).enumerate() {
                    let (rows, bytes) = (piece.rows.unwrap_or(facts.estimated_rows), piece.bytes);
                    let length = written(&piece)?.len();
                    if !task.has_room(full, rows, bytes, length) {
                        tasks.close();
                        task = Filling::default();
                    }
                    tasks.push(PiecesOfFile { source, file, first: number, count: 1 }, task.pieces == 0);
                    task.add(1, rows, bytes, length);
                }
            }
        }
        if task.pieces > 0 {
            tasks.close();
        }
        Ok(tasks)
    }

    /// Takes tasks as they are given, each by its pieces in the order of the inputs.
    pub fn of_places(tasks: impl IntoIterator<Item = Vec<PiecesOfFile>>) -> Self {
        let mut own = Self::default();
        for places in tasks {
            for (number, piece) in places.into_iter().enumerate() {
                own.push(piece, number == 0);
            }
            own.close();
        }
        own
    }

    /// Adds other tasks behind these.
    #[must_use]
    pub fn and(mut self, others: Self) -> Self {
        let before = self.runs.len();
        self.runs.extend(others.runs);
        self.ends.extend(others.ends.into_iter().map(|end| before + end));
        self
    }

    /// Gives the pieces of a task; none where there is no such task.
    pub fn places(&self, number: u32) -> &[PiecesOfFile] {
        let at = number as usize;
        let Some(end) = self.ends.get(at).copied() else { return &[] };
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.runs[start..end]
    }

    /// Gives the number of tasks.
    pub fn count(&self) -> usize {
        self.ends.len()
    }

    /// Writes a task of the inputs that were cut; none where there is no such task.
    ///
    /// # Errors
    /// Bug only.
    pub fn get(&self, inputs: &[SourceInputs], number: u32) -> Result<Option<PartitionTask>> {
        if number as usize >= self.ends.len() {
            return Ok(None);
        }
        let mut written_pieces = Vec::new();
        for PiecesOfFile { source, file, first, count } in self.places(number) {
            let found = inputs.get(*source as usize).and_then(|inputs| inputs.files.get(*file));
            let (pinned, facts) = found.ok_or_else(|| Error::bug("a task reads a file that is none"))?;
            for piece in pieces(pinned, facts).skip(*first).take(*count) {
                written_pieces.push(SourcePiece { source: *source, piece: written(&piece)? });
            }
        }
        Ok(Some(PartitionTask { number, pieces: written_pieces, ..PartitionTask::default() }))
    }

    fn push(&mut self, piece: PiecesOfFile, begins: bool) {
        match self.runs.last_mut() {
            Some(last)
                if !begins
                    && (last.source, last.file, last.first + last.count) == (piece.source, piece.file, piece.first) =>
            {
                last.count += piece.count;
            }
            _ => self.runs.push(piece),
        }
    }

    fn close(&mut self) {
        self.ends.push(self.runs.len());
    }
}

fn written(piece: &Piece) -> Result<String> {
    serde_json::to_string(piece).map_err(|error| Error::bug("a piece could not be written").caused_by(error))
}
