//! What all methods of clusters share: the matrix of those in scope, and labels for them and for the others.

use super::Customers;
use crate::{
    frame::{Labels, column, in_scope},
    notes::{Note, Noted},
    results::Membership,
    segmentation::{
        kmeans::{Matrix, matrix_of},
        transform::{FeatureColumn, feature_column},
    },
};
use arrow::{array::BooleanArray, compute::filter};
use segmenter_proto::{Error, Result, methods::SegmentName, models::FeatureModel, v1};

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
pub(super) fn matrix_in_scope(customers: Customers<'_>, features: &[FeatureModel]) -> Result<InScope> {
    let Customers { spec, table, at } = customers;
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
    Labels { memberships: Some(memberships), ..Labels::plain(segments, of) }
}
