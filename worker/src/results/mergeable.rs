//! Parts that are sorted, and read again side by side: in row groups so small that one of each of thousands of parts fits into memory.

use super::part_writer::PartWriter;
use crate::storage::Folder;
use arrow::{datatypes::SchemaRef, record_batch::RecordBatch};
use bytes::{Buf, Bytes, buf::Reader};
use parquet::{
    arrow::{
        ProjectionMask,
        arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder},
    },
    errors::ParquetError,
    file::{
        metadata::ParquetMetaDataReader,
        reader::{ChunkReader, Length},
    },
};
use segmenter_proto::{Error, Result, v1::ResultFile};
use tokio::runtime::Handle;

/// Rows of a row group.
const ROW_GROUP_ROWS: usize = 4096;
/// Bytes at the end of a file: the length of its footer and four letters.
const TAIL: u64 = 8;

/// Writes a part as [`super::write_part`] does, in small row groups.
///
/// # Errors
/// The store's failure.
pub fn write_mergeable_part(results: &Folder, runtime: &Handle, path: &str, rows: &RecordBatch) -> Result<ResultFile> {
    let mut writer = PartWriter::with_row_groups(rows.schema(), ROW_GROUP_ROWS)?;
    writer.write(rows)?;
    let finished = writer.finish()?;
    runtime.block_on(results.put(path, finished.tail))?;
    Ok(ResultFile { path: path.to_owned(), rows: finished.rows, bytes: finished.bytes, sha256: finished.sha256 })
}

/// Reads all rows of a part.
///
/// # Errors
/// It is gone or damaged: Dependency or Data.
pub fn read_part(results: &Folder, runtime: &Handle, path: &str) -> Result<Vec<RecordBatch>> {
    let size = runtime.block_on(results.head(path))?.ok_or_else(|| gone(results, path))?.size;
    let mut reader = PartReader::open(results, runtime, path, size)?;
    let mut rows = Vec::new();
    while let Some(more) = reader.next_group()? {
        rows.extend(more);
    }
    Ok(rows)
}

/// Reads a part, a row group at a time, from a plain thread.
#[derive(Debug)]
pub struct PartReader {
    folder: Folder,
    runtime: Handle,
    path: String,
    metadata: ArrowReaderMetadata,
    size: u64,
    next: usize,
}

impl PartReader {
    /// Opens the part at `path`, which has so many bytes.
    ///
    /// # Errors
    /// It is gone or damaged: Dependency or Data.
    pub fn open(folder: &Folder, runtime: &Handle, path: &str, size: u64) -> Result<Self> {
        let damaged = |error| damaged(folder, path, error);
        let read = |start: u64| {
            let wanted = start..size;
            let ranges = runtime.block_on(folder.get_ranges(path, std::slice::from_ref(&wanted)))?;
            ranges.into_iter().next().ok_or_else(|| gone(folder, path))
        };
        let tail = read(size.saturating_sub(TAIL))?;
        let length = tail.get(..4).and_then(|length| length.try_into().ok()).map_or(0, u32::from_le_bytes);
        let footer = read(size.saturating_sub(TAIL + u64::from(length)))?;
        let parsed =
            footer.get(..length as usize).ok_or_else(|| ParquetError::General("the footer is cut off".to_owned()));
        let metadata = parsed.and_then(ParquetMetaDataReader::decode_metadata).map_err(damaged)?;
        let metadata = ArrowReaderMetadata::try_new(metadata.into(), ArrowReaderOptions::new()).map_err(damaged)?;
        Ok(Self { folder: folder.clone(), runtime: runtime.clone(), path: path.to_owned(), metadata, size, next: 0 })
    }

    /// Gives the columns.
    pub fn schema(&self) -> &SchemaRef {
        self.metadata.schema()
    }

    /// Gives the rows of a row group but the last; none where there is one at most.
    pub(super) fn rows_of_groups(&self) -> Option<usize> {
        let groups = self.metadata.metadata().row_groups();
        groups.split_last().and_then(|(_, others)| usize::try_from(others.first()?.num_rows()).ok())
    }

    /// Gives the rows of the next row group; none after the last.
    ///
    /// # Errors
    /// As of [`Self::open`].
    pub fn next_group(&mut self) -> Result<Option<Vec<RecordBatch>>> {
        self.next_batches(None)?.map(Iterator::collect).transpose()
    }

    /// Gives the next row group batch by batch, with these columns alone, by their positions; none after the last.
    ///
    /// # Errors
    /// As of [`Self::open`].
    pub fn next_batches(
        &mut self,
        columns: Option<&[usize]>,
    ) -> Result<Option<impl Iterator<Item = Result<RecordBatch>> + use<>>> {
        let metadata = self.metadata.metadata();
        if self.next >= metadata.num_row_groups() {
            return Ok(None);
        }
        let group = metadata.row_group(self.next);
        let mask = match columns {
            None => ProjectionMask::all(),
            Some(columns) => ProjectionMask::roots(metadata.file_metadata().schema_descr(), columns.iter().copied()),
        };
        let wanted = group.columns().iter().enumerate().filter(|(at, _)| mask.leaf_included(*at));
        let ranges = wanted.map(|(_, column)| column.byte_range());
        let (start, end) =
            ranges.fold((u64::MAX, 0), |(start, end), (from, length)| (start.min(from), end.max(from + length)));
        let wanted = start..end.min(self.size);
        let ranges = self.runtime.block_on(self.folder.get_ranges(&self.path, &[wanted]))?;
        let bytes = ranges.into_iter().next().ok_or_else(|| gone(&self.folder, &self.path))?;
        let window = Window { start, bytes, size: self.size };
        let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(window, self.metadata.clone())
            .with_row_groups(vec![self.next])
            .with_projection(mask)
            .with_batch_size(ROW_GROUP_ROWS)
            .build()
            .map_err(|error| damaged(&self.folder, &self.path, error))?;
        self.next += 1;
        let (folder, path) = (self.folder.clone(), self.path.clone());
        Ok(Some(reader.map(move |rows| rows.map_err(|error| damaged(&folder, &path, error.into())))))
    }
}

fn gone(folder: &Folder, path: &str) -> Error {
    Error::dependency(format!("{} is gone", folder.uri_of(path)))
}

fn damaged(folder: &Folder, path: &str, error: ParquetError) -> Error {
    Error::data(format!("{} is damaged", folder.uri_of(path)))
        .with_hint("see with `segmenter verify` what else is")
        .caused_by(error)
}

/// A part of a file, addressed as the whole.
struct Window {
    start: u64,
    bytes: Bytes,
    size: u64,
}

impl Length for Window {
    fn len(&self) -> u64 {
        self.size
    }
}

impl ChunkReader for Window {
    type T = Reader<Bytes>;

    fn get_read(&self, start: u64) -> parquet::errors::Result<Self::T> {
        let rest = self.start + self.bytes.len() as u64;
        Ok(self.get_bytes(start, rest.saturating_sub(start) as usize)?.reader())
    }

    fn get_bytes(&self, start: u64, length: usize) -> parquet::errors::Result<Bytes> {
        let from = start.checked_sub(self.start).and_then(|from| usize::try_from(from).ok());
        let range =
            from.and_then(|from| Some(from..from.checked_add(length)?)).filter(|range| range.end <= self.bytes.len());
        range.map(|range| self.bytes.slice(range)).ok_or_else(|| ParquetError::EOF("outside of a row group".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::Storage;
    use arrow::{
        array::{ArrayRef, AsArray, Int64Array, StringArray},
        datatypes::Int64Type,
    };
    use std::sync::Arc;

    #[test]
    fn a_part_is_read_again_group_by_group() {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let directory = tempfile::tempdir().unwrap();
        let folder = Storage::with_environment([]).open(directory.path().to_str().unwrap()).unwrap();
        let ids: ArrayRef = Arc::new((0..10_000).map(|row| Some(format!("{row:06}"))).collect::<StringArray>());
        let numbers: ArrayRef = Arc::new((0..10_000).map(|row| (row % 3 > 0).then_some(row)).collect::<Int64Array>());
        let rows = RecordBatch::try_from_iter([("__id", ids), ("n", numbers)]).unwrap();
        let file = write_mergeable_part(&folder, runtime.handle(), "exports/a/part-00000.parquet", &rows).unwrap();
        let mut reader = PartReader::open(&folder, runtime.handle(), &file.path, file.bytes).unwrap();
        let mut sizes = Vec::new();
        let mut read = Vec::new();
        while let Some(group) = reader.next_group().unwrap() {
            sizes.push(group.iter().map(RecordBatch::num_rows).sum::<usize>());
            read.extend(group);
        }
        assert_eq!(sizes, [4096, 4096, 1808]);
        let numbers = read.iter().flat_map(|rows| rows.column(1).as_primitive::<Int64Type>().iter());
        assert!(numbers.eq((0..10_000).map(|row| (row % 3 > 0).then_some(row))));
        let nothing = rows.slice(0, 0);
        let file = write_mergeable_part(&folder, runtime.handle(), "nothing", &nothing).unwrap();
        assert_eq!(read_part(&folder, runtime.handle(), "nothing").unwrap().len(), 0, "{file:?}");
        runtime.block_on(folder.put("nothing", "not Parquet at all")).unwrap();
        let error = read_part(&folder, runtime.handle(), "nothing").unwrap_err();
        assert!(error.message.contains("is damaged"), "{error}");
    }
}
