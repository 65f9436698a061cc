//! Answers in the forms that people and programs read, written as they come.

mod cells;
mod csv;
mod ndjson;
mod parquet;
mod table;
mod target;

pub(crate) use cells::Cells;
pub(crate) use csv::line as csv_line;
pub(crate) use ndjson::NdjsonColumns;
pub use target::Target;

use self::{csv::Csv, ndjson::Ndjson, parquet::Parquet, table::Table};
use arrow::{array::RecordBatch, datatypes::SchemaRef};
use segmenter_proto::Result;
use std::path::Path;

/// The form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum AnswerFormat {
    /// Aligned columns, for people
    Table,
    /// Comma-separated, with a header; null is empty
    Csv,
    /// A JSON object a line
    Ndjson,
    /// Parquet, as results are written
    Parquet,
}

impl AnswerFormat {
    /// Gives the form that a file's name promises.
    pub fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "csv" => Some(Self::Csv),
            "ndjson" | "jsonl" => Some(Self::Ndjson),
            "parquet" | "pq" => Some(Self::Parquet),
            _ => None,
        }
    }
}

/// Rows on their way to a target.
trait Rows: std::fmt::Debug {
    /// Writes rows; says whether anybody reads on.
    fn rows(&mut self, rows: &RecordBatch, to: &mut Target) -> Result<bool>;

    /// Writes what belongs at the end.
    fn end(&mut self, to: &mut Target) -> Result<bool>;
}

/// An answer that is being written.
#[derive(Debug)]
pub struct Answer {
    rows: Box<dyn Rows>,
    to: Target,
}

impl Answer {
    /// Begins an answer with the columns of `schema`.
    ///
    /// # Errors
    /// Parquet has no such type (a bug).
    pub fn new(format: AnswerFormat, schema: &SchemaRef, to: Target) -> Result<Self> {
        let rows: Box<dyn Rows> = match format {
            AnswerFormat::Table => Box::new(Table::new(schema)),
            AnswerFormat::Csv => Box::new(Csv::new(schema)),
            AnswerFormat::Ndjson => Box::new(Ndjson::new(schema)),
            AnswerFormat::Parquet => Box::new(Parquet::new(schema)?),
        };
        Ok(Self { rows, to })
    }

    /// Writes rows; says whether anybody reads on.
    ///
    /// # Errors
    /// The target cannot be written.
    pub fn write(&mut self, rows: &RecordBatch) -> Result<bool> {
        self.rows.rows(rows, &mut self.to)
    }

    /// Writes the end of the answer; only now a file has its name.
    ///
    /// # Errors
    /// The target cannot be written.
    pub fn finish(mut self) -> Result<()> {
        self.rows.end(&mut self.to)?;
        self.to.finish()
    }
}

#[cfg(test)]
mod tests;
