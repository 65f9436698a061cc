//! `contacts.parquet`: how many messages customers get, and when they answer them.

use super::{
    batches::{batch, maybe_text, maybe_truth, maybe_whole, number, text},
    schemas::{optional, required, table},
};
use arrow::{
    array::RecordBatch,
    datatypes::{DataType, SchemaRef},
};
use segmenter_proto::Result;

/// One row of `contacts.parquet`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ContactRow {
    /// Name of the segmentation.
    pub segmentation: String,
    /// Key of the segment; none: the population.
    pub segment_key: Option<String>,
    /// `in_sample` or `outcome`.
    pub basis: String,
    /// `contacts`, `over_cap`, `weekday` or `hour`.
    pub measure: String,
    /// Number of messages, what is too many, day of the week or hour.
    pub level: String,
    /// Customers of it.
    pub customers: Option<i64>,
    /// customers / all of the segment; of contacts.
    pub share: Option<f64>,
    /// Messages delivered; of times.
    pub delivered: Option<i64>,
    /// Messages clicked or converted; of times.
    pub answered: Option<i64>,
    /// Customers who unsubscribed; of contacts.
    pub unsubscribed: Option<i64>,
    /// unsubscribed / customers of contacts, answered / delivered of times.
    pub rate: Option<f64>,
    /// Lower end of its interval.
    pub ci_low: Option<f64>,
    /// Upper end of it.
    pub ci_high: Option<f64>,
    /// Level of the interval.
    pub ci_level: Option<f64>,
    /// The rate drawn towards that of all times, as far as times differ by no more than chance; of times.
    pub shrunk: Option<f64>,
    /// Whether it is answered more than at all other times beyond chance; of times.
    pub is_best: Option<bool>,
    /// Why cells are null.
    pub reason: Option<String>,
}

/// Gives the columns of `contacts.parquet`: one row a segmentation, segment, basis, measure and level.
pub fn contacts_schema() -> SchemaRef {
    table(vec![
        required("segmentation", DataType::Utf8),
        optional("segment_key", DataType::Utf8),
        required("basis", DataType::Utf8),
        required("measure", DataType::Utf8),
        required("level", DataType::Utf8),
        optional("customers", DataType::Int64),
        optional("share", DataType::Float64),
        optional("delivered", DataType::Int64),
        optional("answered", DataType::Int64),
        optional("unsubscribed", DataType::Int64),
        optional("rate", DataType::Float64),
        optional("ci_low", DataType::Float64),
        optional("ci_high", DataType::Float64),
        optional("ci_level", DataType::Float64),
        optional("shrunk", DataType::Float64),
        optional("is_best", DataType::Boolean),
        optional("reason", DataType::Utf8),
    ])
}

/// Gives the rows of `contacts.parquet`, in the order given.
pub fn contacts_batch(rows: &[ContactRow]) -> Result<RecordBatch> {
    batch(
        contacts_schema(),
        vec![
            text(rows.iter().map(|row| &row.segmentation)),
            maybe_text(rows.iter().map(|row| row.segment_key.as_ref())),
            text(rows.iter().map(|row| &row.basis)),
            text(rows.iter().map(|row| &row.measure)),
            text(rows.iter().map(|row| &row.level)),
            maybe_whole(rows.iter().map(|row| row.customers)),
            number(rows.iter().map(|row| row.share)),
            maybe_whole(rows.iter().map(|row| row.delivered)),
            maybe_whole(rows.iter().map(|row| row.answered)),
            maybe_whole(rows.iter().map(|row| row.unsubscribed)),
            number(rows.iter().map(|row| row.rate)),
            number(rows.iter().map(|row| row.ci_low)),
            number(rows.iter().map(|row| row.ci_high)),
            number(rows.iter().map(|row| row.ci_level)),
            number(rows.iter().map(|row| row.shrunk)),
            maybe_truth(rows.iter().map(|row| row.is_best)),
            maybe_text(rows.iter().map(|row| row.reason.as_ref())),
        ],
    )
}
