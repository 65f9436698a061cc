use super::{Ordered, RawScale, RawTransform, RawWeight};
use schemars::JsonSchema;
use serde::Deserialize;

/// Nested clusters by bisecting k-means: the most spread group is split in two, again and again.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Bisecting", extend("x-reserved" = ["stability", "unit"]))]
pub(crate) struct RawBisecting {
    /// Its name, unique in the job: a small letter, then small letters, digits and `_`.
    #[schemars(required, length(min = 1))]
    pub(crate) name: Option<String>,
    /// SQL over features; customers for whom it is not true get the key out_of_scope.
    #[serde(rename = "where")]
    #[schemars(length(min = 1))]
    pub(crate) filter: Option<String>,
    /// Features, and columns of the customers source.
    #[schemars(required, length(min = 1))]
    pub(crate) features: Option<Vec<String>>,
    /// The number of groups at most. Default: 8.
    #[schemars(range(min = 2, max = 256))]
    pub(crate) k: Option<u32>,
    /// Share of the customers in scope that every group must have. Default: 0.02.
    #[schemars(range(min = 0, max = 0.5))]
    pub(crate) min_share: Option<f64>,
    /// Transform of numbers by feature; `default` is for all the others. Default: "auto".
    pub(crate) transform: Option<Ordered<RawTransform>>,
    /// Weight in the distance by feature, 0.01 to 100; `default` is for all the others. Default: 1. Only their ratios matter.
    pub(crate) weights: Option<Ordered<RawWeight>>,
    /// Scaling of all numbers. Default: "auto".
    pub(crate) scale: Option<RawScale>,
    /// Share of numbers cut at each end; 0 is none. Default: 0.005.
    #[schemars(range(min = 0, max = 0.25))]
    pub(crate) winsorise: Option<f64>,
    /// Starts of each split, of which the best is taken. Default: 10.
    #[schemars(range(min = 1, max = 100))]
    pub(crate) restarts: Option<u32>,
    /// segment_name by key (c01, c02 and so on, by falling size).
    pub(crate) names: Option<Ordered<String>>,
}
