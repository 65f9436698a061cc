//! What a file says of itself: its columns, and of Parquet its rows, without reading the data.

use super::csv::{dialect, read_header};
use super::csv_record::Record;
use super::json_object::for_each_value;
use super::ndjson::next_line;
use super::object::PinnedObject;
use super::parquet::{parquet_failure, reader_options};
use super::parquet_types::with_whole_times;
use super::pinned::{Compression, PinnedFile};
use super::spec::IN_PATH;
use super::text::Window;
use crate::storage::Storage;
use ::parquet::arrow::arrow_reader::ArrowReaderMetadata;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use bytes::Bytes;
use flate2::bufread::MultiGzDecoder;
use segmenter_proto::Result;
use segmenter_proto::jobs::{CsvOptions, Encoding, FileFormat};
use std::io::{Cursor, Read};
use std::sync::Arc;

/// What a file says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFacts {
    /// Rows; none of text, which does not tell.
    pub rows: Option<u64>,
    /// Lines of text, by those of its beginning; of compressed text by how much of it they took.
    pub estimated_rows: u64,
    /// Bytes as stored.
    pub bytes: u64,
    /// The file's own columns, all Utf8 of text, and after them the `k=v` parts of its path that are no columns.
    pub schema: SchemaRef,
    /// Of Parquet, in their order.
    pub row_groups: Vec<RowGroupFacts>,
}

/// The size of a row group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowGroupFacts {
    /// Rows.
    pub rows: u64,
    /// Bytes as stored, of all columns.
    pub bytes: u64,
}

/// Bytes of a text file that are read to find its columns.
const GLANCE: u64 = 1 << 20;

/// Bytes of uncompressed text in which columns are looked for.
const UNCOMPRESSED_GLANCE: u64 = 4 << 20;

/// Lines of NDJSON in which keys are looked for.
const GLANCE_LINES: usize = 1000;

/// Reads what a file says of itself: the footer of Parquet, the header of CSV, the keys of the first lines of NDJSON.
///
/// # Errors
///
/// The data's fault where the file is broken or changed, a dependency's where it cannot be read.
pub async fn inspect(storage: &Storage, file: &PinnedFile, csv: &CsvOptions) -> Result<FileFacts> {
    inspect_object(&PinnedObject::open(storage, file)?, csv).await
}

/// Does the work of [`inspect`].
pub(super) async fn inspect_object(object: &PinnedObject, csv: &CsvOptions) -> Result<FileFacts> {
    let mut object = object.clone();
    let file = &*Arc::clone(&object.file);
    let (rows, estimated_rows, fields, row_groups) = match file.format {
        FileFormat::Parquet => {
            let metadata = ArrowReaderMetadata::load_async(&mut object, reader_options()).await;
            let metadata = metadata.and_then(with_whole_times).map_err(|error| parquet_failure(file, error))?;
            let groups = metadata.metadata().row_groups().iter().map(|group| RowGroupFacts {
                rows: u64::try_from(group.num_rows()).unwrap_or_default(),
                bytes: u64::try_from(group.compressed_size()).unwrap_or_default(),
            });
            let groups: Vec<_> = groups.collect();
            let fields = metadata.schema().fields().iter().map(|field| field.as_ref().clone().with_nullable(true));
            let rows = groups.iter().map(|group| group.rows).sum();
            (Some(rows), rows, fields.collect(), groups)
        }
        FileFormat::Csv | FileFormat::Ndjson => {
            let start = object.read_range(0..file.size.min(GLANCE)).await?;
            let beginning = uncompressed(file, start, file.size <= GLANCE)?;
            let estimate = beginning.lines_of_file(file.size);
            let names = text_columns(file, beginning, csv)?;
            let fields = names.iter().map(|name| Field::new(name, DataType::Utf8, true)).collect();
            (None, estimate, fields, Vec::new())
        }
    };
    let schema = with_path_columns(file, fields);
    Ok(FileFacts { rows, estimated_rows, bytes: file.size, schema, row_groups })
}

fn with_path_columns(file: &PinnedFile, mut fields: Vec<Field>) -> SchemaRef {
    for (name, _) in &file.partition_values {
        if !fields.iter().any(|field| field.name() == name) {
            let mark = [(IN_PATH.to_owned(), String::new())].into();
            fields.push(Field::new(name, DataType::Utf8, true).with_metadata(mark));
        }
    }
    Arc::new(Schema::new(fields))
}

/// Gives the beginning of a text file, uncompressed, and of one that is not compressed the end as well, for a person or a
/// guess: whole lines of about a MiB, or the whole file where it is smaller. Bytes that are not UTF-8 are replaced.
///
/// # Errors
///
/// The data's fault where the file is broken or changed, a dependency's where it cannot be read.
pub async fn glance(storage: &Storage, file: &PinnedFile) -> Result<String> {
    let object = PinnedObject::open(storage, file)?;
    let start = object.read_range(0..file.size.min(GLANCE)).await?;
    let Beginning { mut text, whole, .. } = uncompressed(file, start, file.size <= GLANCE)?;
    if !whole {
        text.truncate(text.iter().rposition(|byte| *byte == b'\n').map_or(text.len(), |end| end + 1));
        if file.compression == Compression::None {
            let end = object.read_range(file.size.saturating_sub(GLANCE / 4).max(GLANCE)..file.size).await?;
            text.extend(end.iter().skip_while(|byte| **byte != b'\n').skip(1));
        }
    }
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// Finds the columns in the first bytes of a text file.
fn text_columns(file: &PinnedFile, beginning: Beginning, csv: &CsvOptions) -> Result<Vec<String>> {
    let Beginning { text, whole, .. } = beginning;
    let plain = Arc::new(PinnedFile { compression: Compression::None, ..file.clone() });
    let encoding = if file.format == FileFormat::Csv { csv.encoding } else { Encoding::Utf8 };
    let mut window = Window::over(Box::new(Cursor::new(text)), plain, encoding)?;
    if file.format == FileFormat::Csv {
        let dialect = dialect(csv, file)?;
        return read_header(&mut window, &mut Record::default(), dialect, csv.header);
    }
    let mut names: Vec<String> = Vec::new();
    for _ in 0..GLANCE_LINES {
        let Some((length, next)) = next_line(&mut window)? else { break };
        let cut = next == length && !whole;
        if let (false, Ok(line)) = (cut, std::str::from_utf8(&window.data()[..length])) {
            // A broken line is the reader's to report.
            let _ = for_each_value(line, |key, _| {
                if !names.iter().any(|known| known == key) {
                    names.push(key.to_owned());
                }
            });
        }
        window.consume(next);
    }
    Ok(names)
}

/// The beginning of a text file, uncompressed.
struct Beginning {
    text: Vec<u8>,
    /// Whether that is the whole file.
    whole: bool,
    /// Bytes of the file that it took.
    taken: u64,
}

impl Beginning {
    /// Gives the lines of the whole file, if the rest is like this.
    fn lines_of_file(&self, size: u64) -> u64 {
        let lines = self.text.iter().filter(|byte| **byte == b'\n').count() as u128;
        let all = if self.whole { lines } else { lines * u128::from(size) / u128::from(self.taken.max(1)) };
        u64::try_from(all).unwrap_or(u64::MAX).max(size.min(1))
    }
}

/// Uncompresses as much as the first bytes give.
fn uncompressed(file: &PinnedFile, start: Bytes, whole: bool) -> Result<Beginning> {
    let input = Cursor::new(start);
    let mut text = Vec::new();
    let (result, taken) = match file.compression {
        Compression::None => {
            let text: Vec<u8> = input.into_inner().into();
            return Ok(Beginning { taken: text.len() as u64, text, whole });
        }
        Compression::Gzip => {
            let mut decoder = MultiGzDecoder::new(input);
            let result = decoder.by_ref().take(UNCOMPRESSED_GLANCE).read_to_end(&mut text);
            (result, decoder.get_ref().position())
        }
        Compression::Zstd => {
            let mut decoder = zstd::stream::read::Decoder::with_buffer(input)
                .map_err(|error| file.broken("truncated or not Zstandard").caused_by(error))?;
            let result = decoder.by_ref().take(UNCOMPRESSED_GLANCE).read_to_end(&mut text);
            (result, decoder.get_ref().position())
        }
    };
    match result {
        // A glance ends within a compressed block, which is no fault of the file.
        Err(error) if text.is_empty() || whole => {
            let kind = if file.compression == Compression::Gzip { "gzip" } else { "Zstandard" };
            Err(file.broken(format!("truncated or not {kind}")).caused_by(error))
        }
        Err(_) => Ok(Beginning { text, whole: false, taken }),
        Ok(_) => {
            let whole = whole && (text.len() as u64) < UNCOMPRESSED_GLANCE;
            Ok(Beginning { text, whole, taken })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::reader::samples::pinned;
    use super::*;
    use std::io::Write;

    /// Lines of which ten take about the room of one when they are compressed.
    fn lines(count: usize) -> Vec<u8> {
        let shared = "2026-01-01,a product,EUR,12.50,and a remark that all of these lines have in common";
        let line = |number: usize| format!("customer {:09},{shared}\n", number * 2_654_435_761 % 999_999_937);
        (0..count).flat_map(|number| line(number).into_bytes()).collect()
    }

    fn estimate(name: &str, content: Vec<u8>) -> (u64, u64) {
        let file = PinnedFile { size: content.len() as u64, ..pinned(name) };
        let start = Bytes::from(content).slice(..file.size.min(GLANCE) as usize);
        (uncompressed(&file, start, file.size <= GLANCE).unwrap().lines_of_file(file.size), file.size)
    }

    #[test]
    fn lines_are_estimated_by_the_beginning_compressed_or_not() {
        for count in [0, 1, 1_000, 400_000] {
            let text = lines(count);
            let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
            gzip.write_all(&text).unwrap();
            let zstd = zstd::encode_all(text.as_slice(), 3).unwrap();
            let size = text.len() as u64;
            for (name, content) in [("a.csv", text.clone()), ("a.csv.gz", gzip.finish().unwrap()), ("a.csv.zst", zstd)]
            {
                let (lines, bytes) = estimate(name, content);
                let off = lines.abs_diff(count as u64);
                assert!(off <= 1 + count as u64 / 10, "{name} of {count} lines: {lines}");
                assert!(name == "a.csv" || count < 400_000 || bytes * 10 < size, "{name} has {bytes} of {size} bytes");
            }
        }
    }
}
