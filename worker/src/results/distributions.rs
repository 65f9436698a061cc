//! `distributions.parquet`: how customers are spread over the values of each feature, which the next run compares with.

use super::{
    batches::{batch, maybe_text, number, text, whole},
    schemas::{optional, required, table},
};
use arrow::{
    array::{Array, AsArray, BooleanArray, Int32Array, RecordBatch},
    datatypes::{DataType, Float64Type, Int32Type, Int64Type, SchemaRef},
};
use bytes::Bytes;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use segmenter_proto::{Error, Result};
use std::sync::Arc;

/// One row of `distributions.parquet`.
#[derive(Debug, Clone, PartialEq)]
pub struct DistributionRow {
    /// Name of the feature.
    pub feature: String,
    /// Place among the bins of the feature, from 1.
    pub bin: i32,
    /// A number's bin begins above this; none: it has no lower end.
    pub low: Option<f64>,
    /// A number's bin ends with this, which is in it; none: it has no upper end.
    pub high: Option<f64>,
    /// A category's level.
    pub level: Option<String>,
    /// Whether it is of the customers without a value.
    pub is_missing: bool,
    /// Customers in it.
    pub customers: i64,
    /// `customers` over all customers; 0 where there are none.
    pub share: f64,
    /// Standard deviation of a number over all customers, the same in all its bins.
    pub std: Option<f64>,
}

/// Gives the columns of `distributions.parquet`: one row a feature and bin.
pub fn distributions_schema() -> SchemaRef {
    table(vec![
        required("feature", DataType::Utf8),
        required("bin", DataType::Int32),
        optional("low", DataType::Float64),
        optional("high", DataType::Float64),
        optional("level", DataType::Utf8),
        required("is_missing", DataType::Boolean),
        required("customers", DataType::Int64),
        required("share", DataType::Float64),
        optional("std", DataType::Float64),
    ])
}

/// Gives the rows of `distributions.parquet`, in the order given.
pub fn distributions_batch(rows: &[DistributionRow]) -> Result<RecordBatch> {
    batch(
        distributions_schema(),
        vec![
            text(rows.iter().map(|row| &row.feature)),
            Arc::new(Int32Array::from_iter_values(rows.iter().map(|row| row.bin))),
            number(rows.iter().map(|row| row.low)),
            number(rows.iter().map(|row| row.high)),
            maybe_text(rows.iter().map(|row| row.level.as_ref())),
            Arc::new(BooleanArray::from_iter(rows.iter().map(|row| Some(row.is_missing)))),
            whole(rows.iter().map(|row| row.customers)),
            number(rows.iter().map(|row| Some(row.share))),
            number(rows.iter().map(|row| row.std)),
        ],
    )
}

/// Reads the rows of a whole `distributions.parquet`.
///
/// # Errors
/// It is none: Data.
pub fn read_distributions(bytes: Bytes) -> Result<Vec<DistributionRow>> {
    let broken = |error: Box<dyn std::error::Error + Send + Sync>| {
        Error::data("distributions.parquet cannot be read as it was written").caused_by(error)
    };
    let reader = ParquetRecordBatchReaderBuilder::try_new(bytes).and_then(|builder| builder.build());
    let mut rows = Vec::new();
    for batch in reader.map_err(|error| broken(error.into()))? {
        let batch = batch.map_err(|error| broken(error.into()))?;
        if batch.schema().fields() != distributions_schema().fields() {
            return Err(Error::data("distributions.parquet has other columns than it was written with"));
        }
        let (features, bins) = (batch.column(0).as_string::<i32>(), batch.column(1).as_primitive::<Int32Type>());
        let optional = |at: usize, row: usize| {
            let values = batch.column(at).as_primitive::<Float64Type>();
            values.is_valid(row).then(|| values.value(row))
        };
        let (levels, missing) = (batch.column(4).as_string::<i32>(), batch.column(5).as_boolean());
        let (customers, shares) = (batch.column(6).as_primitive::<Int64Type>(), batch.column(7));
        for row in 0..batch.num_rows() {
            rows.push(DistributionRow {
                feature: features.value(row).to_owned(),
                bin: bins.value(row),
                low: optional(2, row),
                high: optional(3, row),
                level: levels.is_valid(row).then(|| levels.value(row).to_owned()),
                is_missing: missing.value(row),
                customers: customers.value(row),
                share: shares.as_primitive::<Float64Type>().value(row),
                std: optional(8, row),
            });
        }
    }
    Ok(rows)
}
