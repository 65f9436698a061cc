//! The most probable component of each customer in the scope of a mixture.

use super::{
    build::Labels,
    clusters::{InScope, labels, matrix_in_scope},
};
use crate::{results::Membership, segmentation::mixture::assign_components, spec::RunSpec};
use arrow::array::RecordBatch;
use segmenter_proto::{
    Result,
    models::{MixtureModel, SegmentationModel, rest_key},
};

/// Gives the most probable component of each customer in scope.
pub(super) fn assign(spec: &RunSpec, table: &RecordBatch, at: usize, model: &MixtureModel) -> Result<Labels> {
    let InScope { inside, matrix, noted } = matrix_in_scope(spec, table, at, &model.features)?;
    let segments = SegmentationModel::Mixture(model.clone()).segments();
    let keys: Vec<&str> = model.components.iter().map(|component| component.key.as_str()).collect();
    let position = |key: &str| segments.iter().position(|segment| segment.key == key).unwrap_or_default() as u32;
    let positions: Vec<u32> = keys.iter().map(|key| position(key)).collect();
    let assigned = assign_components(model, &matrix)?.into_iter().map(|found| {
        let membership = Membership {
            distance: Some(found.distance),
            margin: Some(found.margin()),
            outlier_score: Some(found.outlier_score),
            probability: Some(found.probability),
            second: found.second.map(|(second, probability)| (positions[second], probability)),
        };
        (found.component, membership)
    });
    let assigned: Vec<(usize, Membership)> = assigned.collect();
    Ok(Labels { noted, ..labels(segments, &keys, rest_key(model.filter.is_some()), inside, assigned) })
}
