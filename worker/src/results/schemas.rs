//! The columns of every output table: names, types and nullability as the contract says, in its order.
//!
//! Columns may be added at the end, never moved: readers select by name.

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use std::sync::Arc;

/// Gives the columns of `assignments/<segmentation>/`: one row each who is segmented, sorted by `id`.
pub fn assignments_schema(id: &str) -> SchemaRef {
    table(vec![
        required(id, DataType::Utf8),
        required("segment_id", DataType::Int32),
        required("segment_key", DataType::Utf8),
        required("segment_name", DataType::Utf8),
        optional("distance", DataType::Float32),
        optional("margin", DataType::Float32),
        optional("outlier_score", DataType::Float32),
        optional("is_outlier", DataType::Boolean),
        optional("probability", DataType::Float32),
        optional("second_segment_key", DataType::Utf8),
        optional("second_probability", DataType::Float32),
    ])
}

/// Gives the columns of `identity/`: one row an id of a pair, sorted by `id`.
pub fn identity_schema() -> SchemaRef {
    table(vec![
        required("id", DataType::Utf8),
        required("canonical_id", DataType::Utf8),
        optional("reason", DataType::Utf8),
        required("status", DataType::Utf8),
    ])
}

/// Gives the columns of `membership/<segmentation>/`: one row each who is segmented and segment, sorted by both.
pub fn membership_schema(id: &str) -> SchemaRef {
    table(vec![
        required(id, DataType::Utf8),
        required("segment_id", DataType::Int32),
        required("segment_key", DataType::Utf8),
        required("segment_name", DataType::Utf8),
    ])
}

/// Gives the columns of `features/`: `id`, then every feature in original units, nullable.
pub fn features_schema(id: &str, features: impl IntoIterator<Item = (String, DataType)>) -> SchemaRef {
    let mut fields = vec![required(id, DataType::Utf8)];
    fields.extend(features.into_iter().map(|(name, data_type)| optional(&name, data_type)));
    table(fields)
}

/// Gives the columns of `segments.parquet`: one row a segment, empty ones too.
pub fn segments_schema() -> SchemaRef {
    table(vec![
        required("segmentation", DataType::Utf8),
        required("segment_id", DataType::Int32),
        required("segment_key", DataType::Utf8),
        required("segment_name", DataType::Utf8),
        required("customers", DataType::Int64),
        required("share", DataType::Float64),
        optional("parent", DataType::Utf8),
        optional("path", DataType::Utf8),
    ])
}

/// Gives the columns of `overlaps.parquet`: one row a pair of segments of which a customer can be in both.
pub fn overlaps_schema() -> SchemaRef {
    table(vec![
        required("segmentation", DataType::Utf8),
        required("segment_key", DataType::Utf8),
        required("other_segment_key", DataType::Utf8),
        required("customers", DataType::Int64),
        optional("share", DataType::Float64),
        optional("other_share", DataType::Float64),
        optional("jaccard", DataType::Float64),
    ])
}

/// Gives the columns of `profiles.parquet`: one row a segment and feature, or level of a category.
pub fn profiles_schema() -> SchemaRef {
    table(vec![
        required("segmentation", DataType::Utf8),
        required("segment_key", DataType::Utf8),
        required("feature", DataType::Utf8),
        optional("level", DataType::Utf8),
        required("n", DataType::Int64),
        required("nulls", DataType::Int64),
        optional("mean", DataType::Float64),
        optional("std", DataType::Float64),
        optional("p25", DataType::Float64),
        optional("p50", DataType::Float64),
        optional("p75", DataType::Float64),
        optional("population_mean", DataType::Float64),
        optional("z_score", DataType::Float64),
        optional("eta_squared", DataType::Float64),
    ])
}

/// Gives the columns of `effectiveness.parquet`: one row a segment and metric.
pub fn effectiveness_schema() -> SchemaRef {
    table(vec![
        required("segmentation", DataType::Utf8),
        required("segment_key", DataType::Utf8),
        required("metric", DataType::Utf8),
        required("basis", DataType::Utf8),
        optional("window_start", DataType::Date32),
        required("window_end", DataType::Date32),
        required("unit", DataType::Utf8),
        optional("currency", DataType::Utf8),
        optional("value", DataType::Float64),
        required("n", DataType::Int64),
        optional("ci_low", DataType::Float64),
        optional("ci_high", DataType::Float64),
        optional("ci_level", DataType::Float64),
        optional("rest_value", DataType::Float64),
        optional("population_value", DataType::Float64),
        optional("index", DataType::Float64),
        optional("lift", DataType::Float64),
        optional("p_value", DataType::Float64),
        optional("q_value", DataType::Float64),
        optional("tests", DataType::Int64),
        optional("reason", DataType::Utf8),
    ])
}

/// Gives the columns of `selection.parquet`: one row a number of clusters and metric, or cluster and metric.
pub fn selection_schema() -> SchemaRef {
    table(vec![
        required("segmentation", DataType::Utf8),
        required("k", DataType::Int32),
        required("metric", DataType::Utf8),
        optional("segment_key", DataType::Utf8),
        optional("value", DataType::Float64),
        optional("ci_low", DataType::Float64),
        optional("ci_high", DataType::Float64),
        required("n", DataType::Int64),
        required("scope", DataType::Utf8),
        required("chosen", DataType::Boolean),
        optional("reason", DataType::Utf8),
    ])
}

/// Gives the columns of `calibration.parquet`: one row a forecast and decile of it, and one of all.
pub fn calibration_schema() -> SchemaRef {
    table(vec![
        required("feature", DataType::Utf8),
        optional("decile", DataType::Int32),
        required("window_start", DataType::Date32),
        required("window_end", DataType::Date32),
        required("unit", DataType::Utf8),
        optional("currency", DataType::Utf8),
        required("n", DataType::Int64),
        required("left_out", DataType::Int64),
        optional("predicted", DataType::Float64),
        optional("actual", DataType::Float64),
        optional("mae", DataType::Float64),
        optional("error_share", DataType::Float64),
        optional("reason", DataType::Utf8),
    ])
}

/// Gives the columns of `quality.parquet`: one row a source and check.
///
/// `value` is what a limit is compared with: the share, or hours for `freshness_hours`, or rows for `rows_used`.
pub fn quality_schema() -> SchemaRef {
    table(vec![
        required("source", DataType::Utf8),
        required("check_name", DataType::Utf8),
        optional("column_name", DataType::Utf8),
        required("rows_checked", DataType::Int64),
        required("rows_failed", DataType::Int64),
        optional("failed_share", DataType::Float64),
        required("action", DataType::Utf8),
        optional("value", DataType::Float64),
        optional("limit", DataType::Float64),
    ])
}

/// Gives the columns of `quarantine/`: one row a rejected row.
pub fn quarantine_schema() -> SchemaRef {
    table(vec![
        required("source", DataType::Utf8),
        required("file", DataType::Utf8),
        required("row_number", DataType::Int64),
        optional("column_name", DataType::Utf8),
        required("reason_code", DataType::Utf8),
        required("reason", DataType::Utf8),
        optional("raw", DataType::Utf8),
    ])
}

pub(super) fn table(fields: Vec<Field>) -> SchemaRef {
    Arc::new(Schema::new(fields))
}

pub(super) fn required(name: &str, data_type: DataType) -> Field {
    Field::new(name, data_type, false)
}

pub(super) fn optional(name: &str, data_type: DataType) -> Field {
    Field::new(name, data_type, true)
}
