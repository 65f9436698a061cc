//! Reads one piece of input: the needed columns of the file and of its path, as batches.

use super::cells::CellColumn;
use super::csv::CsvReader;
use super::ndjson::NdjsonReader;
use super::object::PinnedObject;
use super::parquet::ParquetReader;
use super::pieces::Piece;
use super::pinned::PinnedFile;
use super::rows::Rows;
use super::spec::{ReadSpec, data_type};
use super::window::Window;
use crate::expression::type_name;
use crate::storage::Storage;
use arrow::array::{ArrayRef, UInt32Array};
use arrow::compute::take;
use arrow::datatypes::{Field, Schema};
use arrow::error::ArrowError;
use arrow::record_batch::{RecordBatch, RecordBatchOptions};
use hashbrown::HashSet;
use segmenter_proto::jobs::FileFormat;
use segmenter_proto::{Error, Result};
use std::sync::Arc;
use tokio::runtime::Handle;

/// Reads a piece in batches of at most `batch_rows` rows, on a plain thread; `handle` is the runtime that does the
/// requests. Local files are read by the thread itself.
///
/// # Errors
///
/// Here and from the iterator: the data's fault where the file is broken, lacks a column or changed since it was pinned;
/// a dependency's where it cannot be read; the job's where a declared type is not one.
pub fn read(
    storage: &Storage,
    handle: &Handle,
    piece: &Piece,
    spec: &ReadSpec,
    batch_rows: usize,
) -> Result<PieceReader> {
    let object = PinnedObject::open(storage, &piece.file)?;
    // The file's own column wins over the path's: writers that keep the column wrote it row by row.
    let own = match piece.file.partition_values.is_empty() {
        true => spec.columns.clone(),
        false => own_columns(&object, spec, handle)?,
    };
    let from_path: Vec<&String> = match own.len() == spec.columns.len() {
        true => Vec::new(),
        false => spec.columns.iter().filter(|name| !own.contains(name)).collect(),
    };
    let path = from_path
        .into_iter()
        .map(|name| Ok((name.clone(), path_value(&piece.file, name, spec)?)))
        .collect::<Result<Vec<_>>>()?;
    let rows = match piece.file.format {
        FileFormat::Parquet => {
            Inner::Parquet(Box::new(ParquetReader::new(object.clone(), piece, &own, spec, batch_rows, handle)?))
        }
        FileFormat::Csv => {
            let window = Window::open(&object, &spec.csv.encoding, handle)?;
            Inner::Csv(Box::new(CsvReader::new(window, &own, spec, batch_rows)?))
        }
        FileFormat::Ndjson => {
            let window = Window::open(&object, &spec.csv.encoding, handle)?;
            Inner::Ndjson(Box::new(NdjsonReader::new(window, &own, spec, batch_rows)?))
        }
    };
    Ok(PieceReader { rows, object, handle: handle.clone(), columns: spec.columns.clone(), path, finished: false })
}

/// An iterator over the batches of a piece; after an error there are no more.
pub struct PieceReader {
    rows: Inner,
    object: PinnedObject,
    handle: Handle,
    columns: Vec<String>,
    /// Columns that come from the path, with their one value.
    path: Vec<(String, ArrayRef)>,
    finished: bool,
}

enum Inner {
    Parquet(Box<ParquetReader>),
    Csv(Box<CsvReader>),
    Ndjson(Box<NdjsonReader>),
}

impl std::fmt::Debug for PieceReader {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("PieceReader").field("file", &self.object.file.uri).finish_non_exhaustive()
    }
}

impl Iterator for PieceReader {
    type Item = Result<Rows>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.finished {
            return None;
        }
        let rows = match &mut self.rows {
            Inner::Parquet(reader) => reader.next_rows(),
            Inner::Csv(reader) => reader.next_rows(),
            Inner::Ndjson(reader) => reader.next_rows(),
        };
        let rows = rows.and_then(|rows| rows.map(|rows| self.with_path_columns(rows)).transpose());
        match rows {
            Ok(Some(rows)) => Some(Ok(rows)),
            Ok(None) => {
                self.finished = true;
                // A local file is checked when it is opened, and may have been written in place since.
                self.handle.block_on(self.object.check_unchanged()).err().map(Err)
            }
            Err(error) => {
                self.finished = true;
                // What looks broken may have been written to meanwhile.
                Some(Err(self.handle.block_on(self.object.check_unchanged()).err().unwrap_or(error)))
            }
        }
    }
}

impl PieceReader {
    fn with_path_columns(&self, mut rows: Rows) -> Result<Rows> {
        if self.path.is_empty() {
            return Ok(rows);
        }
        let lost = |error: ArrowError| Error::bug("a column of the path got lost").caused_by(error);
        let count = rows.batch.num_rows();
        let (mut fields, mut arrays) = (Vec::new(), Vec::new());
        // The file's own columns come in the order in which they were asked for.
        let mut own = rows.batch.schema_ref().fields().iter().zip(rows.batch.columns());
        for name in &self.columns {
            match self.path.iter().find(|(known, _)| known == name) {
                Some((_, value)) => {
                    let first = UInt32Array::from(vec![0; count]);
                    arrays.push(take(value, &first, None).map_err(lost)?);
                    fields.push(Arc::new(Field::new(name, value.data_type().clone(), true)));
                }
                None => {
                    let Some((field, array)) = own.next() else { continue };
                    arrays.push(Arc::clone(array));
                    fields.push(Arc::clone(field));
                }
            }
        }
        let options = RecordBatchOptions::new().with_row_count(Some(count));
        let schema = Arc::new(Schema::new(fields));
        rows.batch = RecordBatch::try_new_with_options(schema, arrays, &options).map_err(lost)?;
        Ok(rows)
    }
}

/// Gives the needed columns that the file itself has, or must have.
fn own_columns(object: &PinnedObject, spec: &ReadSpec, handle: &Handle) -> Result<Vec<String>> {
    let file = &object.file;
    let in_path = |name: &String| file.partition_values.iter().any(|(known, _)| known == name);
    if !spec.columns.iter().any(in_path) {
        return Ok(spec.columns.clone());
    }
    let facts = handle.block_on(super::facts::inspect_object(object, &spec.csv, &[]))?;
    let fields = facts.schema.fields().iter().filter(|field| !super::spec::is_marked(field));
    let in_file: HashSet<&str> = fields.map(|field| field.name().as_str()).collect();
    Ok(spec.columns.iter().filter(|name| in_file.contains(name.as_str()) || !in_path(name)).cloned().collect())
}

/// Gives the value of a `k=v` path part as a column of one row.
fn path_value(file: &PinnedFile, name: &str, spec: &ReadSpec) -> Result<ArrayRef> {
    let value = file.partition_values.iter().find(|(known, _)| known == name).and_then(|(_, value)| value.as_deref());
    let declared = spec.text_type(name);
    let mut column = CellColumn::new(name, declared, None, spec.timezone)?;
    column.push(value).map_err(|_| {
        file.broken(format!(
            "{name}={} in its path is not {}",
            value.unwrap_or_default(),
            type_name(&data_type(declared))
        ))
        .with_hint(format!("types.{name} says how the path is read"))
    })?;
    Ok(column.finish())
}

#[cfg(test)]
#[path = "samples.rs"]
pub(super) mod samples;

#[cfg(test)]
#[path = "agreement_tests.rs"]
mod agreement_tests;

#[cfg(test)]
#[path = "file_tests.rs"]
mod file_tests;

#[cfg(test)]
#[path = "matrix_tests.rs"]
mod matrix_tests;

#[cfg(test)]
#[path = "property_tests.rs"]
mod property_tests;

#[cfg(test)]
#[path = "reader_tests.rs"]
mod tests;
