//! Where a fit starts that goes on from the run before.

use super::Fit;
use segmenter_proto::{
    jobs::Refit,
    methods::{
        CentroidValue, ClusterCount, ClusterModel, ComponentModel, KmeansModel, MixtureModel, SegmentationModel,
    },
    models::{FeatureModel, OTHER_LEVEL, feature_dimensions},
};
use segmenter_worker::segmentation::{mixture::Component, transform::is_category};

/// Says whether a number of clusters is one that the job asks for.
pub(super) fn allows(k: ClusterCount, clusters: usize) -> bool {
    match k {
        ClusterCount::Fixed(k) => k as usize == clusters,
        ClusterCount::Range { min, max, .. } => (min as usize..=max as usize).contains(&clusters),
    }
}

/// Says whether the features of a model are numbers and categories as they are now.
pub(super) fn are_alike(fit: &Fit<'_>, model: &SegmentationModel) -> bool {
    let features = model.model().fitted().map_or(&[][..], |(features, _)| features);
    features.iter().all(|feature| {
        let field = fit.scope.field_with_name(feature.name());
        field.is_ok_and(|field| is_category(field.data_type()) == matches!(feature, FeatureModel::Category(_)))
    })
}

/// Why a fit that should go on from the run before begins anew.
fn anew(run_before: &str) -> String {
    format!("it is fitted anew, since {run_before}")
}

/// Gives the model to go on from; why there is none where one was asked for, and nothing where none was.
pub(super) fn warm<'a>(
    fit: &Fit<'a>,
    k: ClusterCount,
    is_of: impl FnOnce(&SegmentationModel) -> bool,
) -> (Option<&'a SegmentationModel>, Option<String>) {
    if fit.refit != Refit::Warm {
        return (None, None);
    }
    let Some(model) = fit.earlier else {
        return (None, Some(anew("there is no run before that had it")));
    };
    if !is_of(model) || !are_alike(fit, model) {
        return (
            None,
            Some(anew("the run before divided by another method, other features, or features of another kind")),
        );
    }
    let clusters = model.segments().len().saturating_sub(1);
    match allows(k, clusters) {
        true => (Some(model), None),
        false => (None, Some(anew(&format!("the run before has {clusters} clusters, which `k` does not allow")))),
    }
}

/// Gives the centroids of a model in the space of other transforms of the same features, in grid units, in the order of the model's tie ranks.
pub(super) fn centroids(earlier: &KmeansModel, features: &[FeatureModel]) -> Vec<Vec<i32>> {
    let clusters = earlier.by_tie_rank().into_iter().filter_map(|at| earlier.clusters.get(at));
    clusters.map(|cluster| place(cluster, features)).collect()
}

fn place(cluster: &ClusterModel, features: &[FeatureModel]) -> Vec<i32> {
    let dimensions = feature_dimensions(features);
    let count = dimensions.iter().map(|of| of.levels.len() + usize::from(of.number.is_some())).sum();
    let mut place = vec![0; count];
    for ((feature, at), value) in features.iter().zip(dimensions).zip(&cluster.centroid_original) {
        let part = |units: i32, share: f64| (f64::from(units) * share).round() as i32;
        match feature {
            FeatureModel::Number(number) => {
                let (value, missing) = match value {
                    CentroidValue::Number(value) => (Some(*value), 0.0),
                    CentroidValue::Imputed { value, missing_share } => (Some(*value), *missing_share),
                    CentroidValue::Levels { .. } => (None, 0.0),
                };
                if let Some(at) = at.number {
                    place[at] = number.apply(value);
                }
                if let Some(indicator) = &number.indicator {
                    place[at.levels.start] = part(indicator.units, 1.0 - missing);
                    place[at.levels.start + 1] = part(indicator.units, missing);
                }
            }
            FeatureModel::Category(category) => {
                let CentroidValue::Levels { shares } = value else { continue };
                let known = |name: &str| category.levels.iter().any(|level| level.name == name);
                // What has no level any more is among the others.
                let gone: f64 = shares.iter().filter(|(name, _)| !known(name)).map(|(_, share)| share).sum();
                for (dimension, level) in at.levels.zip(&category.levels) {
                    let own = shares.get(&level.name).copied().unwrap_or_default();
                    let share = if level.name == OTHER_LEVEL { own + gone } else { own };
                    place[dimension] = part(category.units, share);
                }
            }
        }
    }
    place
}

/// Gives the components of a model in the space of other transforms of the same numbers, in the order of the model's tie ranks. Spreads stay as they
/// were, in units of the spread of all.
pub(super) fn components(earlier: &MixtureModel, features: &[FeatureModel]) -> Vec<Component> {
    let mut order: Vec<_> = earlier.components.iter().collect();
    order.sort_by_key(|own| own.tie_rank);
    let scaled = |(feature, value): (&FeatureModel, &f64)| match feature {
        FeatureModel::Number(number) => number.scaled(Some(*value)),
        FeatureModel::Category(_) => 0.0,
    };
    let component = |own: &ComponentModel| Component {
        weight: own.weight,
        means: features.iter().zip(&own.mean_original).map(scaled).collect(),
        variances: own.variance_scaled.clone(),
    };
    order.into_iter().map(component).collect()
}
