//! `affinity.parquet`: which items go together.

use super::{
    batches::{batch, maybe_text, number, text, whole},
    schemas::{optional, required, table},
};
use arrow::{
    array::{Int32Array, RecordBatch},
    datatypes::{DataType, SchemaRef},
};
use segmenter_proto::Result;
use std::sync::Arc;

/// One row of `affinity.parquet`.
#[derive(Debug, Clone, PartialEq)]
pub struct AffinityRow {
    /// Name of the affinity.
    pub affinity: String,
    /// `in_sample`.
    pub basis: String,
    /// The segmentation; none: everybody.
    pub segmentation: Option<String>,
    /// The segment; none: everybody.
    pub segment_key: Option<String>,
    /// `bought` or `wished`: what the first item was.
    pub item_was: String,
    /// `basket` or `customer`.
    pub within: String,
    /// The first item.
    pub item: String,
    /// Place among the pairs of the first item, from 1.
    pub rank: i32,
    /// The second item, which was bought.
    pub then_item: String,
    /// Baskets or customers with an item.
    pub n: i64,
    /// Those with the first.
    pub n_item: i64,
    /// Those with the second.
    pub n_then: i64,
    /// Those with both.
    pub n_both: i64,
    /// Customers of those with both.
    pub customers: i64,
    /// `n_both` / `n`.
    pub support: f64,
    /// `n_both` / `n_item`.
    pub confidence: f64,
    /// `confidence` / (`n_then` / `n`).
    pub lift: f64,
    /// Lower end of the interval of the lift.
    pub ci_low: f64,
    /// Its upper end.
    pub ci_high: f64,
    /// Its level.
    pub ci_level: f64,
}

/// Gives the columns of `affinity.parquet`: one row an affinity, segment, first item and rank.
pub fn affinity_schema() -> SchemaRef {
    table(vec![
        required("affinity", DataType::Utf8),
        required("basis", DataType::Utf8),
        optional("segmentation", DataType::Utf8),
        optional("segment_key", DataType::Utf8),
        required("item_was", DataType::Utf8),
        required("within", DataType::Utf8),
        required("item", DataType::Utf8),
        required("rank", DataType::Int32),
        required("then_item", DataType::Utf8),
        required("n", DataType::Int64),
        required("n_item", DataType::Int64),
        required("n_then", DataType::Int64),
        required("n_both", DataType::Int64),
        required("customers", DataType::Int64),
        required("support", DataType::Float64),
        required("confidence", DataType::Float64),
        required("lift", DataType::Float64),
        required("ci_low", DataType::Float64),
        required("ci_high", DataType::Float64),
        required("ci_level", DataType::Float64),
    ])
}

/// Gives the rows of `affinity.parquet`, in the order given.
pub fn affinity_batch(rows: &[AffinityRow]) -> Result<RecordBatch> {
    batch(
        affinity_schema(),
        vec![
            text(rows.iter().map(|row| &row.affinity)),
            text(rows.iter().map(|row| &row.basis)),
            maybe_text(rows.iter().map(|row| row.segmentation.as_ref())),
            maybe_text(rows.iter().map(|row| row.segment_key.as_ref())),
            text(rows.iter().map(|row| &row.item_was)),
            text(rows.iter().map(|row| &row.within)),
            text(rows.iter().map(|row| &row.item)),
            Arc::new(Int32Array::from_iter_values(rows.iter().map(|row| row.rank))),
            text(rows.iter().map(|row| &row.then_item)),
            whole(rows.iter().map(|row| row.n)),
            whole(rows.iter().map(|row| row.n_item)),
            whole(rows.iter().map(|row| row.n_then)),
            whole(rows.iter().map(|row| row.n_both)),
            whole(rows.iter().map(|row| row.customers)),
            number(rows.iter().map(|row| Some(row.support))),
            number(rows.iter().map(|row| Some(row.confidence))),
            number(rows.iter().map(|row| Some(row.lift))),
            number(rows.iter().map(|row| Some(row.ci_low))),
            number(rows.iter().map(|row| Some(row.ci_high))),
            number(rows.iter().map(|row| Some(row.ci_level))),
        ],
    )
}
