//! The features of a segmentation: how they come to the grid, where clusters stand in them, and what is told of them.

use super::Fit;
use crate::report::{Place, Standing};
use segmenter_proto::{
    Error, Result,
    methods::{ClusterSpace, Transform},
    models::{FeatureDimensions, FeatureModel, LevelShare, MISSING_LEVEL, OTHER_LEVEL, feature_dimensions},
};
use segmenter_worker::segmentation::transform::{FeatureKind, FeatureRequest, FeatureSolver, is_category};
use serde_json::Value;

/// Decides how the features of a segmentation come to the grid, by rounds of statistics over those in its scope.
pub(super) async fn find_features(fit: &Fit<'_>, space: &ClusterSpace) -> Result<Vec<FeatureModel>> {
    let weight = |at: usize| space.weights.as_ref().and_then(|weights| weights.get(at)).copied().unwrap_or(1.0);
    let request = |(at, (name, transform)): (usize, (&String, &Transform))| {
        let field = fit.scope.field_with_name(name);
        let field = field.map_err(|error| Error::bug(format!("there is no feature {name}")).caused_by(error))?;
        let kind = if is_category(field.data_type()) { FeatureKind::Category } else { FeatureKind::Number(*transform) };
        Ok(FeatureRequest { name: name.clone(), kind, weight: weight(at), indicator: space.weights.is_some() })
    };
    let requests = space.features.iter().zip(&space.transforms).enumerate().map(request).collect::<Result<_>>()?;
    let solver = FeatureSolver::new(requests, space.scale, space.winsorise)?;
    Ok(fit.drive(solver, async |request| fit.statistics(&space.features, request).await).await?.0)
}

/// A cluster as names are made of it.
pub(super) struct Named<'a> {
    /// Its centroid in grid units, and scaled.
    pub(super) units: &'a [i32],
    pub(super) scaled: &'a [f64],
    /// Customers in it.
    pub(super) customers: u64,
}

/// Where each cluster stands: of numbers, scaled values are distances from the centre of all in units of their spread. A level that fewer
/// than `min_cell` of its customers have is not to be called by its name.
pub(super) fn standings<'a>(
    features: &[FeatureModel],
    clusters: impl Iterator<Item = Named<'a>>,
    min_cell: u64,
) -> Vec<Vec<Standing>> {
    let dimensions = feature_dimensions(features);
    let of = |cluster: Named<'_>| {
        let features = features.iter().zip(&dimensions);
        features.flat_map(|(feature, at)| standings_of(feature, at, &cluster, min_cell)).collect()
    };
    clusters.map(of).collect()
}

fn standings_of(feature: &FeatureModel, at: &FeatureDimensions, cluster: &Named<'_>, min_cell: u64) -> Vec<Standing> {
    let Named { units, scaled, customers } = cluster;
    let standing = |place| Standing { feature: feature.name().to_owned(), place };
    let scaled = |at: usize| scaled.get(at).copied().unwrap_or_default();
    let share_of = |at: usize, of_row: i32| match units.get(at) {
        Some(own) if of_row > 0 => f64::from(*own) / f64::from(of_row),
        _ => 0.0,
    };
    match feature {
        FeatureModel::Number(number) => {
            let value = at.number.map(|at| standing(Place::Number { z_score: scaled(at) / number.weight }));
            let indicator = number.indicator.as_ref().map(|indicator| {
                let share = share_of(at.levels.start + 1, indicator.units);
                standing(Place::Missing { share, of_all: indicator.missing_share })
            });
            value.into_iter().chain(indicator).collect()
        }
        FeatureModel::Category(category) => {
            let place = |(at, level): (usize, &LevelShare)| {
                let (share, of_all) = (share_of(at, category.units), level.share);
                match level.name.as_str() {
                    MISSING_LEVEL => Place::Missing { share, of_all },
                    name => {
                        let is_shown = (share * *customers as f64).round() >= min_cell as f64;
                        Place::Level { level: name.to_owned(), share, of_all, is_shown }
                    }
                }
            };
            at.levels.clone().zip(&category.levels).map(place).map(standing).collect()
        }
    }
}

/// Gives the features as run.json tells them: without the names of levels, which are values of customers; model.json has them.
pub(super) fn described(features: &[FeatureModel]) -> Result<Value> {
    let mut features = features.to_vec();
    for feature in &mut features {
        if let FeatureModel::Category(category) = feature {
            for (number, level) in (1..).zip(&mut category.levels) {
                if ![OTHER_LEVEL, MISSING_LEVEL].contains(&level.name.as_str()) {
                    level.name = format!("level {number}");
                }
            }
        }
    }
    serde_json::to_value(features).map_err(|error| Error::bug("features could not be told").caused_by(error))
}
