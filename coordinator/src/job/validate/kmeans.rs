use super::segmentations::Scope;
use crate::job::findings::Findings;
use crate::job::nearest::{did_you_mean, nearest};
use crate::job::raw::{Ordered, RawClusterCount, RawKmeans, RawScale, RawTransform, RawWeight};
use segmenter_proto::jobs::{ClusterCount, KmeansMethod, Scale, Transform};
use std::collections::BTreeMap;

pub(super) const DEFAULT_MIN_SHARE: f64 = 0.02;
pub(super) const DEFAULT_WINSORISE: f64 = 0.005;
pub(super) const DEFAULT_RESTARTS: u32 = 10;

/// Checks a segmentation of method kmeans.
pub(super) fn kmeans(raw: RawKmeans, path: &str, scope: &Scope<'_>, findings: &mut Findings) -> Option<KmeansMethod> {
    let features = raw.features;
    if let Some(features) = &features {
        check_features(features, path, scope, findings);
    }
    let k = raw.k.and_then(|k| cluster_count(k, path, findings));
    let listed = features.as_deref().unwrap_or_default();
    let transforms = transforms(raw.transform.map_or_else(Vec::new, |all| all.0), listed, path, findings);
    let weights = weights(raw.weights, listed, path, findings);
    let names = names(raw.names.map_or_else(Vec::new, |all| all.0), most(k), path, findings);
    Some(KmeansMethod {
        filter: raw.filter,
        features: features?,
        k: k?,
        transforms,
        weights,
        scale: scale(raw.scale),
        winsorise: raw.winsorise.unwrap_or(DEFAULT_WINSORISE),
        restarts: raw.restarts.unwrap_or(DEFAULT_RESTARTS),
        names,
    })
}

/// Gives the scaling that a job asks for.
pub(super) fn scale(raw: Option<RawScale>) -> Scale {
    match raw {
        Some(RawScale::Auto) | None => Scale::Auto,
        Some(RawScale::Zscore) => Scale::Zscore,
        Some(RawScale::Robust) => Scale::Robust,
        Some(RawScale::None) => Scale::None,
    }
}

/// Gives the largest number of clusters that there can be.
pub(super) fn most(k: Option<ClusterCount>) -> u32 {
    match k {
        Some(ClusterCount::Fixed(k)) => k,
        Some(ClusterCount::Range { max, .. }) => max,
        None => u32::MAX,
    }
}

/// Checks that features are known, each listed once.
pub(super) fn check_features(features: &[String], path: &str, scope: &Scope<'_>, findings: &mut Findings) {
    for (index, name) in features.iter().enumerate() {
        let path = format!("{path}.features[{index}]");
        if features[..index].contains(name) {
            findings.wrong(&path, format!("feature `{name}` is listed twice")).expect("each feature once");
        } else if scope.constants.contains(name) {
            findings
                .wrong(&path, format!("`{name}` is a constant, the same for every customer"))
                .expect("a feature, or a column of the customers source")
                .help("a derived feature can be made of it, such as what a customer has above it");
        } else if !scope.has(name) {
            let known = scope.names();
            let near = nearest(name, known.iter().copied()).is_some();
            if scope.incomplete && !near {
                continue;
            }
            let of_source = scope.sources.transactions().find(|source| source.columns.contains(name));
            let hint = match of_source {
                Some(source) if !near => Some(format!(
                    "`{name}` is a column of source `{}`: make a feature of it in [[features.custom]]",
                    source.name
                )),
                _ => did_you_mean(name, &known),
            };
            findings
                .wrong(&path, format!("there is no feature `{name}`"))
                .expect("a feature, or a column of the customers source")
                .help_if(hint);
        }
    }
}

/// Checks a number of clusters or a range of it.
pub(super) fn cluster_count(raw: RawClusterCount, path: &str, findings: &mut Findings) -> Option<ClusterCount> {
    let range = match raw {
        RawClusterCount::Fixed(k) => return Some(ClusterCount::Fixed(k)),
        RawClusterCount::Range(range) => range,
    };
    let (min, max) = (range.min?, range.max?);
    let min_share = range.min_share.unwrap_or(DEFAULT_MIN_SHARE);
    let path = format!("{path}.k");
    if min > max {
        findings
            .wrong(&path, format!("`min` {min} is above `max` {max}"))
            .expect("`min` up to `max`, such as { min = 4, max = 9 }");
        return None;
    }
    if min_share * f64::from(min) > 1.0 {
        findings
            .wrong(&format!("{path}.min_share"), format!("{min} segments cannot each have a share of {min_share}"))
            .expect(format!("at most 1/{min}"));
        return None;
    }
    Some(ClusterCount::Range { min, max, min_share })
}

/// Gives the transform of each feature.
pub(super) fn transforms(
    raw: Vec<(String, RawTransform)>,
    features: &[String],
    path: &str,
    findings: &mut Findings,
) -> Vec<Transform> {
    let transform = |transform| match transform {
        RawTransform::Auto => Transform::Auto,
        RawTransform::None => Transform::None,
        RawTransform::Log => Transform::Log,
        RawTransform::Asinh => Transform::Asinh,
    };
    let raw = raw.into_iter().map(|(name, raw)| (name, transform(raw))).collect();
    by_feature(raw, Transform::Auto, features, &format!("{path}.transform"), findings)
}

/// Gives the weight of each feature.
pub(super) fn weights(
    raw: Option<Ordered<RawWeight>>,
    features: &[String],
    path: &str,
    findings: &mut Findings,
) -> Vec<f64> {
    let raw = raw.map_or_else(Vec::new, |all| all.0).into_iter().map(|(name, weight)| (name, weight.0));
    by_feature(raw.collect(), 1.0, features, &format!("{path}.weights"), findings)
}

/// Gives each feature what a table says of it, or of `default`, or `else_default`.
fn by_feature<T: Copy>(
    raw: BTreeMap<String, T>,
    else_default: T,
    features: &[String],
    path: &str,
    findings: &mut Findings,
) -> Vec<T> {
    for name in raw.keys().filter(|name| *name != "default" && !features.is_empty() && !features.contains(name)) {
        let known: Vec<&str> = features.iter().map(String::as_str).chain(["default"]).collect();
        findings
            .wrong_key(&format!("{path}.{name}"), format!("`{name}` is not a feature of this segmentation"))
            .expect("one of its `features`, or `default`")
            .help_if(did_you_mean(name, &known));
    }
    let default = raw.get("default").copied().unwrap_or(else_default);
    features.iter().map(|feature| raw.get(feature).copied().unwrap_or(default)).collect()
}

/// Checks names of clusters, of which there are `most`.
pub(super) fn names(
    raw: Vec<(String, String)>,
    most: u32,
    path: &str,
    findings: &mut Findings,
) -> BTreeMap<String, String> {
    for (key, name) in &raw {
        let path = format!("{path}.names.{key}");
        match cluster_number(key) {
            Some(number) if number <= most => {}
            Some(_) => {
                findings.wrong_key(&path, format!("there is no cluster `{key}`")).expect(format!("c01 to c{most:02}"));
            }
            None => {
                findings.wrong_key(&path, format!("`{key}` is not the key of a cluster")).expect("a key such as c01");
            }
        }
        if name.trim().is_empty() {
            findings.wrong(&path, format!("the name of `{key}` is empty")).expect("a name for people");
        }
    }
    raw.into_iter().collect()
}

/// Reads the number of a key such as `c01`; two digits at least, and no more zeros than that takes.
fn cluster_number(key: &str) -> Option<u32> {
    let number: u32 = key.strip_prefix('c')?.parse().ok()?;
    (number > 0 && format!("c{number:02}") == key).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_keys_of_clusters() {
        assert_eq!(cluster_number("c01"), Some(1));
        assert_eq!(cluster_number("c120"), Some(120));
        for wrong in ["c1", "c001", "c00", "c+1", "01", "C01", "c"] {
            assert_eq!(cluster_number(wrong), None, "{wrong}");
        }
    }
}
