//! The customers of a matrix's rows.

use super::map::Mapped;
use arrow::array::{Array, StringArray};
use segmenter_proto::{Error, Result};
use std::{io::Write, path::Path};

/// Customer ids by row, in memory or in a mapped file.
#[derive(Debug)]
pub struct Ids(Place);

#[derive(Debug)]
enum Place {
    Memory(StringArray),
    /// Where each id ends, as i32; then the ids.
    Mapped {
        rows: usize,
        file: Mapped,
    },
}

impl Ids {
    /// Moves the ids to a file in `folder`.
    ///
    /// # Errors
    /// The disk is full: Resources; the folder cannot be written to: Dependency.
    pub fn stored(self, folder: &Path) -> Result<Self> {
        let Place::Memory(ids) = &self.0 else { return Ok(self) };
        let first = ids.value_offsets().first().copied().unwrap_or_default();
        let last = ids.value_offsets().last().copied().unwrap_or_default();
        let text = ids.value_data().get(first as usize..last as usize).ok_or_else(unreadable)?;
        let bytes = text.len() + ids.len() * size_of::<i32>();
        let file = Mapped::write(folder, bytes as u64, |file| {
            for end in ids.value_offsets().iter().skip(1) {
                file.write_all(&(end - first).to_ne_bytes())?;
            }
            file.write_all(text)
        })?;
        Ok(Self(Place::Mapped { rows: ids.len(), file }))
    }

    /// Lets go of the memory of ids that lie in a file, until they are looked at again.
    pub(in crate::segmentation::kmeans) fn let_pages_go(&self) {
        if let Place::Mapped { file, .. } = &self.0 {
            file.let_pages_go();
        }
    }

    /// Says whether ids that lie in a file are what was written there.
    pub(in crate::segmentation::kmeans) fn is_whole(&self) -> bool {
        match &self.0 {
            Place::Memory(_) => true,
            Place::Mapped { file, .. } => file.is_whole(),
        }
    }

    /// Gives the number of rows.
    pub fn len(&self) -> usize {
        match &self.0 {
            Place::Memory(ids) => ids.len(),
            Place::Mapped { rows, .. } => *rows,
        }
    }

    /// Gives the bytes of the ids, wherever they lie.
    pub fn bytes(&self) -> usize {
        match &self.0 {
            Place::Memory(ids) => ids.get_array_memory_size(),
            Place::Mapped { file, .. } => file.bytes().len(),
        }
    }

    /// Says whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Gives the id of a row.
    pub fn get(&self, row: usize) -> &str {
        match &self.0 {
            Place::Memory(ids) => ids.value(row),
            // What was written is read back: ids of customers are text.
            Place::Mapped { rows, file } => in_file(file.bytes(), *rows, row).unwrap_or_default(),
        }
    }
}

impl From<StringArray> for Ids {
    fn from(ids: StringArray) -> Self {
        Self(Place::Memory(ids))
    }
}

fn in_file(bytes: &[u8], rows: usize, row: usize) -> Option<&str> {
    let (ends, _) = bytes.get(..rows * size_of::<i32>())?.as_chunks::<4>();
    let end = |row: usize| ends.get(row).map(|end| i32::from_ne_bytes(*end) as usize);
    let start = if row == 0 { 0 } else { end(row - 1)? };
    let text = bytes.get(rows * size_of::<i32>()..)?;
    std::str::from_utf8(text.get(start..end(row)?)?).ok()
}

fn unreadable() -> Error {
    Error::bug("customer ids could not be laid out")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_the_same_in_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let all = StringArray::from_iter_values(["a", "", "żółw", "c-4", "e"]);
        for (start, length) in [(0, 5), (1, 3), (2, 0)] {
            let ids = all.slice(start, length);
            let stored = Ids::from(ids.clone()).stored(folder.path()).unwrap();
            let back: Vec<&str> = (0..stored.len()).map(|row| stored.get(row)).collect();
            assert_eq!(back, ids.iter().map(Option::unwrap).collect::<Vec<_>>());
        }
    }
}
