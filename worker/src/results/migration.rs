//! `migration.parquet`: from which segment to which, since the run before.

use super::{
    batches::{batch, maybe_text, number, text, whole},
    schemas::{optional, required, table},
};
use arrow::{
    array::RecordBatch,
    datatypes::{DataType, SchemaRef},
};
use segmenter_proto::Result;

/// One row of `migration.parquet`.
#[derive(Debug, Clone, PartialEq)]
pub struct MigrationRow {
    /// Name of the segmentation, or of the feature that has tiers.
    pub segmentation: String,
    /// Key of the segment then; none: was not there.
    pub previous_segment_key: Option<String>,
    /// Key of the segment now; none: is not there any more.
    pub segment_key: Option<String>,
    /// `stayed`, `moved`, `joined` or `left`.
    pub change: String,
    /// Customers.
    pub customers: i64,
    /// `customers` over all of the segment then.
    pub share_of_previous: Option<f64>,
    /// `customers` over all of the segment now.
    pub share_of_segment: Option<f64>,
    /// Of those who moved, the features that moved most, each with the share of them of whom it is the first.
    pub moved_most: Option<String>,
}

/// Gives the columns of `migration.parquet`: one row a segmentation and pair of segments that a customer was and is in.
pub fn migration_schema() -> SchemaRef {
    table(vec![
        required("segmentation", DataType::Utf8),
        optional("previous_segment_key", DataType::Utf8),
        optional("segment_key", DataType::Utf8),
        required("change", DataType::Utf8),
        required("customers", DataType::Int64),
        optional("share_of_previous", DataType::Float64),
        optional("share_of_segment", DataType::Float64),
        optional("moved_most", DataType::Utf8),
    ])
}

/// Gives the rows of `migration.parquet`, in the order given.
pub fn migration_batch(rows: &[MigrationRow]) -> Result<RecordBatch> {
    batch(
        migration_schema(),
        vec![
            text(rows.iter().map(|row| &row.segmentation)),
            maybe_text(rows.iter().map(|row| row.previous_segment_key.as_ref())),
            maybe_text(rows.iter().map(|row| row.segment_key.as_ref())),
            text(rows.iter().map(|row| &row.change)),
            whole(rows.iter().map(|row| row.customers)),
            number(rows.iter().map(|row| row.share_of_previous)),
            number(rows.iter().map(|row| row.share_of_segment)),
            maybe_text(rows.iter().map(|row| row.moved_most.as_ref())),
        ],
    )
}
