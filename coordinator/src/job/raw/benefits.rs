use schemars::JsonSchema;
use serde::Deserialize;

/// Which customers get what: by tier of a programme and by segment.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Benefits")]
pub(crate) struct RawBenefits {
    /// The name of a source of kind reference with `tier`, `segment_key` and `benefit`, and `service_level` if there is one. A row without a tier, or without a segment, holds for all of them.
    #[schemars(required, length(min = 1))]
    pub(crate) source: Option<String>,
    /// The text feature that has the tier of a customer. Default: "loyalty_tier", which the preset loyalty makes.
    #[schemars(length(min = 1))]
    pub(crate) tier: Option<String>,
    /// The name of the segmentation whose segments benefits are by. Default: the first of method tiers.
    #[schemars(length(min = 1))]
    pub(crate) segmentation: Option<String>,
}
