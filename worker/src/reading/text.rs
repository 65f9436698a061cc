//! What CSV and NDJSON share: batches of typed columns.

use super::cells::CellColumn;
use super::rows::{BrokenRow, CellError, NotText, RawRows, RowNumbers, Rows, raw_text};
use super::spec::{ReadSpec, data_type};
use arrow::datatypes::{Field, Schema, SchemaRef};
use arrow::record_batch::{RecordBatch, RecordBatchOptions};
use segmenter_proto::{Error, Result};
use std::sync::Arc;

/// Bytes of text, a row that may be in a batch, after which it ends before it has all its rows, so that long rows do not fill the memory.
const BYTES_A_ROW: usize = 512;

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
    /// Makes the columns `names`, typed as the spec declares; of CSV, `decimal` stands before fractions.
    pub(super) fn new(names: &[String], spec: &ReadSpec, decimal: Option<char>, limit: usize) -> Result<Self> {
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
        self.row_numbers.len() + self.broken.len() >= self.limit || self.bytes >= self.limit.saturating_mul(BYTES_A_ROW)
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

    /// Says of the next row that its cell of the column at `index` cannot be read, whatever its text; it is to be null.
    pub(super) fn reject_cell(&mut self, index: usize, reason_code: &'static str, reason: &str) {
        let column = Arc::clone(self.columns[index].name());
        self.errors.push(CellError { row: self.row_numbers.len(), column, reason_code, reason: reason.to_owned() });
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
