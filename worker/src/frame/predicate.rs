//! Conditions and numbers over a frame.

use crate::{
    expression::{Scalar, Settings},
    segmentation::transform::feature_values,
    spec::RunSpec,
};
use arrow::array::{BooleanArray, Float64Array, RecordBatch};
use segmenter_proto::{Error, Result};

/// Evaluates a condition over a frame; `what` names it in errors.
pub(super) fn predicate(spec: &RunSpec, table: &RecordBatch, sql: &str, what: &str) -> Result<BooleanArray> {
    let settings = Settings::of(&spec.job)?;
    let named = |error: Error| Error { message: format!("{what}: {}", error.message), ..error };
    let condition = Scalar::parse_condition(sql, &table.schema(), &settings).map_err(|error| named(error.into()))?;
    Ok(condition.evaluate_condition(table).map_err(named)?.0)
}

/// Evaluates what gives a number of each customer over a frame, and says on how many it fails, where it is null; `what` names it in
/// errors.
///
/// # Errors
/// It gives no number, or does not fit the frame: Job.
pub fn numbers(spec: &RunSpec, table: &RecordBatch, sql: &str, what: &str) -> Result<(Float64Array, Vec<usize>)> {
    let settings = Settings::of(&spec.job)?;
    let named = |error: Error| Error { message: format!("{what}: {}", error.message), ..error };
    let scalar = Scalar::parse(sql, &table.schema(), &settings).map_err(|error| named(error.into()))?;
    let (values, errors) = scalar.evaluate_rows(table).map_err(named)?;
    Ok((feature_values(sql, &values)?, errors.into_iter().map(|error| error.row).collect()))
}
