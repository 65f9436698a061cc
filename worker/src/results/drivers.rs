//! `drivers.parquet`: what goes with the segments, and with what customers do in the outcome window.

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

/// One row of `drivers.parquet`.
#[derive(Debug, Clone, PartialEq)]
pub struct DriverRow {
    /// Name of the segmentation whose segments are told apart; none of an outcome.
    pub segmentation: Option<String>,
    /// What is told apart: `segments`, or a metric of the outcome window.
    pub target: String,
    /// `in_sample` or `outcome`.
    pub basis: String,
    /// Name of the feature, or of the segmentation.
    pub driver: String,
    /// `number`, `category` or `segmentation`.
    pub driver_kind: String,
    /// `eta_squared` or `cramers_v`.
    pub measure: String,
    /// Its value.
    pub value: Option<f64>,
    /// The same less what chance alone would give.
    pub adjusted: Option<f64>,
    /// Groups of customers that are compared.
    pub groups: Option<i64>,
    /// Customers with a value.
    pub n: i64,
    /// 1: the strongest of its target and segmentation.
    pub rank: Option<i64>,
    /// Whether the segmentation was given it; none of an outcome.
    pub is_input: Option<bool>,
    /// Whether groups that say nothing would give as much.
    pub p_value: Option<f64>,
    /// Benjamini–Hochberg over all p-values of the target.
    pub q_value: Option<f64>,
    /// How many p-values these are.
    pub tests: Option<i64>,
    /// Why cells are null.
    pub reason: Option<String>,
}

/// Gives the columns of `drivers.parquet`: one row a target, segmentation and driver.
pub fn drivers_schema() -> SchemaRef {
    table(vec![
        optional("segmentation", DataType::Utf8),
        required("target", DataType::Utf8),
        required("basis", DataType::Utf8),
        required("driver", DataType::Utf8),
        required("driver_kind", DataType::Utf8),
        required("measure", DataType::Utf8),
        optional("value", DataType::Float64),
        optional("adjusted", DataType::Float64),
        optional("groups", DataType::Int64),
        required("n", DataType::Int64),
        optional("rank", DataType::Int64),
        optional("is_input", DataType::Boolean),
        optional("p_value", DataType::Float64),
        optional("q_value", DataType::Float64),
        optional("tests", DataType::Int64),
        optional("reason", DataType::Utf8),
    ])
}

/// Gives the rows of `drivers.parquet`, in the order given.
pub fn drivers_batch(rows: &[DriverRow]) -> Result<RecordBatch> {
    batch(
        drivers_schema(),
        vec![
            maybe_text(rows.iter().map(|row| row.segmentation.as_ref())),
            text(rows.iter().map(|row| &row.target)),
            text(rows.iter().map(|row| &row.basis)),
            text(rows.iter().map(|row| &row.driver)),
            text(rows.iter().map(|row| &row.driver_kind)),
            text(rows.iter().map(|row| &row.measure)),
            number(rows.iter().map(|row| row.value)),
            number(rows.iter().map(|row| row.adjusted)),
            maybe_whole(rows.iter().map(|row| row.groups)),
            whole(rows.iter().map(|row| row.n)),
            maybe_whole(rows.iter().map(|row| row.rank)),
            Arc::new(rows.iter().map(|row| row.is_input).collect::<BooleanArray>()),
            number(rows.iter().map(|row| row.p_value)),
            number(rows.iter().map(|row| row.q_value)),
            maybe_whole(rows.iter().map(|row| row.tests)),
            maybe_text(rows.iter().map(|row| row.reason.as_ref())),
        ],
    )
}
