//! `exports/` and `arms/`: the rows of lists for other tools, and who is held back from them.

use super::schemas::{optional, required, table};
use arrow::datatypes::{DataType, SchemaRef};

/// The column of `exports/` that has the id of whose row it is; no header is called so.
pub const EXPORT_OWNER: &str = "__id";
/// The column by which rows are sorted: what the other tool knows a row by.
pub const EXPORT_KEY: &str = "__key";

/// Gives the columns of `exports/<export>/`: one row a customer who is on the list, sorted by key, then id; behind them those of the list.
pub fn exports_schema<'a>(columns: impl IntoIterator<Item = (&'a str, &'a DataType)>) -> SchemaRef {
    let mut fields = vec![required(EXPORT_OWNER, DataType::Utf8), optional(EXPORT_KEY, DataType::Utf8)];
    fields.extend(columns.into_iter().map(|(header, data_type)| optional(header, data_type.clone())));
    table(fields)
}

/// Gives the columns of `arms/<holdout>/`: one row each who could be on the list, sorted by `id`.
pub fn arms_schema(id: &str) -> SchemaRef {
    table(vec![
        required(id, DataType::Utf8),
        required("arm", DataType::Utf8),
        required("assigned_at", DataType::Date32),
    ])
}
