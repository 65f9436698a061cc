//! `map.parquet` and `map_axes.parquet`: where the customers of clusters lie on the plane in which they differ most.

use super::{
    batches::{batch, maybe_text, maybe_whole, number, text},
    schemas::{optional, required, table},
};
use arrow::{
    array::{Int32Array, RecordBatch},
    datatypes::{DataType, SchemaRef},
};
use segmenter_proto::Result;
use std::sync::Arc;

/// One row of `map.parquet`.
#[derive(Debug, Clone, PartialEq)]
pub struct MapRow {
    /// Name of the segmentation.
    pub segmentation: String,
    /// Key of the segment; none where there is no map.
    pub segment_key: Option<String>,
    /// Centre of the hexagon, in standard deviations of the first axis; none of customers whose hexagon is not shown.
    pub x: Option<f64>,
    /// The same along the second axis.
    pub y: Option<f64>,
    /// Customers of the segment there.
    pub customers: Option<i64>,
    /// Why cells are null.
    pub reason: Option<String>,
}

/// One row of `map_axes.parquet`.
#[derive(Debug, Clone, PartialEq)]
pub struct MapAxisRow {
    /// Name of the segmentation.
    pub segmentation: String,
    /// 1: from left to right; 2: upwards.
    pub axis: i32,
    /// Share of all variance that lies along it.
    pub variance_share: f64,
    /// Standard deviation of customers along it, in scaled space.
    pub deviation: f64,
    /// Customers farther out than the map reaches, who are laid at its border; none of few.
    pub beyond: Option<i64>,
    /// The feature.
    pub feature: String,
    /// The level; none of a number.
    pub level: Option<String>,
    /// How much of the axis it is: −1 to 1; squares of all add up to 1.
    pub loading: f64,
}

/// Gives the columns of `map.parquet`: one row a segmentation, hexagon and segment, and one a segment of who is not shown.
pub fn map_schema() -> SchemaRef {
    table(vec![
        required("segmentation", DataType::Utf8),
        optional("segment_key", DataType::Utf8),
        optional("x", DataType::Float64),
        optional("y", DataType::Float64),
        optional("customers", DataType::Int64),
        optional("reason", DataType::Utf8),
    ])
}

/// Gives the rows of `map.parquet`, in the order given.
pub fn map_batch(rows: &[MapRow]) -> Result<RecordBatch> {
    batch(
        map_schema(),
        vec![
            text(rows.iter().map(|row| &row.segmentation)),
            maybe_text(rows.iter().map(|row| row.segment_key.as_ref())),
            number(rows.iter().map(|row| row.x)),
            number(rows.iter().map(|row| row.y)),
            maybe_whole(rows.iter().map(|row| row.customers)),
            maybe_text(rows.iter().map(|row| row.reason.as_ref())),
        ],
    )
}

/// Gives the columns of `map_axes.parquet`: one row a segmentation, axis, and feature or level.
pub fn map_axes_schema() -> SchemaRef {
    table(vec![
        required("segmentation", DataType::Utf8),
        required("axis", DataType::Int32),
        required("variance_share", DataType::Float64),
        required("deviation", DataType::Float64),
        optional("beyond", DataType::Int64),
        required("feature", DataType::Utf8),
        optional("level", DataType::Utf8),
        required("loading", DataType::Float64),
    ])
}

/// Gives the rows of `map_axes.parquet`, in the order given.
pub fn map_axes_batch(rows: &[MapAxisRow]) -> Result<RecordBatch> {
    batch(
        map_axes_schema(),
        vec![
            text(rows.iter().map(|row| &row.segmentation)),
            Arc::new(Int32Array::from_iter_values(rows.iter().map(|row| row.axis))),
            number(rows.iter().map(|row| Some(row.variance_share))),
            number(rows.iter().map(|row| Some(row.deviation))),
            maybe_whole(rows.iter().map(|row| row.beyond)),
            text(rows.iter().map(|row| &row.feature)),
            maybe_text(rows.iter().map(|row| row.level.as_ref())),
            number(rows.iter().map(|row| Some(row.loading))),
        ],
    )
}
