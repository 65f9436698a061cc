use super::kmeans::{
    DEFAULT_RESTARTS, DEFAULT_WINSORISE, check_features, cluster_count, most, names, scale, transforms,
};
use super::segmentations::Scope;
use crate::job::findings::Findings;
use crate::job::raw::RawMixture;
use segmenter_proto::jobs::MixtureMethod;

/// Checks a segmentation of method mixture.
pub(super) fn mixture(
    raw: RawMixture,
    path: &str,
    scope: &Scope<'_>,
    findings: &mut Findings,
) -> Option<MixtureMethod> {
    let features = raw.features;
    if let Some(features) = &features {
        check_features(features, path, scope, findings);
    }
    let k = raw.k.and_then(|k| cluster_count(k, path, findings));
    let listed = features.as_deref().unwrap_or_default();
    let transforms = transforms(raw.transform.map_or_else(Vec::new, |all| all.0), listed, path, findings);
    let names = names(raw.names.map_or_else(Vec::new, |all| all.0), most(k), path, findings);
    Some(MixtureMethod {
        filter: raw.filter,
        features: features?,
        k: k?,
        transforms,
        scale: scale(raw.scale),
        winsorise: raw.winsorise.unwrap_or(DEFAULT_WINSORISE),
        restarts: raw.restarts.unwrap_or(DEFAULT_RESTARTS),
        names,
    })
}
