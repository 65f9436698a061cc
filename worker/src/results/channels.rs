//! `channels.parquet`: which channels the customers of a segment answer by.

use super::{
    batches::{batch, maybe_text, maybe_whole, number, text},
    schemas::{optional, required, table},
};
use arrow::{
    array::RecordBatch,
    datatypes::{DataType, SchemaRef},
};
use segmenter_proto::Result;

/// One row of `channels.parquet`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ChannelRow {
    /// Name of the segmentation.
    pub segmentation: String,
    /// Key of the segment; none: the population.
    pub segment_key: Option<String>,
    /// `in_sample` or `outcome`.
    pub basis: String,
    /// The channel; none of messages that name none, and of channels that are not shown.
    pub channel: Option<String>,
    /// 1 is the channel by which most answer of those who agreed to it.
    pub rank: Option<i64>,
    /// Customers whose consents let them be written to by it.
    pub reachable: Option<i64>,
    /// Customers to whom something was delivered by it.
    pub customers: Option<i64>,
    /// Customers to whom something was delivered without consent: they are in no other figure.
    pub without_consent: Option<i64>,
    /// Messages sent.
    pub sent: Option<i64>,
    /// Messages delivered.
    pub delivered: Option<i64>,
    /// Messages opened.
    pub opened: Option<i64>,
    /// Messages clicked.
    pub clicked: Option<i64>,
    /// Messages that led to what they were for.
    pub converted: Option<i64>,
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
    /// Customers who unsubscribed.
    pub unsubscribed: Option<i64>,
    /// Customers who complained.
    pub complained: Option<i64>,
    /// Why cells are null.
    pub reason: Option<String>,
}

/// Gives the columns of `channels.parquet`: one row a segmentation, segment, basis and channel.
pub fn channels_schema() -> SchemaRef {
    table(vec![
        required("segmentation", DataType::Utf8),
        optional("segment_key", DataType::Utf8),
        required("basis", DataType::Utf8),
        optional("channel", DataType::Utf8),
        optional("rank", DataType::Int64),
        optional("reachable", DataType::Int64),
        optional("customers", DataType::Int64),
        optional("without_consent", DataType::Int64),
        optional("sent", DataType::Int64),
        optional("delivered", DataType::Int64),
        optional("opened", DataType::Int64),
        optional("clicked", DataType::Int64),
        optional("converted", DataType::Int64),
        optional("answered", DataType::Int64),
        optional("answer_rate", DataType::Float64),
        optional("ci_low", DataType::Float64),
        optional("ci_high", DataType::Float64),
        optional("ci_level", DataType::Float64),
        optional("unsubscribed", DataType::Int64),
        optional("complained", DataType::Int64),
        optional("reason", DataType::Utf8),
    ])
}

/// Gives the rows of `channels.parquet`, in the order given.
pub fn channels_batch(rows: &[ChannelRow]) -> Result<RecordBatch> {
    batch(
        channels_schema(),
        vec![
            text(rows.iter().map(|row| &row.segmentation)),
            maybe_text(rows.iter().map(|row| row.segment_key.as_ref())),
            text(rows.iter().map(|row| &row.basis)),
            maybe_text(rows.iter().map(|row| row.channel.as_ref())),
            maybe_whole(rows.iter().map(|row| row.rank)),
            maybe_whole(rows.iter().map(|row| row.reachable)),
            maybe_whole(rows.iter().map(|row| row.customers)),
            maybe_whole(rows.iter().map(|row| row.without_consent)),
            maybe_whole(rows.iter().map(|row| row.sent)),
            maybe_whole(rows.iter().map(|row| row.delivered)),
            maybe_whole(rows.iter().map(|row| row.opened)),
            maybe_whole(rows.iter().map(|row| row.clicked)),
            maybe_whole(rows.iter().map(|row| row.converted)),
            maybe_whole(rows.iter().map(|row| row.answered)),
            number(rows.iter().map(|row| row.answer_rate)),
            number(rows.iter().map(|row| row.ci_low)),
            number(rows.iter().map(|row| row.ci_high)),
            number(rows.iter().map(|row| row.ci_level)),
            maybe_whole(rows.iter().map(|row| row.unsubscribed)),
            maybe_whole(rows.iter().map(|row| row.complained)),
            maybe_text(rows.iter().map(|row| row.reason.as_ref())),
        ],
    )
}
