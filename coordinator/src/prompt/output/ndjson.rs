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
    /// A column's name as JSON, and whether its values are JSON as they are.
    columns: Vec<(String, bool)>,
}

impl Ndjson {
    pub(super) fn new(schema: &SchemaRef) -> Self {
        let is_bare = |kind: &DataType| is_number(kind) || *kind == DataType::Boolean;
        let columns = schema.fields().iter().map(|field| (json(field.name()), is_bare(field.data_type())));
        Self { columns: columns.collect() }
    }
}

impl Rows for Ndjson {
    fn rows(&mut self, rows: &RecordBatch, to: &mut Target) -> Result<bool> {
        let cells = Cells::of(rows)?;
        for row in 0..cells.rows() {
            let values = cells.row(row)?;
            let members = self.columns.iter().zip(values).map(|((name, is_bare), value)| match value {
                None => format!("{name}:null"),
                Some(value) if *is_bare => format!("{name}:{value}"),
                Some(value) => format!("{name}:{}", json(&value)),
            });
            let line = format!("{{{}}}\n", members.collect::<Vec<_>>().join(","));
            if !to.put(line.as_bytes())? {
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
