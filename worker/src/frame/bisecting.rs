//! The leaf of each customer in the scope of nested clusters.

use super::{
    build::Labels,
    clusters::{InScope, labels, matrix_in_scope},
};
use crate::{results::Membership, segmentation::bisecting::assign_leaves, spec::RunSpec};
use arrow::array::RecordBatch;
use segmenter_proto::{
    Result,
    models::{BisectingModel, SegmentationModel, rest_key},
};

/// Gives the leaf of each customer in scope.
pub(super) fn assign(spec: &RunSpec, table: &RecordBatch, at: usize, model: &BisectingModel) -> Result<Labels> {
    let InScope { inside, matrix, noted } = matrix_in_scope(spec, table, at, &model.features)?;
    let keys: Vec<&str> = model.leaves.iter().map(|leaf| leaf.key.as_str()).collect();
    let assigned = assign_leaves(model, &matrix)?.into_iter().map(|found| {
        let leaf = found.cluster as usize;
        let membership = Membership {
            distance: Some(found.distance),
            margin: Some(found.margin),
            outlier_score: model.leaves[leaf].outlier_score(found.distance),
            ..Membership::default()
        };
        (leaf, membership)
    });
    let segments = SegmentationModel::Bisecting(model.clone()).segments();
    Ok(Labels { noted, ..labels(segments, &keys, rest_key(model.filter.is_some()), inside, assigned) })
}
