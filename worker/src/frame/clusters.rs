//! Who is in the scope of clusters, and the nearest centroid of those who are.

use super::{
    build::{Labels, column},
    rules::predicate,
};
use crate::{
    expression::DerivedSyntax,
    features::{ORDERS, derived_features},
    notes::{Note, Noted},
    results::Membership,
    segmentation::{
        kmeans::{Matrix, assign_rows, matrix_of},
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
    jobs::{Method, SourceKind},
    models::{FeatureModel, KmeansModel, SegmentName, SegmentationModel, rest_key},
    v1,
};

/// Gives which customers a segmentation looks at. Of clusters: those that `where` holds for; without one, everybody
/// if all features are columns of the customers source, else those with a purchase in the window of a preset whose features are
/// used, or in all history where no preset is; a derived feature counts as those that it is made of. Of rfm: those with
/// a purchase in the window of its preset. Of rules: everybody.
///
/// # Errors
/// When `where` is not true or false: Job.
pub fn in_scope(spec: &RunSpec, table: &RecordBatch, segmentation: usize) -> Result<Vec<bool>> {
    let own = spec.job.segmentations.get(segmentation).ok_or_else(|| Error::bug("there is no such segmentation"))?;
    let counts = match (&own.method, own.method.matrix()) {
        (Method::Rfm(method), _) => vec![values(table, &method.frequency)?],
        (_, None) => return Ok(vec![true; table.num_rows()]),
        (_, Some(matrix)) => match matrix.filter {
            Some(filter) => {
                let holds = predicate(spec, table, filter, &format!("segmentation {}: where", own.name))?;
                return Ok(holds.iter().map(|holds| holds == Some(true)).collect());
            }
            None => {
                let made_of = made_of(spec, matrix.features)?;
                // Nobody lacks what no order tells.
                if made_of.iter().all(|name| is_attribute(spec, name)) {
                    return Ok(vec![true; table.num_rows()]);
                }
                orders_of_presets(spec, table, &made_of)?
            }
        },
    };
    Ok((0..table.num_rows())
        .map(|row| counts.iter().any(|counts| counts.is_valid(row) && counts.value(row) > 0.0))
        .collect())
}

/// Gives the features that some are made of, in the place of derived ones.
fn made_of(spec: &RunSpec, features: &[String]) -> Result<Vec<String>> {
    let derived = derived_features(&spec.job);
    let mut open: Vec<String> = features.to_vec();
    let mut found: Vec<String> = Vec::new();
    // A plan has no cycles.
    while let Some(name) = open.pop() {
        match derived.iter().find(|feature| feature.name == name) {
            Some(feature) => {
                open.extend(DerivedSyntax::parse(&feature.expression)?.names()?.into_iter().map(|(name, _)| name));
            }
            None => found.push(name),
        }
    }
    Ok(found)
}

/// Says whether a feature is a column of the customers source.
fn is_attribute(spec: &RunSpec, name: &str) -> bool {
    let mut customers = spec.job.sources.iter().filter(|source| source.kind == SourceKind::Customers);
    customers.any(|source| source.column(name).is_some())
}

/// The feature of a preset that counts orders.
const FREQUENCY: &str = "frequency";

/// The order counts of the presets that the features belong to, or of all history.
fn orders_of_presets(spec: &RunSpec, table: &RecordBatch, features: &[String]) -> Result<Vec<Float64Array>> {
    let mut counts = Vec::new();
    for preset in &spec.job.features.presets {
        let of_preset = |feature: &String| {
            crate::features::family(&preset.name).is_some_and(|family| {
                family.columns.iter().any(|column| column.name == FREQUENCY)
                    && family.columns.iter().any(|column| format!("{}{}", column.name, preset.suffix) == *feature)
            })
        };
        if features.iter().any(of_preset) {
            counts.push(values(table, &format!("{FREQUENCY}{}", preset.suffix))?);
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
    let InScope { inside, matrix, noted } = matrix_in_scope(spec, table, at, &model.features)?;
    let keys: Vec<&str> = model.clusters.iter().map(|cluster| cluster.key.as_str()).collect();
    let assigned = assign_rows(model, &matrix)?.into_iter().map(|found| {
        let membership = Membership {
            distance: Some(found.distance),
            margin: Some(found.margin),
            outlier_score: model.outlier_score(found.cluster as usize, found.distance),
            ..Membership::default()
        };
        (found.cluster as usize, membership)
    });
    let segments = SegmentationModel::Kmeans(model.clone()).segments();
    Ok(Labels { noted, ..labels(segments, &keys, rest_key(model.filter.is_some()), inside, assigned) })
}

/// Who is in the scope of a segmentation.
pub(super) struct InScope {
    /// One a customer.
    pub inside: Vec<bool>,
    /// Of those in scope.
    pub matrix: Matrix,
    /// What is to be noted of them, a feature.
    pub noted: Vec<Noted>,
}

/// Gives who is in the scope of a segmentation, and the matrix of those who are.
pub(super) fn matrix_in_scope(
    spec: &RunSpec,
    table: &RecordBatch,
    at: usize,
    features: &[FeatureModel],
) -> Result<InScope> {
    let inside = in_scope(spec, table, at)?;
    let mask = BooleanArray::from(inside.clone());
    let columns: Vec<FeatureColumn> = features
        .iter()
        .map(|feature| {
            let kept = filter(column(table, feature.name())?, &mask)
                .map_err(|error| Error::bug("a scope could not be cut out").caused_by(error))?;
            feature_column(feature.name(), &kept)
        })
        .collect::<Result<_>>()?;
    let (matrix, statistics) = matrix_of(features, &columns)?;
    Ok(InScope { inside, matrix, noted: noted(features, &statistics) })
}

/// What was counted on the way to the matrix, a feature and what can be said of its kind.
fn noted(features: &[FeatureModel], statistics: &v1::MatrixStatistics) -> Vec<Noted> {
    let v1::MatrixStatistics { rows, imputed, clipped, cut, other } = statistics;
    let of_feature = |(at, feature): (usize, &FeatureModel)| {
        let counts: &[(Note, &Vec<u64>)] = match feature {
            FeatureModel::Number(_) => {
                &[(Note::Imputed, imputed), (Note::BeyondCuts, cut), (Note::BeyondScale, clipped)]
            }
            FeatureModel::Category(_) => &[(Note::NoLevel, other)],
        };
        let noted = counts.iter().map(|(note, counts)| Noted {
            note: *note,
            column: Some(feature.name().to_owned()),
            count: counts.get(at).copied().unwrap_or_default(),
            checked: *rows,
            first: None,
        });
        noted.collect::<Vec<_>>()
    };
    features.iter().enumerate().flat_map(of_feature).collect()
}

/// Gives the labels of all customers; `assigned` has one of those in scope, a position in `keys` and what is known of them, and
/// `rest` is the key of the others.
pub(super) fn labels(
    segments: Vec<SegmentName>,
    keys: &[&str],
    rest: &str,
    inside: Vec<bool>,
    assigned: impl IntoIterator<Item = (usize, Membership)>,
) -> Labels {
    let id_of = |key: &str| segments.iter().position(|segment| segment.key == key).unwrap_or_default() as u32;
    let ids: Vec<u32> = keys.iter().map(|key| id_of(key)).collect();
    let rest = id_of(rest);
    let mut assigned = assigned.into_iter();
    let (of, memberships) = inside
        .into_iter()
        .map(|inside| match if inside { assigned.next() } else { None } {
            Some((key, membership)) => (ids[key], membership),
            None => (rest, Membership::default()),
        })
        .unzip();
    Labels { segments, of, memberships: Some(memberships), noted: Vec::new() }
}
