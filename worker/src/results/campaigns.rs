//! `campaigns.parquet`: what campaigns cost and bring, by segment.

use super::{
    batches::{batch, maybe_text, maybe_whole, number, text},
    schemas::{optional, required, table},
};
use arrow::{
    array::RecordBatch,
    datatypes::{DataType, SchemaRef},
};
use segmenter_proto::Result;

/// One row of `campaigns.parquet`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CampaignRow {
    /// Name of the segmentation.
    pub segmentation: String,
    /// Key of the segment; none: the population.
    pub segment_key: Option<String>,
    /// `in_sample` or `outcome`.
    pub basis: String,
    /// The campaign; none of those that are not shown.
    pub campaign: Option<String>,
    /// Customers to whom something of it was delivered.
    pub customers: Option<i64>,
    /// Messages sent.
    pub sent: Option<i64>,
    /// Messages delivered.
    pub delivered: Option<i64>,
    /// Customers who clicked or converted.
    pub answered: Option<i64>,
    /// answered / customers.
    pub answer_rate: Option<f64>,
    /// Lower end of its interval.
    pub ci_low: Option<f64>,
    /// Upper end of it.
    pub ci_high: Option<f64>,
    /// Level of the interval.
    pub ci_level: Option<f64>,
    /// What its messages cost, and a share of what it costs whatever is sent, in units of the currency.
    pub cost: Option<f64>,
    /// Customers with a purchase that is credited to it.
    pub buyers: Option<i64>,
    /// Purchases less refunds that are credited to it.
    pub revenue: Option<f64>,
    /// By which rule they are.
    pub revenue_by: String,
    /// The same less what the goods cost.
    pub margin: Option<f64>,
    /// margin, or revenue where no cost of goods is known, less cost.
    pub profit: Option<f64>,
    /// profit / cost.
    pub roi: Option<f64>,
    /// revenue / cost.
    pub roas: Option<f64>,
    /// ISO 4217 code of the amounts.
    pub currency: Option<String>,
    /// Why cells are null.
    pub reason: Option<String>,
}

/// Gives the columns of `campaigns.parquet`: one row a segmentation, segment, basis and campaign.
pub fn campaigns_schema() -> SchemaRef {
    table(vec![
        required("segmentation", DataType::Utf8),
        optional("segment_key", DataType::Utf8),
        required("basis", DataType::Utf8),
        optional("campaign", DataType::Utf8),
        optional("customers", DataType::Int64),
        optional("sent", DataType::Int64),
        optional("delivered", DataType::Int64),
        optional("answered", DataType::Int64),
        optional("answer_rate", DataType::Float64),
        optional("ci_low", DataType::Float64),
        optional("ci_high", DataType::Float64),
        optional("ci_level", DataType::Float64),
        optional("cost", DataType::Float64),
        optional("buyers", DataType::Int64),
        optional("revenue", DataType::Float64),
        required("revenue_by", DataType::Utf8),
        optional("margin", DataType::Float64),
        optional("profit", DataType::Float64),
        optional("roi", DataType::Float64),
        optional("roas", DataType::Float64),
        optional("currency", DataType::Utf8),
        optional("reason", DataType::Utf8),
    ])
}

/// Gives the rows of `campaigns.parquet`, in the order given.
pub fn campaigns_batch(rows: &[CampaignRow]) -> Result<RecordBatch> {
    batch(
        campaigns_schema(),
        vec![
            text(rows.iter().map(|row| &row.segmentation)),
            maybe_text(rows.iter().map(|row| row.segment_key.as_ref())),
            text(rows.iter().map(|row| &row.basis)),
            maybe_text(rows.iter().map(|row| row.campaign.as_ref())),
            maybe_whole(rows.iter().map(|row| row.customers)),
            maybe_whole(rows.iter().map(|row| row.sent)),
            maybe_whole(rows.iter().map(|row| row.delivered)),
            maybe_whole(rows.iter().map(|row| row.answered)),
            number(rows.iter().map(|row| row.answer_rate)),
            number(rows.iter().map(|row| row.ci_low)),
            number(rows.iter().map(|row| row.ci_high)),
            number(rows.iter().map(|row| row.ci_level)),
            number(rows.iter().map(|row| row.cost)),
            maybe_whole(rows.iter().map(|row| row.buyers)),
            number(rows.iter().map(|row| row.revenue)),
            text(rows.iter().map(|row| &row.revenue_by)),
            number(rows.iter().map(|row| row.margin)),
            number(rows.iter().map(|row| row.profit)),
            number(rows.iter().map(|row| row.roi)),
            number(rows.iter().map(|row| row.roas)),
            maybe_text(rows.iter().map(|row| row.currency.as_ref())),
            maybe_text(rows.iter().map(|row| row.reason.as_ref())),
        ],
    )
}
