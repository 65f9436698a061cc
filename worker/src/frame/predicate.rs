//! Conditions over a frame.

use crate::{
    expression::{Scalar, Settings},
    spec::RunSpec,
};
use arrow::array::{BooleanArray, RecordBatch};
use segmenter_proto::{Error, Result};

/// Evaluates a condition over a frame; `what` names it in errors.
pub(super) fn predicate(spec: &RunSpec, table: &RecordBatch, sql: &str, what: &str) -> Result<BooleanArray> {
    let settings = Settings::new(&spec.job.timezone)?;
    let named = |error: Error| Error { message: format!("{what}: {}", error.message), ..error };
    let condition = Scalar::parse_condition(sql, &table.schema(), &settings).map_err(|error| named(error.into()))?;
    Ok(condition.evaluate_condition(table).map_err(named)?.0)
}
