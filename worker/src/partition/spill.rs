//! Rows that wait on disk for their chunk to fill: without them, little memory would mean many tiny chunks.

use super::chunks::{decode_chunk, encode_chunk};
use arrow::array::RecordBatch;
use segmenter_proto::{Error, NO_ROOM, Result};
use std::{
    fs::File,
    io::{ErrorKind, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

/// A nameless file of the scratch folder, made when it is needed; gone when dropped, or when the process ends in whatever way.
#[derive(Debug)]
pub(super) struct Spill {
    folder: PathBuf,
    file: Option<File>,
    end: u64,
}

/// Where rows lie in a [`Spill`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Segment {
    offset: u64,
    length: usize,
    /// How many rows they are.
    pub(super) rows: usize,
}

impl Spill {
    /// Will lie in `folder`, which need not be there yet.
    pub(super) fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), file: None, end: 0 }
    }

    /// Gives its length in bytes.
    pub(super) fn bytes(&self) -> u64 {
        self.end
    }

    /// Appends rows.
    ///
    /// # Errors
    /// The disk is full: Resources. The folder cannot be written to: Dependency.
    pub(super) fn put(&mut self, rows: &RecordBatch) -> Result<Segment> {
        let bytes = encode_chunk(rows, false)?;
        let segment = Segment { offset: self.end, length: bytes.len(), rows: rows.num_rows() };
        self.append(&bytes).map_err(|error| self.failed(error))?;
        self.end += bytes.len() as u64;
        Ok(segment)
    }

    /// Gives the rows of a segment.
    ///
    /// # Errors
    /// The disk fails: Dependency.
    pub(super) fn get(&mut self, segment: &Segment) -> Result<Vec<RecordBatch>> {
        let bytes = self.read(segment).map_err(|error| self.failed(error))?;
        decode_chunk(&bytes.into()).map_err(|error| self.failed(std::io::Error::other(error)))
    }

    /// Gives the room back; no segment is read any more.
    ///
    /// # Errors
    /// The disk fails: Dependency.
    pub(super) fn clear(&mut self) -> Result<()> {
        let cut = self.file.as_ref().map_or(Ok(()), |file| file.set_len(0));
        cut.map_err(|error| self.failed(error))?;
        self.end = 0;
        Ok(())
    }

    fn append(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        if self.file.is_none() {
            std::fs::create_dir_all(&self.folder)?;
            self.file = Some(tempfile::tempfile_in(&self.folder)?);
        }
        let Some(file) = &mut self.file else { return Ok(()) };
        file.seek(SeekFrom::Start(self.end))?;
        file.write_all(bytes)
    }

    fn read(&mut self, segment: &Segment) -> std::io::Result<Vec<u8>> {
        let mut bytes = vec![0; segment.length];
        let file = self.file.as_mut().ok_or(ErrorKind::NotFound)?;
        file.seek(SeekFrom::Start(segment.offset))?;
        file.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    fn failed(&self, error: std::io::Error) -> Error {
        let (folder, megabytes) = (self.folder.display(), self.end.div_ceil(1 << 20));
        let full = matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge);
        match full {
            true => Error::resources(format!(
                "scratch folder {folder} has {NO_ROOM} more than {megabytes} MB of rows that wait for their shards"
            ))
            .with_hint("give --scratch a folder on a larger disk, or more --memory"),
            false => Error::dependency(format!("scratch folder {folder} cannot hold rows that wait for their shards"))
                .with_hint("give --scratch a folder that can be written to"),
        }
        .caused_by(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::{
        array::{AsArray, Int64Array},
        datatypes::Int64Type,
    };
    use std::sync::Arc;

    fn rows(values: std::ops::Range<i64>) -> RecordBatch {
        let values: arrow::array::ArrayRef = Arc::new(Int64Array::from_iter_values(values));
        RecordBatch::try_from_iter([("value", values)]).unwrap()
    }

    #[test]
    fn rows_come_back_in_any_order_and_nothing_is_left_in_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let mut spill = Spill::new(&folder.path().join("new"));
        for _ in 0..2 {
            let segments: Vec<Segment> = (0..10).map(|at| spill.put(&rows(at * 5..at * 5 + 5)).unwrap()).collect();
            for (at, segment) in segments.iter().enumerate().rev() {
                let read = spill.get(segment).unwrap();
                assert_eq!(read[0].column(0).as_primitive::<Int64Type>().value(0), at as i64 * 5);
            }
            assert!(spill.bytes() > 0);
            spill.clear().unwrap();
            assert_eq!(spill.bytes(), 0);
        }
        assert_eq!(std::fs::read_dir(folder.path().join("new")).unwrap().count(), 0);
    }

    #[test]
    fn a_folder_that_cannot_be_written_to_is_named() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("file"), "").unwrap();
        let error = Spill::new(&folder.path().join("file")).put(&rows(0..1)).unwrap_err();
        assert!(error.fault.exit_code() == 4 && error.message.contains("file"), "{error}");
        let full = Spill::new(folder.path()).failed(ErrorKind::StorageFull.into());
        assert_eq!(full.fault.exit_code(), 6);
    }
}
