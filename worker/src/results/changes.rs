//! `changes/`: who came, left and moved since the run before.

use super::{
    batches::{batch, maybe_text, text},
    schemas::{optional, required, table},
};
use arrow::{
    array::RecordBatch,
    datatypes::{DataType, SchemaRef},
};
use segmenter_proto::Result;

/// One row of `changes/`.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangeRow<'a> {
    /// The customer's id.
    pub customer_id: &'a str,
    /// Name of the segmentation, or of the feature that has tiers.
    pub segmentation: &'a str,
    /// Key of the segment then.
    pub previous_segment_key: Option<&'a str>,
    /// Key of the segment now.
    pub segment_key: Option<&'a str>,
    /// `joined`, `left` or `moved`.
    pub change: &'static str,
    /// Tier of the loyalty programme then.
    pub previous_tier: Option<&'a str>,
    /// Tier of the loyalty programme now.
    pub tier: Option<&'a str>,
    /// The features that moved most, the furthest first.
    pub moved_most: Option<String>,
}

/// Gives the columns of `changes/`: one row each who came, left or moved and segmentation, sorted by both; where segments overlap, by segment too.
pub fn changes_schema(id: &str) -> SchemaRef {
    table(vec![
        required(id, DataType::Utf8),
        required("segmentation", DataType::Utf8),
        optional("previous_segment_key", DataType::Utf8),
        optional("segment_key", DataType::Utf8),
        required("change", DataType::Utf8),
        optional("previous_tier", DataType::Utf8),
        optional("tier", DataType::Utf8),
        optional("moved_most", DataType::Utf8),
    ])
}

/// Gives rows of `changes/`, in the order given; the column of the ids is named `id`.
pub fn changes_batch(id: &str, rows: &[ChangeRow<'_>]) -> Result<RecordBatch> {
    batch(
        changes_schema(id),
        vec![
            text(rows.iter().map(|row| row.customer_id)),
            text(rows.iter().map(|row| row.segmentation)),
            maybe_text(rows.iter().map(|row| row.previous_segment_key)),
            maybe_text(rows.iter().map(|row| row.segment_key)),
            text(rows.iter().map(|row| row.change)),
            maybe_text(rows.iter().map(|row| row.previous_tier)),
            maybe_text(rows.iter().map(|row| row.tier)),
            maybe_text(rows.iter().map(|row| row.moved_most.as_ref())),
        ],
    )
}
