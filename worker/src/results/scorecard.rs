//! `scorecard.parquet`: what speaks for a segmentation and what against it.

use super::{
    batches::{batch, maybe_text, number, text, whole},
    schemas::{optional, required, table},
};
use arrow::{
    array::RecordBatch,
    datatypes::{DataType, SchemaRef},
};
use segmenter_proto::Result;

/// One row of `scorecard.parquet`.
#[derive(Debug, Clone, PartialEq)]
pub struct ScorecardRow {
    /// Name of the segmentation.
    pub segmentation: String,
    /// `in_sample` or `outcome`.
    pub basis: String,
    /// Name of the criterion in the registry.
    pub criterion: String,
    /// What is measured.
    pub measure: String,
    /// What the value is put beside.
    pub comparison: Option<String>,
    /// The segment that is meant; none: all of them.
    pub segment_key: Option<String>,
    /// The value.
    pub value: Option<f64>,
    /// Customers that it is of.
    pub n: i64,
    /// The value of what it is put beside.
    pub comparison_value: Option<f64>,
    /// `value` − `comparison_value`, where that has an interval.
    pub difference: Option<f64>,
    /// Lower end of the interval of the difference.
    pub ci_low: Option<f64>,
    /// Upper end of it.
    pub ci_high: Option<f64>,
    /// Level of the interval.
    pub ci_level: Option<f64>,
    /// `better` or `worse`; none where the interval has 0 in it.
    pub verdict: Option<String>,
    /// The figure in words.
    pub sentence: String,
    /// Why the value is null.
    pub reason: Option<String>,
}

/// Gives the columns of `scorecard.parquet`: one row a segmentation, criterion, measure and comparison.
pub fn scorecard_schema() -> SchemaRef {
    table(vec![
        required("segmentation", DataType::Utf8),
        required("basis", DataType::Utf8),
        required("criterion", DataType::Utf8),
        required("measure", DataType::Utf8),
        optional("comparison", DataType::Utf8),
        optional("segment_key", DataType::Utf8),
        optional("value", DataType::Float64),
        required("n", DataType::Int64),
        optional("comparison_value", DataType::Float64),
        optional("difference", DataType::Float64),
        optional("ci_low", DataType::Float64),
        optional("ci_high", DataType::Float64),
        optional("ci_level", DataType::Float64),
        optional("verdict", DataType::Utf8),
        required("sentence", DataType::Utf8),
        optional("reason", DataType::Utf8),
    ])
}

/// Gives the rows of `scorecard.parquet`, in the order given.
pub fn scorecard_batch(rows: &[ScorecardRow]) -> Result<RecordBatch> {
    batch(
        scorecard_schema(),
        vec![
            text(rows.iter().map(|row| &row.segmentation)),
            text(rows.iter().map(|row| &row.basis)),
            text(rows.iter().map(|row| &row.criterion)),
            text(rows.iter().map(|row| &row.measure)),
            maybe_text(rows.iter().map(|row| row.comparison.as_ref())),
            maybe_text(rows.iter().map(|row| row.segment_key.as_ref())),
            number(rows.iter().map(|row| row.value)),
            whole(rows.iter().map(|row| row.n)),
            number(rows.iter().map(|row| row.comparison_value)),
            number(rows.iter().map(|row| row.difference)),
            number(rows.iter().map(|row| row.ci_low)),
            number(rows.iter().map(|row| row.ci_high)),
            number(rows.iter().map(|row| row.ci_level)),
            maybe_text(rows.iter().map(|row| row.verdict.as_ref())),
            text(rows.iter().map(|row| &row.sentence)),
            maybe_text(rows.iter().map(|row| row.reason.as_ref())),
        ],
    )
}
