//! What a customer bought and wished for, in as few bytes as can be.
//!
//! Lines without an item; lists; of each list its items with their lines, sorted by name. A list is a basket, or all that a customer
//! bought; where wishes are counted there are two, what was wished for and what was bought. Numbers are LEB128, and names have their length before them. Who has no line has no bytes.

use crate::measure::leb128;
use segmenter_proto::{Error, Result};

/// An item of a list, and how many lines name it there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PackedItem<'a> {
    /// Its name.
    pub name: &'a [u8],
    /// Lines.
    pub lines: u64,
}

/// Puts the lists of a customer behind each other.
#[derive(Debug, Default)]
pub struct Packer {
    lists: u64,
    bytes: Vec<u8>,
}

impl Packer {
    /// Adds a list, its items sorted by name, each once.
    pub fn list(&mut self, items: &[PackedItem<'_>]) {
        self.lists += 1;
        leb128::put(&mut self.bytes, items.len() as u64);
        for PackedItem { name, lines } in items {
            leb128::put(&mut self.bytes, *lines);
            leb128::put(&mut self.bytes, name.len() as u64);
            self.bytes.extend_from_slice(name);
        }
    }

    /// Gives the bytes.
    pub fn finish(self, lines_without_item: u64) -> Vec<u8> {
        let mut packed = Vec::with_capacity(self.bytes.len() + 4);
        leb128::put(&mut packed, lines_without_item);
        leb128::put(&mut packed, self.lists);
        packed.extend(self.bytes);
        packed
    }
}

/// What a customer bought and wished for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::measure) struct Lists<'a> {
    /// Lines that name no item.
    pub(in crate::measure) lines_without_item: u64,
    left: &'a [u8],
    lists: u64,
}

impl<'a> Lists<'a> {
    /// Begins to read what [`Packer`] packed.
    ///
    /// # Errors
    /// Bug only: other bytes.
    pub(in crate::measure) fn of(packed: &'a [u8]) -> Result<Self> {
        if packed.is_empty() {
            return Ok(Self { lines_without_item: 0, left: packed, lists: 0 });
        }
        let mut left = packed;
        let lines_without_item = take(&mut left)?;
        let lists = take(&mut left)?;
        Ok(Self { lines_without_item, left, lists })
    }

    /// Gives how many lists there are.
    pub(in crate::measure) fn len(&self) -> u64 {
        self.lists
    }

    /// Calls `item` with each item of the next list; says whether there was one.
    ///
    /// # Errors
    /// Bug only: other bytes; those of `item`.
    pub(in crate::measure) fn next(&mut self, mut item: impl FnMut(PackedItem<'a>) -> Result<()>) -> Result<bool> {
        if self.lists == 0 {
            return Ok(false);
        }
        self.lists -= 1;
        for _ in 0..take(&mut self.left)? {
            let lines = take(&mut self.left)?;
            let length = usize::try_from(take(&mut self.left)?).map_err(|_| damaged())?;
            let (name, left) = self.left.split_at_checked(length).ok_or_else(damaged)?;
            self.left = left;
            item(PackedItem { name, lines })?;
        }
        Ok(true)
    }
}

fn damaged() -> Error {
    Error::bug("what a customer bought cannot be unpacked")
}

fn take(left: &mut &[u8]) -> Result<u64> {
    leb128::take(left).ok_or_else(damaged)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    type Whole = (u64, Vec<Vec<(Vec<u8>, u64)>>);

    fn unpacked(packed: &[u8]) -> Result<Whole> {
        let mut lists = Lists::of(packed)?;
        let (without, mut all) = (lists.lines_without_item, Vec::new());
        loop {
            let mut own = Vec::new();
            let there = lists.next(|item| {
                own.push((item.name.to_vec(), item.lines));
                Ok(())
            })?;
            if !there {
                return Ok((without, all));
            }
            all.push(own);
        }
    }

    proptest! {
        #[test]
        fn what_is_packed_is_unpacked(
            without in 0..400_u64,
            lists in proptest::collection::vec(proptest::collection::btree_map("[a-z é]{0,200}", 1..90_000_u64, 0..5), 0..6),
        ) {
            let mut packer = Packer::default();
            for list in &lists {
                let items = list.iter().map(|(name, lines)| PackedItem { name: name.as_bytes(), lines: *lines });
                packer.list(&items.collect::<Vec<_>>());
            }
            let bytes = |list: &BTreeMap<String, u64>| list.iter().map(|(name, lines)| (name.clone().into_bytes(), *lines)).collect();
            prop_assert_eq!(unpacked(&packer.finish(without)).unwrap(), (without, lists.iter().map(bytes).collect::<Vec<_>>()));
        }
    }

    #[test]
    fn who_has_no_line_has_no_lists_and_other_bytes_are_refused() {
        assert_eq!(unpacked(&[]).unwrap(), (0, Vec::new()));
        assert!(unpacked(&[0]).is_err() && unpacked(&[0, 1, 1, 1, 9, b'a']).is_err() && unpacked(&[0xff; 12]).is_err());
    }
}
