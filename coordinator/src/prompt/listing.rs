//! The tables that there are, as a table.

use arrow::{
    array::{ArrayRef, RecordBatch, StringArray},
    datatypes::{DataType, Field, Schema, SchemaRef},
};
use segmenter_proto::{Error, Result};
use segmenter_worker::{expression::type_name, sql::prompt::PromptTables};
use std::sync::Arc;

/// Gives the columns of [`listing`].
pub fn listing_schema() -> SchemaRef {
    let text = |name: &str| Field::new(name, DataType::Utf8, true);
    Arc::new(Schema::new(vec![text("table_name"), text("column_name"), text("type")]))
}

/// Gives a row a column of every table; of a table that is not open one row without a column.
///
/// # Errors
/// Bug only.
pub fn listing(tables: &PromptTables) -> Result<RecordBatch> {
    let mut rows: Vec<[Option<String>; 3]> = Vec::new();
    for table in &tables.tables {
        match tables.columns(table)? {
            None => rows.push([Some(table.name.clone()), None, None]),
            Some(columns) => rows.extend(columns.fields().iter().map(|field| {
                [Some(table.name.clone()), Some(field.name().clone()), Some(type_name(field.data_type()))]
            })),
        }
    }
    let columns = (0..3).map(|at| {
        let values: StringArray = rows.iter().map(|row| row.get(at).and_then(Option::as_deref)).collect();
        Arc::new(values) as ArrayRef
    });
    RecordBatch::try_new(listing_schema(), columns.collect())
        .map_err(|error| Error::bug("the tables cannot be listed").caused_by(error))
}
