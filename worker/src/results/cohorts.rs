//! `cohorts.parquet`: who comes back, by the month of the first order.

use super::{
    batches::{batch, date, maybe_text, maybe_whole, number, text, whole},
    schemas::{optional, required, table},
};
use arrow::{
    array::{Int32Array, RecordBatch},
    datatypes::{DataType, SchemaRef},
};
use chrono::NaiveDate;
use segmenter_proto::Result;
use std::sync::Arc;

/// One row of `cohorts.parquet`.
#[derive(Debug, Clone, PartialEq)]
pub struct CohortRow {
    /// `in_sample`.
    pub basis: String,
    /// First day of the month of the first order.
    pub cohort: NaiveDate,
    /// Months since then.
    pub months_since: i32,
    /// First day of the month that is looked at.
    pub month: NaiveDate,
    /// Customers of the cohort.
    pub customers: i64,
    /// Those of them with a purchase in the month.
    pub active: Option<i64>,
    /// `active` / `customers`.
    pub retention: Option<f64>,
    /// What they spent in the month, refunds taken off.
    pub revenue: Option<f64>,
    /// ISO 4217 code.
    pub currency: Option<String>,
    /// Why cells are null.
    pub reason: Option<String>,
}

/// Gives the columns of `cohorts.parquet`: one row a cohort and month since.
pub fn cohorts_schema() -> SchemaRef {
    table(vec![
        required("basis", DataType::Utf8),
        required("cohort", DataType::Date32),
        required("months_since", DataType::Int32),
        required("month", DataType::Date32),
        required("customers", DataType::Int64),
        optional("active", DataType::Int64),
        optional("retention", DataType::Float64),
        optional("revenue", DataType::Float64),
        optional("currency", DataType::Utf8),
        optional("reason", DataType::Utf8),
    ])
}

/// Gives the rows of `cohorts.parquet`, in the order given.
pub fn cohorts_batch(rows: &[CohortRow]) -> Result<RecordBatch> {
    batch(
        cohorts_schema(),
        vec![
            text(rows.iter().map(|row| &row.basis)),
            date(rows.iter().map(|row| Some(row.cohort))),
            Arc::new(Int32Array::from_iter_values(rows.iter().map(|row| row.months_since))),
            date(rows.iter().map(|row| Some(row.month))),
            whole(rows.iter().map(|row| row.customers)),
            maybe_whole(rows.iter().map(|row| row.active)),
            number(rows.iter().map(|row| row.retention)),
            number(rows.iter().map(|row| row.revenue)),
            maybe_text(rows.iter().map(|row| row.currency.as_ref())),
            maybe_text(rows.iter().map(|row| row.reason.as_ref())),
        ],
    )
}
