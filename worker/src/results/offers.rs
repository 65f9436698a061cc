//! `offers.parquet`: what segments do with each promotion.

use super::{
    batches::{batch, maybe_text, maybe_whole, number, text},
    schemas::{optional, required, table},
};
use arrow::{
    array::RecordBatch,
    datatypes::{DataType, SchemaRef},
};
use segmenter_proto::Result;

/// One row of `offers.parquet`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OfferRow {
    /// Name of the segmentation.
    pub segmentation: String,
    /// Key of the segment; none: the population.
    pub segment_key: Option<String>,
    /// `in_sample` or `outcome`.
    pub basis: String,
    /// The promotion; none of those that are not shown.
    pub promotion: Option<String>,
    /// Customers to whom a message about it was delivered.
    pub customers: Option<i64>,
    /// Those of them who converted by it, or bought with it.
    pub responders: Option<i64>,
    /// responders / customers.
    pub response_rate: Option<f64>,
    /// Lower end of its interval.
    pub ci_low: Option<f64>,
    /// Upper end of it.
    pub ci_high: Option<f64>,
    /// Level of the interval.
    pub ci_level: Option<f64>,
    /// Customers who bought with it, whether a message told them or not.
    pub buyers: Option<i64>,
    /// Purchases less refunds with it, in units of the currency.
    pub revenue: Option<f64>,
    /// The same less what the goods cost, of rows that have a cost.
    pub margin: Option<f64>,
    /// margin / revenue.
    pub margin_rate: Option<f64>,
    /// ISO 4217 code of the amounts.
    pub currency: Option<String>,
    /// Why cells are null.
    pub reason: Option<String>,
}

/// Gives the columns of `offers.parquet`: one row a segmentation, segment, basis and promotion.
pub fn offers_schema() -> SchemaRef {
    table(vec![
        required("segmentation", DataType::Utf8),
        optional("segment_key", DataType::Utf8),
        required("basis", DataType::Utf8),
        optional("promotion", DataType::Utf8),
        optional("customers", DataType::Int64),
        optional("responders", DataType::Int64),
        optional("response_rate", DataType::Float64),
        optional("ci_low", DataType::Float64),
        optional("ci_high", DataType::Float64),
        optional("ci_level", DataType::Float64),
        optional("buyers", DataType::Int64),
        optional("revenue", DataType::Float64),
        optional("margin", DataType::Float64),
        optional("margin_rate", DataType::Float64),
        optional("currency", DataType::Utf8),
        optional("reason", DataType::Utf8),
    ])
}

/// Gives the rows of `offers.parquet`, in the order given.
pub fn offers_batch(rows: &[OfferRow]) -> Result<RecordBatch> {
    batch(
        offers_schema(),
        vec![
            text(rows.iter().map(|row| &row.segmentation)),
            maybe_text(rows.iter().map(|row| row.segment_key.as_ref())),
            text(rows.iter().map(|row| &row.basis)),
            maybe_text(rows.iter().map(|row| row.promotion.as_ref())),
            maybe_whole(rows.iter().map(|row| row.customers)),
            maybe_whole(rows.iter().map(|row| row.responders)),
            number(rows.iter().map(|row| row.response_rate)),
            number(rows.iter().map(|row| row.ci_low)),
            number(rows.iter().map(|row| row.ci_high)),
            number(rows.iter().map(|row| row.ci_level)),
            maybe_whole(rows.iter().map(|row| row.buyers)),
            number(rows.iter().map(|row| row.revenue)),
            number(rows.iter().map(|row| row.margin)),
            number(rows.iter().map(|row| row.margin_rate)),
            maybe_text(rows.iter().map(|row| row.currency.as_ref())),
            maybe_text(rows.iter().map(|row| row.reason.as_ref())),
        ],
    )
}
