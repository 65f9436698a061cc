use super::{Ordered, RawBisecting, RawMixture};
use schemars::JsonSchema;
use serde::Deserialize;

/// One way to divide customers.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(tag = "method", rename_all = "snake_case")]
#[schemars(rename = "Segmentation")]
pub(crate) enum RawSegmentation {
    /// Scores by quantiles of recency, frequency and monetary, and the named groups of them.
    Rfm(RawRfm),
    /// Clusters.
    Kmeans(RawKmeans),
    /// Nested clusters.
    Bisecting(RawBisecting),
    /// Groups that overlap, with probabilities.
    Mixture(RawMixture),
    /// Boolean rules; the first that holds decides.
    Rules(RawRules),
}

/// Scores by quantiles of recency, frequency and monetary, and the named groups of them.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Rfm", extend("x-reserved" = ["stability", "unit"]))]
pub(crate) struct RawRfm {
    /// Its name, unique in the job: a small letter, then small letters, digits and `_`.
    #[schemars(required, length(min = 1))]
    pub(crate) name: Option<String>,
    /// How the values are cut into scores. Default: 5 quantiles each.
    pub(crate) bins: Option<RawBins>,
}

/// How the values are cut into scores: cuts by hand, or a number of quantiles.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Bins")]
pub(crate) struct RawBins {
    /// Bins of recency_days. Default: 5.
    pub(crate) recency_days: Option<RawBinCount>,
    /// Bins of frequency. Default: 5.
    pub(crate) frequency: Option<RawBinCount>,
    /// Bins of monetary. Default: 5.
    pub(crate) monetary: Option<RawBinCount>,
}

/// Cuts by hand, or a number of quantiles.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "BinCount")]
pub(crate) enum RawBinCount {
    /// This many quantiles.
    Quantiles(#[schemars(range(min = 2, max = 10))] u32),
    /// Cuts by hand, rising.
    Cuts(#[schemars(length(min = 1, max = 9))] Vec<f64>),
}

/// Clusters by k-means.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Kmeans", extend("x-reserved" = ["stability", "unit"]))]
pub(crate) struct RawKmeans {
    /// Its name, unique in the job: a small letter, then small letters, digits and `_`.
    #[schemars(required, length(min = 1))]
    pub(crate) name: Option<String>,
    /// SQL over features; customers for whom it is not true get the key out_of_scope.
    #[serde(rename = "where")]
    #[schemars(length(min = 1))]
    pub(crate) filter: Option<String>,
    /// Features, and columns of the customers source: numbers, text, true and false.
    #[schemars(required, length(min = 1))]
    pub(crate) features: Option<Vec<String>>,
    /// The number of clusters, or a range to choose it from.
    #[schemars(required)]
    pub(crate) k: Option<RawClusterCount>,
    /// Transform of numbers by feature; `default` is for all the others. Default: "auto".
    pub(crate) transform: Option<Ordered<RawTransform>>,
    /// Weight in the distance by feature, 0.01 to 100; `default` is for all the others. Default: 1. Only their ratios matter.
    pub(crate) weights: Option<Ordered<RawWeight>>,
    /// Scaling of all numbers. Default: "auto".
    pub(crate) scale: Option<RawScale>,
    /// Share of numbers cut at each end; 0 is none. Default: 0.005.
    #[schemars(range(min = 0, max = 0.25))]
    pub(crate) winsorise: Option<f64>,
    /// Starts of which the best is taken. Default: 10.
    #[schemars(range(min = 1, max = 100))]
    pub(crate) restarts: Option<u32>,
    /// segment_name by key (c01, c02 and so on, by falling size).
    pub(crate) names: Option<Ordered<String>>,
}

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

/// Boolean rules; the first that holds decides.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Rules", extend("x-reserved" = ["stability", "unit"]))]
pub(crate) struct RawRules {
    /// Its name, unique in the job: a small letter, then small letters, digits and `_`.
    #[schemars(required, length(min = 1))]
    pub(crate) name: Option<String>,
    /// "first": the first rule that holds decides.
    #[serde(rename = "match")]
    #[schemars(rename = "match")]
    #[expect(dead_code, reason = "the schema lets only \"first\" pass")]
    pub(crate) matching: Option<RawMatch>,
    /// The rules, in the order they are tried; at least one.
    #[schemars(required, length(min = 1))]
    pub(crate) rule: Option<Vec<Option<RawRule>>>,
}

/// Which rules count.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Match", extend("x-reserved" = ["all"]))]
pub(crate) enum RawMatch {
    /// The first that holds.
    First,
}

/// One rule.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Rule")]
pub(crate) struct RawRule {
    /// Becomes segment_key, for good: a small letter, then small letters, digits and `_`.
    #[schemars(required, length(min = 1))]
    pub(crate) name: Option<String>,
    /// Becomes segment_name, may change. Default: the name.
    #[schemars(length(min = 1))]
    pub(crate) title: Option<String>,
    /// SQL over features, columns of the customers source, and names of segmentations above (their segment_key).
    #[schemars(required, length(min = 1))]
    pub(crate) when: Option<String>,
}
