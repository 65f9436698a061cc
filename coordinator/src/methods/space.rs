//! What the job says of the space of clusters, and its checks.

use super::Scope;
use crate::checks::{Findings, Ordered, did_you_mean, nearest};
use schemars::JsonSchema;
use segmenter_proto::{
    methods::{ClusterCount, ClusterSpace, Model, Scale, Transform},
    models::FeatureModel,
};
use serde::Deserialize;
use std::collections::BTreeMap;

pub(super) const DEFAULT_MIN_SHARE: f64 = 0.02;
const DEFAULT_WINSORISE: f64 = 0.005;
const DEFAULT_RESTARTS: u32 = 10;

/// The number of clusters, or a range to choose it from.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "ClusterCount")]
pub(crate) enum RawClusterCount {
    /// This many.
    Fixed(#[schemars(range(min = 2, max = 256))] u32),
    /// The best in a range.
    Range(RawClusterRange),
}

/// A range to choose the number of clusters from.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ClusterRange")]
pub(crate) struct RawClusterRange {
    /// Smallest.
    #[schemars(required, range(min = 2, max = 256))]
    pub(crate) min: Option<u32>,
    /// Largest.
    #[schemars(required, range(min = 2, max = 256))]
    pub(crate) max: Option<u32>,
    /// Share of the customers in scope that the smallest segment must have. Default: 0.02.
    #[schemars(range(min = 0, max = 1))]
    pub(crate) min_share: Option<f64>,
}

/// A transform before scaling.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Transform")]
pub(crate) enum RawTransform {
    /// By the data: log, asinh or none.
    Auto,
    /// As it is.
    None,
    /// ln(1 + x).
    Log,
    /// asinh(x).
    Asinh,
}

/// The weight of a feature in the distance.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(
    rename = "Weight",
    inline,
    extend("x-expected" = "a number from 0.01 to 100; a feature that is to weigh nothing is left out of `features`")
)]
pub(crate) struct RawWeight(#[schemars(range(min = 0.01, max = 100))] pub(crate) f64);

/// Scaling after the transform.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Scale")]
pub(crate) enum RawScale {
    /// By the data: zscore, or robust where tails are long.
    Auto,
    /// (x - mean) / standard deviation.
    Zscore,
    /// (x - median) / interquartile range.
    Robust,
    /// As it is.
    None,
}

/// What a job says of the space of clusters.
pub(super) struct RawSpace {
    pub(super) filter: Option<String>,
    pub(super) features: Option<Vec<String>>,
    pub(super) transform: Option<Ordered<RawTransform>>,
    /// None of a method that knows no distance.
    pub(super) weights: Option<Option<Ordered<RawWeight>>>,
    pub(super) scale: Option<RawScale>,
    pub(super) winsorise: Option<f64>,
    pub(super) restarts: Option<u32>,
    pub(super) names: Option<Ordered<String>>,
}

impl RawSpace {
    /// Checks it.
    pub(super) fn check(self, path: &str, scope: &Scope, findings: &mut Findings) -> Option<ClusterSpace> {
        let features = self.features;
        if let Some(features) = &features {
            check_features(features, path, scope, findings);
        }
        let listed = features.as_deref().unwrap_or_default();
        let transforms = transforms(self.transform.map_or_else(Vec::new, |all| all.0), listed, path, findings);
        let weights = self.weights.map(|raw| weights(raw, listed, path, findings));
        let names = names(self.names.map_or_else(Vec::new, |all| all.0), path, findings);
        Some(ClusterSpace {
            filter: self.filter,
            features: features?,
            transforms,
            weights,
            scale: scale(self.scale),
            winsorise: self.winsorise.unwrap_or(DEFAULT_WINSORISE),
            restarts: self.restarts.unwrap_or(DEFAULT_RESTARTS),
            names,
        })
    }
}

/// Gives the scaling that a job asks for.
fn scale(raw: Option<RawScale>) -> Scale {
    match raw {
        Some(RawScale::Auto) | None => Scale::Auto,
        Some(RawScale::Zscore) => Scale::Zscore,
        Some(RawScale::Robust) => Scale::Robust,
        Some(RawScale::None) => Scale::None,
    }
}

/// Checks that features are known, each listed once.
fn check_features(features: &[String], path: &str, scope: &Scope, findings: &mut Findings) {
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
            let hint = match scope.source_of(name) {
                Some(source) if !near => Some(format!(
                    "`{name}` is a column of source `{source}`: make a feature of it in [[features.custom]]"
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
fn transforms(
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
fn weights(raw: Option<Ordered<RawWeight>>, features: &[String], path: &str, findings: &mut Findings) -> Vec<f64> {
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

/// Checks names of clusters. Their numbers may be beyond that of clusters, since keys that are gone are never given to others.
fn names(raw: Vec<(String, String)>, path: &str, findings: &mut Findings) -> BTreeMap<String, String> {
    for (key, name) in &raw {
        let path = format!("{path}.names.{key}");
        match cluster_number(key) {
            Some(_) => {}
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

/// Says whether a model of clusters looks at the customers and columns that a space says.
pub(super) fn is_of(model: &dyn Model, space: &ClusterSpace) -> bool {
    model.fitted().is_some_and(|(features, _)| {
        space.filter.as_deref() == model.filter() && space.features.iter().eq(features.iter().map(FeatureModel::name))
    })
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
