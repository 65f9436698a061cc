//! Asks a key map.

use super::build::{HEAD, LENGTH, RECORD};
use arrow::array::{Array, StringArray, StringBuilder};
use segmenter_proto::{Error, Result, customer_hash, v1::KeyMapPart};
use std::{borrow::Cow, fs::File, os::unix::fs::FileExt};

/// Records that are read at a time from a disk: a page.
const BLOCK: u64 = 256;

/// Where the bytes of all parts lie, one after the other.
#[derive(Debug)]
pub(super) enum Stored {
    Memory(Vec<u8>),
    /// A nameless file of scratch, which nobody else can change.
    Disk(File),
}

impl Stored {
    fn read(&self, offset: u64, length: u64) -> Result<Cow<'_, [u8]>> {
        let cannot = |error| Error::dependency("a key map in scratch cannot be read").caused_by(error);
        match self {
            Self::Memory(bytes) => {
                let found = bytes.get(offset as usize..(offset + length) as usize);
                found.map(Cow::Borrowed).ok_or_else(|| cannot(std::io::ErrorKind::UnexpectedEof.into()))
            }
            Self::Disk(file) => {
                let mut bytes = vec![0; length as usize];
                file.read_exact_at(&mut bytes, offset).map_err(cannot)?;
                Ok(Cow::Owned(bytes))
            }
        }
    }
}

/// One part: the keys of one shard.
#[derive(Debug)]
struct Part {
    /// Where it begins.
    start: u64,
    entries: u64,
    /// The first hash of every block.
    first: Vec<u64>,
}

/// A map from keys to keys, with a part for each shard of its keys.
#[derive(Debug)]
pub struct KeyMap {
    known: Vec<KeyMapPart>,
    parts: Vec<Part>,
    stored: Stored,
}

impl KeyMap {
    /// Opens a map whose bytes were compared with the checksums of its parts.
    pub(super) fn open(known: &[KeyMapPart], stored: Stored) -> Result<Self> {
        let mut parts = Vec::with_capacity(known.len());
        let mut start = 0;
        for KeyMapPart { bytes, entries, .. } in known {
            let mut first = Vec::with_capacity(blocks(*entries) as usize);
            for block in 0..blocks(*entries) {
                first.push(number(&stored.read(start + HEAD + block * BLOCK * RECORD, 8)?, 0)?);
            }
            parts.push(Part { start, entries: *entries, first });
            start += bytes;
        }
        Ok(Self { known: known.to_vec(), parts, stored })
    }

    /// Says whether it is made of these parts.
    pub fn is_of(&self, parts: &[KeyMapPart]) -> bool {
        self.known == parts
    }

    /// Gives the bytes of memory that a map of these parts takes: all of it, or on disk the first hash of every block.
    pub fn memory_of(parts: &[KeyMapPart], on_disk: bool) -> u64 {
        let of_part = |part: &KeyMapPart| blocks(part.entries) * 8 + if on_disk { 0 } else { part.bytes };
        parts.iter().map(of_part).sum()
    }

    /// Gives the value of a key; none where the map does not have it.
    ///
    /// # Errors
    /// The disk fails: Dependency.
    pub fn get(&self, key: &str) -> Result<Option<Cow<'_, str>>> {
        let hash = customer_hash(key);
        let at = ((u128::from(hash) * self.parts.len() as u128) >> 64) as usize;
        let Some(part) = self.parts.get(at) else { return Ok(None) };
        // Keys of one hash may begin in the block before the first that begins with it.
        let mut block = part.first.partition_point(|first| *first < hash).saturating_sub(1) as u64;
        while block < blocks(part.entries) && part.first.get(block as usize).is_some_and(|first| *first <= hash) {
            let begin = block * BLOCK;
            let count = BLOCK.min(part.entries - begin);
            // With the record behind, where the last text ends.
            let records = self.stored.read(part.start + HEAD + begin * RECORD, (count + 1) * RECORD)?;
            for record in lower_bound(&records, count as usize, hash)?..count as usize {
                if number(&records, record * 16)? != hash {
                    return Ok(None);
                }
                let (from, to) = (number(&records, record * 16 + 8)?, number(&records, record * 16 + 24)?);
                if let Some(value) = value_of(self.stored.read(part.start + from, to - from)?, key)? {
                    return Ok(Some(value));
                }
            }
            block += 1;
        }
        Ok(None)
    }

    /// Gives the value of every key, and the key itself where the map does not have it; null stays null.
    ///
    /// # Errors
    /// See [`Self::get`].
    pub fn values_or_keys(&self, keys: &StringArray) -> Result<StringArray> {
        self.each(keys, |key, value, values| values.append_value(value.unwrap_or(key)))
    }

    /// Gives the value of every key, null where the map does not have it.
    ///
    /// # Errors
    /// See [`Self::get`].
    pub fn values(&self, keys: &StringArray) -> Result<StringArray> {
        self.each(keys, |_, value, values| values.append_option(value))
    }

    fn each(&self, keys: &StringArray, append: impl Fn(&str, Option<&str>, &mut StringBuilder)) -> Result<StringArray> {
        let mut values = StringBuilder::with_capacity(keys.len(), keys.value_data().len());
        // Rows of a key mostly lie together.
        let mut last: Option<(&str, Option<Cow<'_, str>>)> = None;
        for key in keys {
            let Some(key) = key else {
                values.append_null();
                continue;
            };
            let known = match last.take() {
                Some((before, value)) if before == key => value,
                _ => self.get(key)?,
            };
            append(key, known.as_deref(), &mut values);
            last = Some((key, known));
        }
        Ok(values.finish())
    }
}

fn blocks(entries: u64) -> u64 {
    entries.div_ceil(BLOCK)
}

fn number(bytes: &[u8], at: usize) -> Result<u64> {
    let found = bytes.get(at..at + 8).and_then(|bytes| bytes.try_into().ok());
    found.map(u64::from_le_bytes).ok_or_else(damaged)
}

fn damaged() -> Error {
    Error::bug("a key map is not what was built")
}

/// The first of so many records whose hash is not below one.
fn lower_bound(records: &[u8], count: usize, hash: u64) -> Result<usize> {
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = (low + high) / 2;
        match number(records, middle * 16)? < hash {
            true => low = middle + 1,
            false => high = middle,
        }
    }
    Ok(low)
}

/// Gives the key of a text.
pub(super) fn key_of(text: &[u8]) -> Option<&[u8]> {
    let length = u32::from_le_bytes(text.get(..LENGTH)?.try_into().ok()?) as usize;
    text.get(LENGTH..LENGTH + length)
}

/// Gives the value of a text, if it is of this key.
fn value_of<'a>(text: Cow<'a, [u8]>, key: &str) -> Result<Option<Cow<'a, str>>> {
    if key_of(&text).ok_or_else(damaged)? != key.as_bytes() {
        return Ok(None);
    }
    let start = LENGTH + key.len();
    let value = match text {
        Cow::Borrowed(text) => std::str::from_utf8(&text[start..]).map(Cow::Borrowed).map_err(|_| damaged())?,
        Cow::Owned(text) => Cow::Owned(String::from_utf8(text[start..].to_vec()).map_err(|_| damaged())?),
    };
    Ok(Some(value))
}
