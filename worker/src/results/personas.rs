//! `personas.parquet`: what is typical of some segments, claim by claim.

use super::{
    batches::{batch, maybe_text, maybe_whole, number, text, whole},
    schemas::{optional, required, table},
};
use arrow::{
    array::{BooleanArray, RecordBatch},
    datatypes::{DataType, SchemaRef},
};
use segmenter_proto::Result;
use std::sync::Arc;

/// One row of `personas.parquet`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PersonaRow {
    /// Number of the persona, from 1.
    pub persona_id: i64,
    /// What it is called.
    pub persona: String,
    /// `in_sample`.
    pub basis: String,
    /// Name of the segmentation.
    pub segmentation: String,
    /// Keys of its segments, with commas between.
    pub segment_keys: String,
    /// Number of the claim, from 1.
    pub claim_id: i64,
    /// `size`, `value`, `number`, `level`, `channel`, `buys`, `typical` or `note`.
    pub claim: String,
    /// The feature that is spoken of.
    pub feature: Option<String>,
    /// `<=`, `>` or `=`.
    pub comparison: Option<String>,
    /// What a number is compared with; of a typical customer the rounded median.
    pub value: Option<f64>,
    /// The level that a category has.
    pub level: Option<String>,
    /// Customers of the persona of whom it is true.
    pub n: Option<i64>,
    /// Customers of the persona of whom it is known.
    pub known: Option<i64>,
    /// `n` / `known`.
    pub share: Option<f64>,
    /// The same share of all customers.
    pub baseline: Option<f64>,
    /// `share` / `baseline`.
    pub lift: Option<f64>,
    /// The rounded median of all customers, of a typical customer.
    pub population_value: Option<f64>,
    /// Whether the segmentation was given the feature.
    pub is_input: Option<bool>,
    /// The claim in words.
    pub sentence: String,
    /// Why there is no claim.
    pub reason: Option<String>,
}

/// Gives the columns of `personas.parquet`: one row a persona and claim.
pub fn personas_schema() -> SchemaRef {
    table(vec![
        required("persona_id", DataType::Int64),
        required("persona", DataType::Utf8),
        required("basis", DataType::Utf8),
        required("segmentation", DataType::Utf8),
        required("segment_keys", DataType::Utf8),
        required("claim_id", DataType::Int64),
        required("claim", DataType::Utf8),
        optional("feature", DataType::Utf8),
        optional("comparison", DataType::Utf8),
        optional("value", DataType::Float64),
        optional("level", DataType::Utf8),
        optional("n", DataType::Int64),
        optional("known", DataType::Int64),
        optional("share", DataType::Float64),
        optional("baseline", DataType::Float64),
        optional("lift", DataType::Float64),
        optional("population_value", DataType::Float64),
        optional("is_input", DataType::Boolean),
        required("sentence", DataType::Utf8),
        optional("reason", DataType::Utf8),
    ])
}

/// Gives the rows of `personas.parquet`, in the order given.
pub fn personas_batch(rows: &[PersonaRow]) -> Result<RecordBatch> {
    batch(
        personas_schema(),
        vec![
            whole(rows.iter().map(|row| row.persona_id)),
            text(rows.iter().map(|row| &row.persona)),
            text(rows.iter().map(|row| &row.basis)),
            text(rows.iter().map(|row| &row.segmentation)),
            text(rows.iter().map(|row| &row.segment_keys)),
            whole(rows.iter().map(|row| row.claim_id)),
            text(rows.iter().map(|row| &row.claim)),
            maybe_text(rows.iter().map(|row| row.feature.as_ref())),
            maybe_text(rows.iter().map(|row| row.comparison.as_ref())),
            number(rows.iter().map(|row| row.value)),
            maybe_text(rows.iter().map(|row| row.level.as_ref())),
            maybe_whole(rows.iter().map(|row| row.n)),
            maybe_whole(rows.iter().map(|row| row.known)),
            number(rows.iter().map(|row| row.share)),
            number(rows.iter().map(|row| row.baseline)),
            number(rows.iter().map(|row| row.lift)),
            number(rows.iter().map(|row| row.population_value)),
            Arc::new(rows.iter().map(|row| row.is_input).collect::<BooleanArray>()),
            text(rows.iter().map(|row| &row.sentence)),
            maybe_text(rows.iter().map(|row| row.reason.as_ref())),
        ],
    )
}
