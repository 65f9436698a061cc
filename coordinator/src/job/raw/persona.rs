use schemars::JsonSchema;
use serde::Deserialize;

/// Segments that are told of as of one kind of customer.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Persona")]
pub(crate) struct RawPersona {
    /// The name of a segmentation. Default: the first of the job.
    #[schemars(length(min = 1))]
    pub(crate) segmentation: Option<String>,
    /// The keys of its segments (`segment_key`); at least one. A customer in any of them counts.
    #[schemars(required, length(min = 1))]
    pub(crate) segments: Option<Vec<String>>,
    /// What it is called. Default: as its segments are.
    #[schemars(length(min = 1))]
    pub(crate) title: Option<String>,
    /// A sentence that stands beside the claims.
    #[schemars(length(min = 1))]
    pub(crate) notes: Option<String>,
}
