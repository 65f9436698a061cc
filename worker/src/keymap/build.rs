//! One part of a key map as a work file has it.
//!
//! ```text
//!  entries: u64 │ records: (hash of the key: u64, offset of its text: u64), sorted │ one more record, of the end │ texts
//!  a text: length of the key: u32, the key, the value
//! ```
//!
//! All numbers are little-endian. The text of a record ends where that of the next begins.

use bytes::Bytes;
use segmenter_proto::{Error, Result, checksum_of, customer_hash, v1::KeyMapPart};

/// Bytes of a record.
pub(super) const RECORD: u64 = 16;
/// Bytes before the records.
pub(super) const HEAD: u64 = 8;
/// Bytes before the key in a text.
pub(super) const LENGTH: usize = 4;

/// Gives the work object that holds a part of the map `name`.
pub fn key_map_object(name: &str, part: u32, checksum: u64) -> String {
    format!("keymaps/{name}/{part:05}-{checksum:016x}")
}

/// Gives the map and the part that a work object holds; none where it holds something else.
pub fn part_of_key_map(object: &str) -> Option<(&str, u32)> {
    let (name, part) = object.strip_prefix("keymaps/")?.split_once('/')?;
    Some((name, part.split('-').next()?.parse().ok()?))
}

/// Collects the entries of a part.
#[derive(Debug, Default)]
pub struct KeyMapBuilder {
    /// Hash, and where the text begins and ends.
    records: Vec<(u64, u64, u64)>,
    texts: Vec<u8>,
}

impl KeyMapBuilder {
    /// Bytes that building takes beside a key and a value of so many bytes: the entry, and the file that is made of it.
    pub fn memory_of(entries: u64, text: u64) -> u64 {
        entries * (24 + 2 * (RECORD + LENGTH as u64)) + 2 * text
    }

    /// Adds a key that was not added before, of this part alone.
    ///
    /// # Errors
    /// A key of more than 4 GB: Data.
    pub fn add(&mut self, key: &str, value: &str) -> Result<()> {
        let length = u32::try_from(key.len()).map_err(|_| Error::data("an id has more than 4 GB"))?;
        let start = self.texts.len() as u64;
        self.texts.extend_from_slice(&length.to_le_bytes());
        self.texts.extend_from_slice(key.as_bytes());
        self.texts.extend_from_slice(value.as_bytes());
        self.records.push((customer_hash(key), start, self.texts.len() as u64));
        Ok(())
    }

    /// Gives the part, which is the same in whatever order its entries were added, and its bytes.
    ///
    /// # Errors
    /// A key was added twice: Bug.
    pub fn finish(mut self) -> Result<(KeyMapPart, Bytes)> {
        let text = |(_, start, end): &(u64, u64, u64)| &self.texts[*start as usize..*end as usize];
        self.records.sort_unstable_by(|left, right| left.0.cmp(&right.0).then_with(|| text(left).cmp(text(right))));
        let key = |record: &(u64, u64, u64)| super::lookup::key_of(text(record));
        if self.records.windows(2).any(|pair| pair[0].0 == pair[1].0 && key(&pair[0]) == key(&pair[1])) {
            return Err(Error::bug("a key stands twice in a key map"));
        }
        let entries = self.records.len() as u64;
        let mut offset = HEAD + (entries + 1) * RECORD;
        let mut bytes = Vec::with_capacity(offset as usize + self.texts.len());
        bytes.extend_from_slice(&entries.to_le_bytes());
        for (hash, start, end) in &self.records {
            bytes.extend_from_slice(&hash.to_le_bytes());
            bytes.extend_from_slice(&offset.to_le_bytes());
            offset += end - start;
        }
        bytes.extend_from_slice(&u64::MAX.to_le_bytes());
        bytes.extend_from_slice(&offset.to_le_bytes());
        for record in &self.records {
            bytes.extend_from_slice(text(record));
        }
        let part = KeyMapPart { checksum: checksum_of(&bytes), bytes: bytes.len() as u64, entries };
        Ok((part, bytes.into()))
    }
}
