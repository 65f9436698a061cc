//! `recommendations/`: what is recommended to whom, and why.

use super::{
    batches::{batch, number, text, whole},
    schemas::{required, table},
};
use arrow::{
    array::{Int32Array, RecordBatch},
    datatypes::{DataType, SchemaRef},
};
use segmenter_proto::Result;
use std::sync::Arc;

/// One row of `recommendations/`.
#[derive(Debug, Clone, PartialEq)]
pub struct RecommendationRow<'a> {
    /// The customer's id.
    pub customer_id: &'a str,
    /// Place among those of the customer, from 1.
    pub rank: i32,
    /// What is recommended.
    pub item: &'a str,
    /// What led to it.
    pub because_item: &'a str,
    /// `bought` or `wished`: what the customer did with that.
    pub because_it_was: &'static str,
    /// The share of those with that who have the item.
    pub confidence: f64,
    /// How many times as many as of all.
    pub lift: f64,
    /// Baskets or customers with both.
    pub n_both: i64,
    /// Why, for people.
    pub reason: String,
}

/// Gives the columns of `recommendations/`: one row each who is segmented and rank, sorted by both.
pub fn recommendations_schema(id: &str) -> SchemaRef {
    table(vec![
        required(id, DataType::Utf8),
        required("rank", DataType::Int32),
        required("item", DataType::Utf8),
        required("because_item", DataType::Utf8),
        required("because_it_was", DataType::Utf8),
        required("confidence", DataType::Float64),
        required("lift", DataType::Float64),
        required("n_both", DataType::Int64),
        required("reason", DataType::Utf8),
    ])
}

/// Gives rows of `recommendations/`, in the order given; the column of the ids is named `id`.
pub fn recommendations_batch(id: &str, rows: &[RecommendationRow<'_>]) -> Result<RecordBatch> {
    batch(
        recommendations_schema(id),
        vec![
            text(rows.iter().map(|row| row.customer_id)),
            Arc::new(Int32Array::from_iter_values(rows.iter().map(|row| row.rank))),
            text(rows.iter().map(|row| row.item)),
            text(rows.iter().map(|row| row.because_item)),
            text(rows.iter().map(|row| row.because_it_was)),
            number(rows.iter().map(|row| Some(row.confidence))),
            number(rows.iter().map(|row| Some(row.lift))),
            whole(rows.iter().map(|row| row.n_both)),
            text(rows.iter().map(|row| row.reason.as_str())),
        ],
    )
}
