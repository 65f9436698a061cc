use super::{Ordered, RawClusterCount, RawScale, RawTransform};
use schemars::JsonSchema;
use serde::Deserialize;

/// Groups that overlap, with probabilities: a mixture of Gaussians with diagonal covariances.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Mixture", extend("x-reserved" = ["stability", "unit"]))]
pub(crate) struct RawMixture {
    /// Its name, unique in the job: a small letter, then small letters, digits and `_`.
    #[schemars(required, length(min = 1))]
    pub(crate) name: Option<String>,
    /// SQL over features; customers for whom it is not true get the key out_of_scope.
    #[serde(rename = "where")]
    #[schemars(length(min = 1))]
    pub(crate) filter: Option<String>,
    /// Features, and columns of the customers source: numbers.
    #[schemars(required, length(min = 1))]
    pub(crate) features: Option<Vec<String>>,
    /// The number of groups, or a range to choose it from by BIC.
    #[schemars(required)]
    pub(crate) k: Option<RawClusterCount>,
    /// Transform by feature; `default` is for all the others. Default: "auto".
    pub(crate) transform: Option<Ordered<RawTransform>>,
    /// Scaling of all features. Default: "auto".
    pub(crate) scale: Option<RawScale>,
    /// Share cut at each end; 0 is none. Default: 0.005.
    #[schemars(range(min = 0, max = 0.25))]
    pub(crate) winsorise: Option<f64>,
    /// Starts of which the best is taken. Default: 10.
    #[schemars(range(min = 1, max = 100))]
    pub(crate) restarts: Option<u32>,
    /// segment_name by key (c01, c02 and so on, by falling size).
    pub(crate) names: Option<Ordered<String>>,
}
