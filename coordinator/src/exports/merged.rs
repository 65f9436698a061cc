//! The rows of all parts of a run, by key: of several with one key the first by id.

use super::blocks::{Block, Blocks};
use arrow::array::Array;
use segmenter_proto::Result;
use std::{cmp::Reverse, collections::BinaryHeap, sync::Arc};

/// A row.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) block: Arc<Block>,
    pub(super) at: usize,
}

impl Row {
    pub(super) fn key(&self) -> &str {
        self.block.keys.value(self.at)
    }

    pub(super) fn line(&self) -> &str {
        self.block.lines.get(self.at).map_or("", String::as_str)
    }
}

/// Key, id and part of the next row of a part; the part makes no difference, since an id is in one part only.
type Next = Reverse<(String, String, usize)>;

/// The rows of a run, side by side.
#[derive(Debug)]
pub(super) struct Merged {
    parts: Vec<(Blocks, Option<Row>)>,
    next: BinaryHeap<Next>,
    last: Option<String>,
    /// Rows that were left out since another one has their key.
    pub(super) same_key: u64,
}

impl Merged {
    pub(super) fn new(parts: Vec<Blocks>) -> Result<Self> {
        let parts: Vec<(Blocks, Option<Row>)> = parts.into_iter().map(|blocks| (blocks, None)).collect();
        let mut merged = Self { next: BinaryHeap::with_capacity(parts.len()), parts, last: None, same_key: 0 };
        for part in 0..merged.parts.len() {
            merged.advance(part)?;
        }
        Ok(merged)
    }

    /// Puts the next row of a part in its place.
    fn advance(&mut self, part: usize) -> Result<()> {
        let Some((blocks, current)) = self.parts.get_mut(part) else { return Ok(()) };
        let following = current.take().map(|row| Row { at: row.at + 1, ..row });
        let mut row = following.filter(|row| row.at < row.block.keys.len());
        while row.is_none() {
            match blocks.next()? {
                None => return Ok(()),
                Some(block) => row = (!block.keys.is_empty()).then_some(Row { block, at: 0 }),
            }
        }
        if let Some(row) = row {
            self.next.push(Reverse((row.key().to_owned(), row.block.owners.value(row.at).to_owned(), part)));
            *current = Some(row);
        }
        Ok(())
    }

    /// Gives the row of the next key; none after the last.
    pub(super) fn next(&mut self) -> Result<Option<Row>> {
        while let Some(Reverse((key, _, part))) = self.next.pop() {
            let row = self.parts.get(part).and_then(|(_, row)| row.clone());
            self.advance(part)?;
            if self.last.as_ref() == Some(&key) {
                self.same_key += 1;
                continue;
            }
            self.last = Some(key);
            return Ok(row);
        }
        Ok(None)
    }
}
