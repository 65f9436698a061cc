//! Boolean rules: the first that holds decides.

use super::build::Labels;
use crate::{
    expression::{Scalar, Settings},
    spec::RunSpec,
};
use arrow::array::{Array, BooleanArray, RecordBatch};
use segmenter_proto::{
    Error, Result,
    models::{OTHER, RulesModel, SegmentationModel},
};

/// Gives each customer the first rule that is true; null is false, nobody's are `other`.
pub(super) fn apply(spec: &RunSpec, table: &RecordBatch, model: &RulesModel) -> Result<Labels> {
    let segments = SegmentationModel::Rules(model.clone()).segments();
    let id_of = |key: &str| segments.iter().position(|segment| segment.key == key).unwrap_or_default() as u32;
    let mut of: Vec<Option<u32>> = vec![None; table.num_rows()];
    for rule in &model.rules {
        let id = id_of(&rule.key);
        let what = format!("segmentation {}: rule {}", model.segmentation, rule.key);
        let holds = predicate(spec, table, &rule.when, &what)?;
        for (row, segment) in of.iter_mut().enumerate().filter(|(_, segment)| segment.is_none()) {
            if holds.is_valid(row) && holds.value(row) {
                *segment = Some(id);
            }
        }
    }
    let other = id_of(OTHER);
    Ok(Labels {
        of: of.into_iter().map(|segment| segment.unwrap_or(other)).collect(),
        segments,
        memberships: None,
        noted: Vec::new(),
    })
}

/// Evaluates a condition over a frame; `what` names it in errors.
pub(super) fn predicate(spec: &RunSpec, table: &RecordBatch, sql: &str, what: &str) -> Result<BooleanArray> {
    let settings = Settings::new(&spec.job.timezone)?;
    let named = |error: Error| Error { message: format!("{what}: {}", error.message), ..error };
    let condition = Scalar::parse_condition(sql, &table.schema(), &settings).map_err(|error| named(error.into()))?;
    Ok(condition.evaluate_condition(table).map_err(named)?.0)
}
