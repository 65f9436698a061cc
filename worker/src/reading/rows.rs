//! What a reader gives: a batch of typed columns, and what was wrong with some cells and rows.

use arrow::record_batch::RecordBatch;
use arrow::util::display::array_value_to_string;
use std::sync::Arc;

/// A batch of rows, the row numbers in the file, and the errors.
#[derive(Debug)]
pub struct Rows {
    /// The needed columns in the order of the spec; a cell that is in error is null.
    pub batch: RecordBatch,
    /// The file's row number of each row of the batch.
    pub row_numbers: RowNumbers,
    /// Cells that have no value: their text does not parse as their declared type, or their key comes twice, by row of the batch.
    pub errors: Vec<CellError>,
    /// Cells of text columns that are no text in the file, by row of the batch.
    pub not_text: Vec<NotText>,
    /// Rows that cannot be cut into columns; they are not in the batch.
    pub broken: Vec<BrokenRow>,
    pub(super) raw: RawRows,
}

/// Row numbers in the file, from 1. Of CSV, records without the header; of NDJSON, lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowNumbers {
    /// The first row's; the others follow one by one.
    From(u64),
    /// Each row's, rising.
    Each(Vec<u64>),
}

impl RowNumbers {
    /// Gives the row number of the row at `index` in the batch.
    pub fn get(&self, index: usize) -> u64 {
        match self {
            Self::From(first) => first + index as u64,
            Self::Each(numbers) => numbers.get(index).copied().unwrap_or_default(),
        }
    }
}

/// A cell that has no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellError {
    /// Index in the batch.
    pub row: usize,
    /// The file's own column.
    pub column: Arc<str>,
    /// For machines: `not_a_bool`, `not_an_integer`, `not_a_number`, `not_a_decimal`, `too_many_decimals`, `not_a_date`,
    /// `not_a_timestamp`, `other_day_month_order`, `serial_date`, `epoch_number`, `unknown_zone`, `out_of_range`, `inexact`,
    /// `invalid_utf8` or `repeated_key`.
    pub reason_code: &'static str,
    /// For people; the value itself only where the spec asks for raw rows.
    pub reason: String,
}

/// A cell of a text column that is true, false, an array or an object in the file: its JSON is the text, which is no id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotText {
    /// Index in the batch.
    pub row: usize,
    /// The file's own column.
    pub column: Arc<str>,
}

/// A row that cannot be cut into columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokenRow {
    /// In the file, from 1.
    pub row_number: u64,
    /// For machines: `wrong_field_count`, `invalid_utf8` or `invalid_json`.
    pub reason_code: &'static str,
    /// For people.
    pub reason: String,
    /// The row as it stands in the file, where the spec asks for it.
    pub raw: Option<String>,
}

/// The rows of a batch as they stand in the file.
#[derive(Debug)]
pub(super) enum RawRows {
    /// Nobody asked.
    None,
    /// Lines, one after the other, with the end of each.
    Lines { text: String, ends: Vec<usize> },
    /// Made from the batch.
    Cells,
}

impl Rows {
    /// Gives the row at `index` in the batch as it stands in the file (of Parquet: its needed columns as JSON text),
    /// where the spec asked for raw rows.
    pub fn raw(&self, index: usize) -> Option<String> {
        match &self.raw {
            RawRows::None => None,
            RawRows::Lines { text, ends } => {
                let start = if index == 0 { 0 } else { *ends.get(index - 1)? };
                text.get(start..*ends.get(index)?).map(str::to_owned)
            }
            RawRows::Cells => {
                let cells = self.batch.schema_ref().fields().iter().zip(self.batch.columns());
                let object = cells.map(|(field, column)| {
                    let text =
                        (!column.is_null(index)).then(|| array_value_to_string(column, index).unwrap_or_default());
                    (field.name().clone(), text.map_or(serde_json::Value::Null, serde_json::Value::String))
                });
                Some(serde_json::Value::Object(object.collect()).to_string())
            }
        }
    }
}

/// The longest raw row that is kept of a row in error, so that one bad file cannot fill the memory.
const LONGEST_RAW: usize = 64 << 10;

/// Gives a broken row's bytes as text, cut where it is very long.
pub(super) fn raw_text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&bytes[..bytes.len().min(LONGEST_RAW)]).into_owned()
}
