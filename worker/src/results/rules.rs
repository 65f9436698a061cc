//! `rules.parquet`: each segmentation as a few rules that a person can read, and how well they give it back.

use super::{
    batches::{batch, maybe_text, maybe_whole, number, text, whole},
    schemas::{optional, required, table},
};
use arrow::{
    array::RecordBatch,
    datatypes::{DataType, SchemaRef},
};
use segmenter_proto::Result;

/// One row of `rules.parquet`.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleRow {
    /// Name of the segmentation.
    pub segmentation: String,
    /// `in_sample`.
    pub basis: String,
    /// Number of the rule, from 1; none where there is none.
    pub rule_id: Option<i64>,
    /// Key of the segment that most of whom it holds for are in; none where nothing is said of a segment.
    pub segment_key: Option<String>,
    /// The rule, SQL over features.
    pub rule: Option<String>,
    /// Customers for whom it holds.
    pub n: Option<i64>,
    /// Those of them in the segment.
    pub matched: Option<i64>,
    /// `matched` / `n`.
    pub precision: Option<f64>,
    /// Customers of the segment.
    pub segment_customers: i64,
    /// `matched` / `segment_customers`.
    pub recall: Option<f64>,
    /// Share of all customers whose segment the rules give back, the same in all rows of a segmentation.
    pub fidelity: Option<f64>,
    /// Share of all customers in the largest segment: what one gives back who always names that.
    pub largest_share: Option<f64>,
    /// Why cells are null.
    pub reason: Option<String>,
}

/// Gives the columns of `rules.parquet`: one row a segmentation and rule, and one a segment without one.
pub fn rules_schema() -> SchemaRef {
    table(vec![
        required("segmentation", DataType::Utf8),
        required("basis", DataType::Utf8),
        optional("rule_id", DataType::Int64),
        optional("segment_key", DataType::Utf8),
        optional("rule", DataType::Utf8),
        optional("n", DataType::Int64),
        optional("matched", DataType::Int64),
        optional("precision", DataType::Float64),
        required("segment_customers", DataType::Int64),
        optional("recall", DataType::Float64),
        optional("fidelity", DataType::Float64),
        optional("largest_share", DataType::Float64),
        optional("reason", DataType::Utf8),
    ])
}

/// Gives the rows of `rules.parquet`, in the order given.
pub fn rules_batch(rows: &[RuleRow]) -> Result<RecordBatch> {
    batch(
        rules_schema(),
        vec![
            text(rows.iter().map(|row| &row.segmentation)),
            text(rows.iter().map(|row| &row.basis)),
            maybe_whole(rows.iter().map(|row| row.rule_id)),
            maybe_text(rows.iter().map(|row| row.segment_key.as_ref())),
            maybe_text(rows.iter().map(|row| row.rule.as_ref())),
            maybe_whole(rows.iter().map(|row| row.n)),
            maybe_whole(rows.iter().map(|row| row.matched)),
            number(rows.iter().map(|row| row.precision)),
            whole(rows.iter().map(|row| row.segment_customers)),
            number(rows.iter().map(|row| row.recall)),
            number(rows.iter().map(|row| row.fidelity)),
            number(rows.iter().map(|row| row.largest_share)),
            maybe_text(rows.iter().map(|row| row.reason.as_ref())),
        ],
    )
}
