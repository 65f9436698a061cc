//! The pieces of input files that a run wants, by what they are.

use crate::plan::{PiecesOfFile, SourceInputs};
use chrono::{DateTime, Utc};
use segmenter_proto::{Error, Result, jobs::SourceKind};
use segmenter_worker::{
    partition::definition,
    reading::pieces,
    spec::{RunSpec, SourceRole},
};
use std::collections::HashMap;
use xxhash_rust::xxh3::Xxh3;

/// The hash of a piece of a file as it was pinned, with all that decides what becomes of its rows.
pub type PieceKey = u128;

/// Files of a source that are written last, and that may yet be written again: what is made of them is kept apart from all else. More than one,
/// since the days before are often completed.
const LATEST_FILES: usize = 8;

/// A piece that is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WantedPiece {
    pub key: PieceKey,
    pub source: u32,
    pub file: usize,
    /// Position among the pieces of its file.
    pub piece: usize,
    pub rows: u64,
    pub bytes: u64,
    /// Bytes of what a task says of it.
    pub length: usize,
    /// Whether its file is one of the latest.
    pub is_latest: bool,
}

impl WantedPiece {
    /// Says where it lies, for the tasks of the partition.
    pub fn place(&self) -> PiecesOfFile {
        PiecesOfFile { source: self.source, file: self.file, first: self.piece, count: 1 }
    }
}

/// The pieces that a run wants, in the order of the sources and files.
#[derive(Debug, Default)]
pub struct Wanted {
    pub pieces: Vec<WantedPiece>,
    by_key: HashMap<PieceKey, usize>,
}

impl Wanted {
    /// Finds them.
    ///
    /// # Errors
    /// Bug only.
    pub fn of(spec: &RunSpec, inputs: &[SourceInputs]) -> Result<Self> {
        let mut wanted = Self::default();
        for ((source, inputs), of_run) in (0..).zip(inputs).zip(&spec.sources) {
            // Pairs of ids come to nothing in the partition; who is left out is read anew each time.
            if !is_kept(inputs) {
                continue;
            }
            let definition = definition(spec, of_run)?;
            let latest = latest_files(inputs);
            for (file, (pinned, facts)) in inputs.files.iter().enumerate() {
                for (piece, of_file) in pieces(pinned, facts).enumerate() {
                    let text = serde_json::to_vec(&of_file)
                        .map_err(|error| Error::bug("a piece could not be written").caused_by(error))?;
                    let mut hash = Xxh3::new();
                    hash.update(&definition.to_be_bytes());
                    hash.update(&text);
                    wanted.push(WantedPiece {
                        key: hash.digest128(),
                        source,
                        file,
                        piece,
                        rows: of_file.rows.unwrap_or(facts.estimated_rows),
                        bytes: of_file.bytes,
                        length: text.len(),
                        is_latest: latest.contains(&file),
                    });
                }
            }
        }
        Ok(wanted)
    }

    fn push(&mut self, piece: WantedPiece) {
        // One file twice in a source is listed once; two pieces of one key would be the same rows.
        self.by_key.entry(piece.key).or_insert(self.pieces.len());
        self.pieces.push(piece);
    }

    /// Gives the position of a piece.
    pub fn position(&self, key: PieceKey) -> Option<usize> {
        self.by_key.get(&key).copied()
    }

    /// Gives the pieces at some places of the inputs, in their order.
    pub fn at(&self, places: &[PiecesOfFile]) -> Vec<WantedPiece> {
        let all = places
            .iter()
            .flat_map(|place| (place.first..place.first + place.count).map(|piece| (place.source, place.file, piece)));
        // They are in the order of their places.
        let find =
            |place| self.pieces.binary_search_by_key(&place, |piece| (piece.source, piece.file, piece.piece)).ok();
        all.filter_map(find).map(|at| self.pieces[at]).collect()
    }
}

/// Says whether what is made of a source's files is kept.
pub fn is_kept(inputs: &SourceInputs) -> bool {
    inputs.source.kind != SourceKind::Identities && inputs.role != SourceRole::Exclusion
}

/// Gives the positions of the files that were written last.
fn latest_files(inputs: &SourceInputs) -> Vec<usize> {
    let mut files: Vec<(DateTime<Utc>, &str, usize)> =
        inputs.files.iter().enumerate().map(|(at, (file, _))| (file.last_modified, file.key.as_str(), at)).collect();
    files.sort_unstable_by(|left, right| right.cmp(left));
    files.into_iter().take(LATEST_FILES).map(|(.., at)| at).collect()
}
