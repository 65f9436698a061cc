//! Who is in the scope of a k-means segmentation, and the nearest centroid of those who are.

use super::{
    build::{Labels, column},
    rules::predicate,
};
use crate::{
    features::ORDERS,
    results::Membership,
    segmentation::{
        kmeans::{RowAssignment, assign_rows, matrix_of},
        transform::{FeatureColumn, feature_column, feature_values},
    },
    spec::RunSpec,
};
use arrow::{
    array::{Array, BooleanArray, Float64Array, RecordBatch},
    compute::filter,
};
use segmenter_proto::{
    Error, Result,
    jobs::{KmeansMethod, Method},
    models::{KmeansModel, NO_PURCHASES, OUT_OF_SCOPE, SegmentationModel},
};

/// Gives which customers a segmentation looks at. Of kmeans: those that `where` holds for; without one, those with a
/// purchase in the window of a preset whose features are used, or in all history where no preset is. Of rfm: those with
/// a purchase in the window of its preset. Of rules: everybody.
///
/// # Errors
/// When `where` is not true or false: Job.
pub fn in_scope(spec: &RunSpec, table: &RecordBatch, segmentation: usize) -> Result<Vec<bool>> {
    let own = spec.job.segmentations.get(segmentation).ok_or_else(|| Error::bug("there is no such segmentation"))?;
    let counts = match &own.method {
        Method::Rules(_) => return Ok(vec![true; table.num_rows()]),
        Method::Rfm(method) => vec![values(table, &method.frequency)?],
        Method::Kmeans(KmeansMethod { filter: Some(filter), .. }) => {
            let holds = predicate(spec, table, filter, &format!("segmentation {}: where", own.name))?;
            return Ok(holds.iter().map(|holds| holds == Some(true)).collect());
        }
        Method::Kmeans(method) => orders_of_presets(spec, table, &method.features)?,
    };
    Ok((0..table.num_rows())
        .map(|row| counts.iter().any(|counts| counts.is_valid(row) && counts.value(row) > 0.0))
        .collect())
}

/// The order counts of the presets that the features belong to, or of all history.
fn orders_of_presets(spec: &RunSpec, table: &RecordBatch, features: &[String]) -> Result<Vec<Float64Array>> {
    let mut counts = Vec::new();
    for preset in &spec.job.features.presets {
        let of_preset = |feature: &String| {
            crate::features::family(&preset.name).is_some_and(|family| {
                family.fields().iter().any(|field| format!("{}{}", field.name(), preset.suffix) == *feature)
            })
        };
        if features.iter().any(of_preset) {
            counts.push(values(table, &format!("frequency{}", preset.suffix))?);
        }
    }
    if counts.is_empty() {
        counts.push(values(table, ORDERS)?);
    }
    Ok(counts)
}

fn values(table: &RecordBatch, name: &str) -> Result<Float64Array> {
    feature_values(name, column(table, name)?)
}

/// Gives the nearest cluster of each customer in scope.
pub(super) fn assign(spec: &RunSpec, table: &RecordBatch, at: usize, model: &KmeansModel) -> Result<Labels> {
    let inside = in_scope(spec, table, at)?;
    let segments = SegmentationModel::Kmeans(model.clone()).segments();
    let id_of = |key: &str| segments.iter().position(|segment| segment.key == key).unwrap_or_default() as u32;
    let rest = id_of(if model.filter.is_some() { OUT_OF_SCOPE } else { NO_PURCHASES });
    let clusters: Vec<u32> = model.clusters.iter().map(|cluster| id_of(&cluster.key)).collect();
    let mask = BooleanArray::from(inside.clone());
    let columns: Vec<FeatureColumn> = model
        .features
        .iter()
        .map(|feature| {
            let kept = filter(column(table, feature.name())?, &mask)
                .map_err(|error| Error::bug("a scope could not be cut out").caused_by(error))?;
            feature_column(feature.name(), &kept)
        })
        .collect::<Result<_>>()?;
    let (matrix, _) = matrix_of(&model.features, &columns)?;
    let mut assigned = assign_rows(model, &matrix)?.into_iter();
    let mut of = Vec::with_capacity(inside.len());
    let mut memberships = Vec::with_capacity(inside.len());
    for inside in inside {
        let found = if inside { assigned.next() } else { None };
        of.push(found.map_or(rest, |found| clusters[found.cluster as usize]));
        let membership = |found: RowAssignment| Membership {
            distance: Some(found.distance),
            margin: Some(found.margin),
            outlier_score: model.outlier_score(found.cluster as usize, found.distance),
            ..Membership::default()
        };
        memberships.push(found.map(membership).unwrap_or_default());
    }
    Ok(Labels { segments, of, memberships: Some(memberships) })
}
