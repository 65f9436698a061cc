use super::kmeans::{
    DEFAULT_MIN_SHARE, DEFAULT_RESTARTS, DEFAULT_WINSORISE, check_features, names, scale, transforms, weights,
};
use super::segmentations::Scope;
use crate::job::findings::Findings;
use crate::job::raw::RawBisecting;
use segmenter_proto::jobs::BisectingMethod;

const DEFAULT_LEAVES: u32 = 8;

/// Checks a segmentation of method bisecting.
pub(super) fn bisecting(
    raw: RawBisecting,
    path: &str,
    scope: &Scope<'_>,
    findings: &mut Findings,
) -> Option<BisectingMethod> {
    let features = raw.features;
    if let Some(features) = &features {
        check_features(features, path, scope, findings);
    }
    let k = raw.k.unwrap_or(DEFAULT_LEAVES);
    let listed = features.as_deref().unwrap_or_default();
    let transforms = transforms(raw.transform.map_or_else(Vec::new, |all| all.0), listed, path, findings);
    let weights = weights(raw.weights, listed, path, findings);
    let names = names(raw.names.map_or_else(Vec::new, |all| all.0), k, path, findings);
    Some(BisectingMethod {
        filter: raw.filter,
        features: features?,
        k,
        min_share: raw.min_share.unwrap_or(DEFAULT_MIN_SHARE),
        transforms,
        weights,
        scale: scale(raw.scale),
        winsorise: raw.winsorise.unwrap_or(DEFAULT_WINSORISE),
        restarts: raw.restarts.unwrap_or(DEFAULT_RESTARTS),
        names,
    })
}
