use schemars::JsonSchema;
use serde::Deserialize;

/// What is recommended to customers, and why.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Recommendations")]
pub(crate) struct RawRecommendations {
    /// The name of an [[affinity]] of `product_id`, whose pairs lead from what a customer bought or wished for to what is recommended.
    #[schemars(required, length(min = 1))]
    pub(crate) affinity: Option<String>,
    /// Products that are recommended to a customer at most. Default: 5.
    #[schemars(range(min = 1, max = 100))]
    pub(crate) top: Option<u32>,
    /// The channel by which customers are told, as sources of kind consents name it: to whom it is not allowed nothing is recommended. Default: none, and no consent is asked for.
    #[schemars(length(min = 1))]
    pub(crate) channel: Option<String>,
    /// The share of a product's buyers who bought it on several days from which on it is recommended to those who have it too. Default: 0.5.
    #[schemars(range(min = 0, max = 1))]
    pub(crate) again: Option<f64>,
}
