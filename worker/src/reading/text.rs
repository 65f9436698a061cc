//! What CSV and NDJSON share: decompression, a window over the file, and batches of typed columns.

use super::cells::CellColumn;
use super::object::{PinnedObject, SequentialRead};
use super::pinned::{Compression, PinnedFile};
use super::rows::{BrokenRow, CellError, NotText, RawRows, RowNumbers, Rows, raw_text};
use super::spec::{ReadSpec, data_type};
use arrow::datatypes::{Field, Schema, SchemaRef};
use arrow::record_batch::{RecordBatch, RecordBatchOptions};
use flate2::bufread::MultiGzDecoder;
use segmenter_proto::jobs::Encoding;
use segmenter_proto::{Error, Result};
use std::io::{self, BufReader, Read};
use std::sync::Arc;
use tokio::runtime::Handle;

/// Bytes that are read at a time.
const READ: usize = 256 << 10;

/// The longest record: past it a quote was left open, or this is not such a file.
const LONGEST_RECORD: usize = 16 << 20;

/// Bytes of text after which a batch ends before it has all its rows, so that long rows do not fill the memory.
const BATCH_BYTES: usize = 32 << 20;

/// A file's text, as much of it as a record needs.
pub(super) struct Window {
    input: Box<dyn Read + Send>,
    bytes: Vec<u8>,
    start: usize,
    end: usize,
    ended: bool,
    file: Arc<PinnedFile>,
}

impl Window {
    /// Opens a pinned file for reading from its start.
    pub(super) fn open(object: &PinnedObject, encoding: Encoding, handle: &Handle) -> Result<Self> {
        let input = SequentialRead::open(object, handle)?;
        Self::over(Box::new(input), Arc::clone(&object.file), encoding)
    }

    /// Reads `input` as the content of `file`, compressed as that is; a byte order mark is dropped.
    pub(super) fn over(input: Box<dyn Read + Send>, file: Arc<PinnedFile>, encoding: Encoding) -> Result<Self> {
        let input = BufReader::with_capacity(READ, input);
        let failed = |error: io::Error| Error::dependency(format!("cannot read {}", file.uri)).caused_by(error);
        let input: Box<dyn Read + Send> = match file.compression {
            Compression::None => Box::new(input),
            Compression::Gzip => Box::new(MultiGzDecoder::new(input)),
            Compression::Zstd => Box::new(zstd::stream::read::Decoder::with_buffer(input).map_err(failed)?),
        };
        let input = match encoding {
            Encoding::Utf8 => input,
            Encoding::Latin1 => Box::new(Latin1 { input, pending: None }),
        };
        let mut window = Self { input, bytes: Vec::new(), start: 0, end: 0, ended: false, file };
        while window.data().len() < 3 && window.more()? {}
        match window.data() {
            [0xEF, 0xBB, 0xBF, ..] => window.consume(3),
            [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] if encoding == Encoding::Utf8 => {
                return Err(window.file.broken("it is UTF-16").with_hint("convert it to UTF-8"));
            }
            _ => {}
        }
        Ok(window)
    }

    pub(super) fn file(&self) -> &PinnedFile {
        &self.file
    }

    /// Gives what is there and not consumed.
    pub(super) fn data(&self) -> &[u8] {
        &self.bytes[self.start..self.end]
    }

    /// Says whether the data reaches the end of the file.
    pub(super) fn ended(&self) -> bool {
        self.ended
    }

    pub(super) fn consume(&mut self, bytes: usize) {
        self.start += bytes;
    }

    /// Reads on; false at the end of the file.
    ///
    /// # Errors
    ///
    /// The data's fault where the compression is broken or a record is too long, else as the store says.
    pub(super) fn more(&mut self) -> Result<bool> {
        if self.ended {
            return Ok(false);
        }
        if self.end - self.start >= LONGEST_RECORD {
            return Err(self
                .file
                .broken(format!("a record is longer than {} MiB", LONGEST_RECORD >> 20))
                .with_hint("a quote may be left open, or csv.quote, csv.delimiter or the format may be wrong"));
        }
        self.bytes.copy_within(self.start..self.end, 0);
        (self.start, self.end) = (0, self.end - self.start);
        // Grows with the record, so that a long one is not looked at again for each small read.
        let room = READ.max(self.end);
        self.bytes.resize(self.end + room, 0);
        loop {
            match self.input.read(&mut self.bytes[self.end..]) {
                Ok(0) => {
                    self.ended = true;
                    return Ok(false);
                }
                Ok(read) => {
                    self.end += read;
                    return Ok(true);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.failed(error)),
            }
        }
    }

    fn failed(&self, error: io::Error) -> Error {
        match error.downcast::<Error>() {
            Ok(error) => error,
            Err(error) => match self.file.compression {
                Compression::None => {
                    Error::dependency(format!("cannot read {}: {error}", self.file.uri)).caused_by(error)
                }
                Compression::Gzip => self.file.broken("truncated or not gzip").caused_by(error),
                Compression::Zstd => self.file.broken("truncated or not Zstandard").caused_by(error),
            },
        }
    }
}

/// Turns ISO 8859-1 into UTF-8 on the way.
struct Latin1<R> {
    input: R,
    pending: Option<u8>,
}

impl<R: Read> Read for Latin1<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let (Some(byte), Some(first)) = (self.pending, buffer.first_mut()) {
            *first = byte;
            self.pending = None;
            return Ok(1);
        }
        if buffer.is_empty() {
            return Ok(0);
        }
        // A byte becomes at most two.
        let mut narrow = [0; 8192];
        let wanted = narrow.len().min(buffer.len().div_ceil(2));
        let read = self.input.read(&mut narrow[..wanted])?;
        let mut written = 0;
        for byte in &narrow[..read] {
            let mut encoded = [0; 2];
            for byte in char::from(*byte).encode_utf8(&mut encoded).bytes() {
                match buffer.get_mut(written) {
                    Some(slot) => (*slot, written) = (byte, written + 1),
                    None => self.pending = Some(byte),
                }
            }
        }
        Ok(written)
    }
}

/// Gathers rows of text into a batch of typed columns.
pub(super) struct BatchBuilder {
    columns: Vec<CellColumn>,
    schema: SchemaRef,
    row_numbers: Vec<u64>,
    errors: Vec<CellError>,
    not_text: Vec<NotText>,
    broken: Vec<BrokenRow>,
    raw: Option<(String, Vec<usize>)>,
    limit: usize,
    bytes: usize,
}

impl BatchBuilder {
    /// Makes the columns `names`, typed as the spec declares; `decimal` stands before fractions.
    pub(super) fn new(names: &[String], spec: &ReadSpec, decimal: char, limit: usize) -> Result<Self> {
        let columns = names
            .iter()
            .map(|name| CellColumn::new(name, spec.text_type(name), decimal, spec.timezone))
            .collect::<Result<Vec<_>>>()?;
        let fields = columns.iter().map(|column| {
            let name: &str = column.name();
            Field::new(name, data_type(spec.text_type(name)), true)
        });
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let raw = spec.raw.then(Default::default);
        let (row_numbers, errors, not_text, broken) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Ok(Self { columns, schema, row_numbers, errors, not_text, broken, raw, limit: limit.max(1), bytes: 0 })
    }

    pub(super) fn is_full(&self) -> bool {
        self.row_numbers.len() + self.broken.len() >= self.limit || self.bytes >= BATCH_BYTES
    }

    /// Appends a row: `cell(i)` is the text of the column at `i`, `line` the row as it stands in the file.
    pub(super) fn push<'a>(&mut self, row_number: u64, line: &str, cell: impl Fn(usize) -> Option<&'a str>) {
        let row = self.row_numbers.len();
        for (index, column) in self.columns.iter_mut().enumerate() {
            let text = cell(index);
            if let Err(fault) = column.push(text) {
                let shown = self.raw.as_ref().and(text);
                self.errors.push(column.error(row, fault, shown));
            }
        }
        if let Some((text, ends)) = &mut self.raw {
            text.push_str(line);
            ends.push(text.len());
        }
        self.row_numbers.push(row_number);
        self.bytes += line.len();
    }

    /// Says of the next row that its cell of the column at `index` is no text in the file.
    pub(super) fn not_text(&mut self, index: usize) {
        if self.columns[index].is_text() {
            let column = Arc::clone(self.columns[index].name());
            self.not_text.push(NotText { row: self.row_numbers.len(), column });
        }
    }

    /// Reports a row that cannot be cut into columns.
    pub(super) fn push_broken(&mut self, row_number: u64, reason_code: &'static str, reason: String, line: &[u8]) {
        let raw = self.raw.is_some().then(|| raw_text(line));
        self.bytes += line.len();
        self.broken.push(BrokenRow { row_number, reason_code, reason, raw });
    }

    /// Gives what was gathered, if anything, and starts the next batch.
    pub(super) fn finish(&mut self) -> Result<Option<Rows>> {
        if self.row_numbers.is_empty() && self.broken.is_empty() {
            return Ok(None);
        }
        let arrays = self.columns.iter_mut().map(CellColumn::finish).collect();
        let options = RecordBatchOptions::new().with_row_count(Some(self.row_numbers.len()));
        let batch = RecordBatch::try_new_with_options(Arc::clone(&self.schema), arrays, &options)
            .map_err(|error| Error::bug("columns of text differ in length").caused_by(error))?;
        self.bytes = 0;
        Ok(Some(Rows {
            batch,
            row_numbers: RowNumbers::Each(std::mem::take(&mut self.row_numbers)),
            errors: std::mem::take(&mut self.errors),
            not_text: std::mem::take(&mut self.not_text),
            broken: std::mem::take(&mut self.broken),
            raw: match &mut self.raw {
                None => RawRows::None,
                Some((text, ends)) => RawRows::Lines { text: std::mem::take(text), ends: std::mem::take(ends) },
            },
        }))
    }
}
