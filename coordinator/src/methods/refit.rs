//! What a job says of the model of the run before.

use schemars::JsonSchema;
use segmenter_proto::jobs::Refit;
use serde::Deserialize;

/// What the model of the run before is to a method that can start from it.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Refit")]
pub(crate) enum RawRefit {
    /// Nothing but keys and names.
    Fresh,
    /// Where the fit starts.
    Warm,
    /// The model.
    Frozen,
}

/// What the model of the run before is to a method that has no start.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Kept")]
pub(crate) enum RawKept {
    /// Nothing but keys and names.
    Fresh,
    /// The model.
    Frozen,
}

impl From<RawRefit> for Refit {
    fn from(raw: RawRefit) -> Self {
        match raw {
            RawRefit::Fresh => Self::Fresh,
            RawRefit::Warm => Self::Warm,
            RawRefit::Frozen => Self::Frozen,
        }
    }
}

impl From<RawKept> for Refit {
    fn from(raw: RawKept) -> Self {
        match raw {
            RawKept::Fresh => Self::Fresh,
            RawKept::Frozen => Self::Frozen,
        }
    }
}
