//! Cuts files into pieces of work.

use super::facts::FileFacts;
use super::pinned::PinnedFile;
use segmenter_proto::jobs::FileFormat;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// A part of a file that one task reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// The file.
    pub file: PinnedFile,
    /// Of Parquet, the row groups from 0; none: the whole file.
    pub row_groups: Option<Range<usize>>,
    /// Row number in the file, from 1, of the first row.
    pub first_row: u64,
    /// Rows; none of text, which does not tell.
    pub rows: Option<u64>,
    /// Bytes as stored.
    pub bytes: u64,
}

/// A piece ends before it has more rows than this, or more bytes than [`MOST_BYTES`], unless one row group has.
const MOST_ROWS: u64 = 1_000_000;
const MOST_BYTES: u64 = 64 << 20;

/// Where a piece lies in its file.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Cut {
    row_groups: Option<Range<usize>>,
    first_row: u64,
    rows: Option<u64>,
    bytes: u64,
}

/// Cuts a file: Parquet by its row groups into pieces of up to a million rows or 64 MiB; a text file is one piece, since
/// where its records begin shows only from the start. Pieces without rows are left out. They are made as they are asked for.
pub fn pieces<'a>(file: &'a PinnedFile, facts: &FileFacts) -> impl Iterator<Item = Piece> + use<'a> {
    cuts(file.format, facts).into_iter().map(|Cut { row_groups, first_row, rows, bytes }| Piece {
        file: file.clone(),
        row_groups,
        first_row,
        rows,
        bytes,
    })
}

fn cuts(format: FileFormat, facts: &FileFacts) -> Vec<Cut> {
    if format != FileFormat::Parquet {
        return vec![Cut { row_groups: None, first_row: 1, rows: facts.rows, bytes: facts.bytes }];
    }
    let mut cuts: Vec<Cut> = Vec::new();
    let (mut groups, mut first_row, mut rows, mut bytes) = (0..0, 1, 0, 0);
    let mut close = |groups: Range<usize>, first_row, rows, bytes| {
        if rows > 0 {
            cuts.push(Cut { row_groups: Some(groups), first_row, rows: Some(rows), bytes });
        }
    };
    for (index, group) in facts.row_groups.iter().enumerate() {
        if rows > 0 && (rows + group.rows > MOST_ROWS || bytes + group.bytes > MOST_BYTES) {
            close(groups, first_row, rows, bytes);
            (groups, first_row, rows, bytes) = (index..index, first_row + rows, 0, 0);
        }
        groups.end = index + 1;
        rows += group.rows;
        bytes += group.bytes;
    }
    close(groups, first_row, rows, bytes);
    cuts
}

#[cfg(test)]
mod tests {
    use super::super::facts::RowGroupFacts;
    use super::super::reader::samples::pinned;
    use super::*;
    use arrow::datatypes::Schema;
    use proptest::prelude::*;
    use std::sync::Arc;

    proptest! {
        #[test]
        fn pieces_cover_the_file_once_and_stay_small(groups in proptest::collection::vec((0_u64..700_000, 0_u64..50 << 20), 0..40)) {
            let row_groups: Vec<_> = groups.iter().map(|(rows, bytes)| RowGroupFacts { rows: *rows, bytes: *bytes }).collect();
            let rows = row_groups.iter().map(|group| group.rows).sum();
            let facts = FileFacts { rows: Some(rows), estimated_rows: rows, bytes: 0, schema: Arc::new(Schema::empty()), row_groups };
            let file = pinned("a.parquet");
            let pieces: Vec<Piece> = pieces(&file, &facts).collect();
            let mut next = 1;
            for piece in &pieces {
                prop_assert_eq!(piece.first_row, next);
                let range = piece.row_groups.clone().unwrap();
                let sum: u64 = groups[range.clone()].iter().map(|(rows, _)| rows).sum();
                prop_assert_eq!(piece.rows, Some(sum));
                prop_assert!(range.len() == 1 || (sum <= MOST_ROWS && piece.bytes <= MOST_BYTES));
                next += sum;
            }
            prop_assert_eq!(next, rows + 1);
        }
    }
}
