//! `drift.parquet`: how far features and segments are from what they were in the run before.

use super::{
    batches::{batch, maybe_text, maybe_whole, number, text},
    schemas::{optional, required, table},
};
use arrow::{
    array::RecordBatch,
    datatypes::{DataType, SchemaRef},
};
use segmenter_proto::Result;

/// One row of `drift.parquet`.
#[derive(Debug, Clone, PartialEq)]
pub struct DriftRow {
    /// `feature`, `segmentation` or `segment`.
    pub subject: String,
    /// Its name: of a feature, or of the segmentation.
    pub name: String,
    /// Key of a segment.
    pub segment_key: Option<String>,
    /// `psi`, `adjusted_rand_index`, `moved_share`, `jaccard` or `share`.
    pub measure: String,
    /// The value.
    pub value: Option<f64>,
    /// What it was in the run before, where it is known of one run alone.
    pub previous_value: Option<f64>,
    /// Customers that it is of.
    pub n: Option<i64>,
    /// Why the value is null.
    pub reason: Option<String>,
}

/// Gives the columns of `drift.parquet`: one row a subject and measure.
pub fn drift_schema() -> SchemaRef {
    table(vec![
        required("subject", DataType::Utf8),
        required("name", DataType::Utf8),
        optional("segment_key", DataType::Utf8),
        required("measure", DataType::Utf8),
        optional("value", DataType::Float64),
        optional("previous_value", DataType::Float64),
        optional("n", DataType::Int64),
        optional("reason", DataType::Utf8),
    ])
}

/// Gives the rows of `drift.parquet`, in the order given.
pub fn drift_batch(rows: &[DriftRow]) -> Result<RecordBatch> {
    batch(
        drift_schema(),
        vec![
            text(rows.iter().map(|row| &row.subject)),
            text(rows.iter().map(|row| &row.name)),
            maybe_text(rows.iter().map(|row| row.segment_key.as_ref())),
            text(rows.iter().map(|row| &row.measure)),
            number(rows.iter().map(|row| row.value)),
            number(rows.iter().map(|row| row.previous_value)),
            maybe_whole(rows.iter().map(|row| row.n)),
            maybe_text(rows.iter().map(|row| row.reason.as_ref())),
        ],
    )
}
