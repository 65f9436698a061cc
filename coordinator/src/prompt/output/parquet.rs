//! Parquet, with the properties that results have: times in UTC.

use super::{Rows, target::Target};
use arrow::{
    array::{ArrayRef, RecordBatch},
    compute::cast,
    datatypes::{DataType, Field, Schema, SchemaRef},
};
use segmenter_proto::{Error, Result};
use segmenter_worker::results::PartWriter;
use std::sync::Arc;

/// Writes Parquet.
#[derive(Debug)]
pub(super) struct Parquet {
    schema: SchemaRef,
    /// None once the file is ended.
    writer: Option<PartWriter>,
}

impl Parquet {
    pub(super) fn new(schema: &SchemaRef) -> Result<Self> {
        let fields = schema.fields().iter().map(|field| Field::new(field.name(), stored(field.data_type()), true));
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        Ok(Self { writer: Some(PartWriter::new(Arc::clone(&schema))?), schema })
    }
}

impl Rows for Parquet {
    fn rows(&mut self, rows: &RecordBatch, to: &mut Target) -> Result<bool> {
        let unfit = |error| Error::bug("rows do not fit their Parquet").caused_by(error);
        let columns = rows.columns().iter().zip(self.schema.fields());
        let columns = columns.map(|(column, field)| cast(column, field.data_type()));
        let columns: Vec<ArrayRef> = columns.collect::<std::result::Result<_, _>>().map_err(unfit)?;
        let Some(writer) = &mut self.writer else { return Ok(false) };
        writer.write(&RecordBatch::try_new(Arc::clone(&self.schema), columns).map_err(unfit)?)?;
        match writer.take_chunk() {
            Some(chunk) => to.put(&chunk),
            None => Ok(true),
        }
    }

    fn end(&mut self, to: &mut Target) -> Result<bool> {
        match self.writer.take() {
            Some(writer) => to.put(&writer.finish()?.tail),
            None => Ok(true),
        }
    }
}

/// Gives the type that a column has in the file.
fn stored(data_type: &DataType) -> DataType {
    match data_type {
        DataType::Timestamp(unit, Some(_)) => DataType::Timestamp(*unit, Some("UTC".into())),
        other => other.clone(),
    }
}
