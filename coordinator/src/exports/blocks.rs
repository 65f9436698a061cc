//! The rows of one part of a run, block by block, in the columns of the export as it is now.

use super::form::Form;
use arrow::{
    array::{ArrayRef, AsArray, BooleanArray, RecordBatch, StringArray, new_null_array},
    compute::{cast, filter_record_batch},
    datatypes::{Schema, SchemaRef},
};
use segmenter_proto::{Error, Result};
use segmenter_worker::results::{EXPORT_KEY, EXPORT_OWNER, PartReader};
use std::{
    collections::{BTreeSet, VecDeque},
    sync::Arc,
};

/// Rows of a part.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) keys: StringArray,
    pub(super) owners: StringArray,
    /// The columns of the export.
    pub(super) rows: RecordBatch,
    /// Each row as it is compared and, but for Parquet, written; nothing where rows are only counted.
    pub(super) lines: Vec<String>,
}

/// What rows are made into.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    /// The columns of the export as it is now.
    pub(super) schema: SchemaRef,
    /// How a row is written; none: rows are only counted.
    pub(super) form: Option<Arc<Form>>,
}

/// The blocks of a part.
#[derive(Debug)]
pub(super) struct Blocks {
    reader: PartReader,
    waiting: VecDeque<RecordBatch>,
    shape: Shape,
    /// Whose rows are passed over.
    without: Arc<BTreeSet<String>>,
}

impl Blocks {
    pub(super) fn new(reader: PartReader, shape: Shape) -> Self {
        Self { reader, waiting: VecDeque::new(), shape, without: Arc::default() }
    }

    /// Passes over the rows of these customers.
    pub(super) fn without(self, without: Arc<BTreeSet<String>>) -> Self {
        Self { without, ..self }
    }

    /// Gives the next rows; none after the last.
    pub(super) fn next(&mut self) -> Result<Option<Arc<Block>>> {
        while self.waiting.is_empty() {
            match self.reader.next_group()? {
                None => return Ok(None),
                Some(rows) => self.waiting.extend(rows),
            }
        }
        self.waiting.pop_front().map(|rows| self.block(&rows).map(Arc::new)).transpose()
    }

    fn text(part: &RecordBatch, name: &str) -> Result<StringArray> {
        let column = part.column_by_name(name).and_then(|column| column.as_string_opt::<i32>());
        column.cloned().ok_or_else(|| Error::data(format!("a part of an export has no column {name}")))
    }

    fn block(&self, part: &RecordBatch) -> Result<Block> {
        let owners = Self::text(part, EXPORT_OWNER)?;
        let gone = |owner: Option<&str>| owner.is_some_and(|owner| self.without.contains(owner));
        let part = match owners.iter().any(gone) {
            false => part.clone(),
            true => {
                let stay: BooleanArray = owners.iter().map(|owner| Some(!gone(owner))).collect();
                filter_record_batch(part, &stay)
                    .map_err(|error| Error::bug("rows of an export cannot be passed over").caused_by(error))?
            }
        };
        let text = |name: &str| Self::text(&part, name);
        let rows = shaped(&part, &self.shape.schema)?;
        let lines = match &self.shape.form {
            Some(form) => form.lines(&rows)?,
            None => Vec::new(),
        };
        Ok(Block { keys: text(EXPORT_KEY)?, owners: text(EXPORT_OWNER)?, rows, lines })
    }
}

/// Gives rows in these columns: what a run before had not is null, and what it had in another type is cast where that can be.
fn shaped(part: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
    let column = |name: &str, kind: &arrow::datatypes::DataType| -> ArrayRef {
        let own = part.column_by_name(name).map(|column| cast(column, kind));
        own.and_then(std::result::Result::ok).unwrap_or_else(|| new_null_array(kind, part.num_rows()))
    };
    let columns = schema.fields().iter().map(|field| column(field.name(), field.data_type())).collect();
    RecordBatch::try_new(Arc::clone(schema), columns)
        .map_err(|error| Error::bug("the rows of an export do not fit its columns").caused_by(error))
}

/// Gives the columns of an export, without the id and the key, from those of a part.
pub(super) fn columns_of(part: &Schema) -> SchemaRef {
    let own = part.fields().iter().filter(|field| ![EXPORT_OWNER, EXPORT_KEY].contains(&field.name().as_str()));
    Arc::new(Schema::new(own.map(|field| field.as_ref().clone().with_nullable(true)).collect::<Vec<_>>()))
}
