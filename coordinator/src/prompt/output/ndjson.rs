//! NDJSON: an object a row, numbers with all their digits.

use super::{
    Rows,
    cells::{Cells, is_number},
    target::Target,
};
use arrow::{
    array::RecordBatch,
    datatypes::{DataType, SchemaRef},
};
use segmenter_proto::Result;
use serde_json::Value;

/// Writes NDJSON.
#[derive(Debug)]
pub(super) struct Ndjson {
    columns: NdjsonColumns,
}

impl Ndjson {
    pub(super) fn new(schema: &SchemaRef) -> Self {
        Self { columns: NdjsonColumns::of(schema) }
    }
}

/// A column's name as JSON, and whether its values are JSON as they are.
#[derive(Debug)]
pub(crate) struct NdjsonColumns(Vec<(String, bool)>);

impl NdjsonColumns {
    pub(crate) fn of(schema: &SchemaRef) -> Self {
        let is_bare = |kind: &DataType| is_number(kind) || *kind == DataType::Boolean;
        let columns = schema.fields().iter().map(|field| (json(field.name()), is_bare(field.data_type())));
        Self(columns.collect())
    }

    /// Gives a line with its end.
    pub(crate) fn line(&self, values: Vec<Option<String>>) -> String {
        let members = self.0.iter().zip(values).map(|((name, is_bare), value)| match value {
            None => format!("{name}:null"),
            Some(value) if *is_bare => format!("{name}:{value}"),
            Some(value) => format!("{name}:{}", json(&value)),
        });
        format!("{{{}}}\n", members.collect::<Vec<_>>().join(","))
    }
}

impl Rows for Ndjson {
    fn rows(&mut self, rows: &RecordBatch, to: &mut Target) -> Result<bool> {
        let cells = Cells::of(rows)?;
        for row in 0..cells.rows() {
            if !to.put(self.columns.line(cells.row(row)?).as_bytes())? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn end(&mut self, _: &mut Target) -> Result<bool> {
        Ok(true)
    }
}

fn json(text: &str) -> String {
    Value::from(text).to_string()
}
