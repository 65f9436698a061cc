//! `benefits.parquet`: which customers get what, by tier and segment.

use super::{
    batches::{batch, maybe_text, maybe_whole, text},
    schemas::{optional, required, table},
};
use arrow::{
    array::RecordBatch,
    datatypes::{DataType, SchemaRef},
};
use segmenter_proto::Result;

/// One row of `benefits.parquet`.
#[derive(Debug, Clone, PartialEq)]
pub struct BenefitRow {
    /// The tier; none: customers without one.
    pub tier: Option<String>,
    /// Name of the segmentation.
    pub segmentation: String,
    /// Key of the segment.
    pub segment_key: String,
    /// Customers of the tier in the segment.
    pub customers: Option<i64>,
    /// What they get.
    pub benefit: Option<String>,
    /// How they are served.
    pub service_level: Option<String>,
    /// Why cells are null.
    pub reason: Option<String>,
}

/// Gives the columns of `benefits.parquet`: one row a tier, segment and benefit.
pub fn benefits_schema() -> SchemaRef {
    table(vec![
        optional("tier", DataType::Utf8),
        required("segmentation", DataType::Utf8),
        required("segment_key", DataType::Utf8),
        optional("customers", DataType::Int64),
        optional("benefit", DataType::Utf8),
        optional("service_level", DataType::Utf8),
        optional("reason", DataType::Utf8),
    ])
}

/// Gives the rows of `benefits.parquet`, in the order given.
pub fn benefits_batch(rows: &[BenefitRow]) -> Result<RecordBatch> {
    batch(
        benefits_schema(),
        vec![
            maybe_text(rows.iter().map(|row| row.tier.as_ref())),
            text(rows.iter().map(|row| &row.segmentation)),
            text(rows.iter().map(|row| &row.segment_key)),
            maybe_whole(rows.iter().map(|row| row.customers)),
            maybe_text(rows.iter().map(|row| row.benefit.as_ref())),
            maybe_text(rows.iter().map(|row| row.service_level.as_ref())),
            maybe_text(rows.iter().map(|row| row.reason.as_ref())),
        ],
    )
}
