//! `repeat_curve.parquet`: how long it takes until customers buy again.

use super::{
    batches::{batch, maybe_text, maybe_whole, number, text, whole},
    schemas::{optional, required, table},
};
use arrow::{
    array::RecordBatch,
    datatypes::{DataType, SchemaRef},
};
use segmenter_proto::Result;

/// One row of `repeat_curve.parquet`.
#[derive(Debug, Clone, PartialEq)]
pub struct RepeatCurveRow {
    /// Name of the segmentation.
    pub segmentation: String,
    /// Key of the segment; none: the population.
    pub segment_key: Option<String>,
    /// `in_sample` or `outcome`.
    pub basis: String,
    /// `gaps` between orders, or days to the `first_purchase` from `as_of` on.
    pub curve: String,
    /// The day, from 1.
    pub day: i64,
    /// Times that last until this day at least.
    pub at_risk: i64,
    /// Those that end on it.
    pub events: Option<i64>,
    /// Those of which nothing more is known.
    pub censored: Option<i64>,
    /// The share that lasts longer.
    pub not_yet: Option<f64>,
    /// 1 − `not_yet`.
    pub bought: Option<f64>,
    /// Lower end of the interval of `not_yet`.
    pub ci_low: Option<f64>,
    /// Upper end of it.
    pub ci_high: Option<f64>,
    /// Level of the interval.
    pub ci_level: Option<f64>,
    /// The first day on which half have bought, the same in all rows of a curve.
    pub median_days: Option<i64>,
    /// Why cells are null.
    pub reason: Option<String>,
}

/// Gives the columns of `repeat_curve.parquet`: one row a segmentation, segment, basis and day.
pub fn repeat_curve_schema() -> SchemaRef {
    table(vec![
        required("segmentation", DataType::Utf8),
        optional("segment_key", DataType::Utf8),
        required("basis", DataType::Utf8),
        required("curve", DataType::Utf8),
        required("day", DataType::Int64),
        required("at_risk", DataType::Int64),
        optional("events", DataType::Int64),
        optional("censored", DataType::Int64),
        optional("not_yet", DataType::Float64),
        optional("bought", DataType::Float64),
        optional("ci_low", DataType::Float64),
        optional("ci_high", DataType::Float64),
        optional("ci_level", DataType::Float64),
        optional("median_days", DataType::Int64),
        optional("reason", DataType::Utf8),
    ])
}

/// Gives the rows of `repeat_curve.parquet`, in the order given.
pub fn repeat_curve_batch(rows: &[RepeatCurveRow]) -> Result<RecordBatch> {
    batch(
        repeat_curve_schema(),
        vec![
            text(rows.iter().map(|row| &row.segmentation)),
            maybe_text(rows.iter().map(|row| row.segment_key.as_ref())),
            text(rows.iter().map(|row| &row.basis)),
            text(rows.iter().map(|row| &row.curve)),
            whole(rows.iter().map(|row| row.day)),
            whole(rows.iter().map(|row| row.at_risk)),
            maybe_whole(rows.iter().map(|row| row.events)),
            maybe_whole(rows.iter().map(|row| row.censored)),
            number(rows.iter().map(|row| row.not_yet)),
            number(rows.iter().map(|row| row.bought)),
            number(rows.iter().map(|row| row.ci_low)),
            number(rows.iter().map(|row| row.ci_high)),
            number(rows.iter().map(|row| row.ci_level)),
            maybe_whole(rows.iter().map(|row| row.median_days)),
            maybe_text(rows.iter().map(|row| row.reason.as_ref())),
        ],
    )
}
