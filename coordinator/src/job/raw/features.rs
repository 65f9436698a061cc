use schemars::JsonSchema;
use serde::Deserialize;

/// Thresholds that warn or stop.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Quality")]
pub(crate) struct RawQuality {
    /// Largest share of quarantined rows of a source; above it the run stops. Default: 0.5.
    #[schemars(range(min = 0, max = 1))]
    pub(crate) max_quarantined_share: Option<f64>,
    /// Largest share of rows without an id of a source; above it the run stops.
    #[schemars(range(min = 0, max = 1))]
    pub(crate) max_anonymous_share: Option<f64>,
    /// Further checks.
    pub(crate) gate: Option<Vec<Option<RawGate>>>,
}

/// A check with its limit.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Gate")]
pub(crate) struct RawGate {
    /// The name of the source that is checked; "exclude_list", "features" or the name of a segmentation for checks of those.
    #[schemars(required, length(min = 1))]
    pub(crate) source: Option<String>,
    /// What is checked: a check_name of quality.parquet, such as freshness_hours, quarantined_share, duplicate_share or null_share; or rows_min.
    #[schemars(required, length(min = 1))]
    pub(crate) check: Option<String>,
    /// The column, feature or rule that is looked at, for checks that have one; null_share needs it. Default: all of them.
    #[schemars(length(min = 1))]
    pub(crate) column: Option<String>,
    /// The largest value that passes.
    #[schemars(range(min = 0))]
    pub(crate) max: Option<f64>,
    /// The smallest value that passes (rows_min and rows_used).
    #[schemars(range(min = 0))]
    pub(crate) min: Option<f64>,
    /// What a failure does. Default: "stop".
    pub(crate) action: Option<RawGateAction>,
}

/// What a failed check does.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "GateAction")]
pub(crate) enum RawGateAction {
    /// The run stops.
    Stop,
    /// The run goes on and says so.
    Warn,
}

/// What is computed a customer.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Features")]
pub(crate) struct RawFeatures {
    /// Families that the product brings. Default: rfm over all history of all transactions sources.
    pub(crate) presets: Option<Vec<Option<RawPreset>>>,
    /// Features of the user's own.
    pub(crate) custom: Option<Vec<Option<RawCustomFeature>>>,
}

/// A feature family that the product brings.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Preset")]
pub(crate) struct RawPreset {
    /// Its name: rfm (recency_days, frequency, monetary, tenure_days, average_order_value).
    #[schemars(required, length(min = 1))]
    pub(crate) name: Option<String>,
    /// Calendar days before as_of, such as "365d". Default: all history.
    #[schemars(extend("x-expected" = "days such as \"365d\""))]
    pub(crate) window: Option<String>,
    /// Appended to the name of every feature. Default: nothing.
    pub(crate) suffix: Option<String>,
    /// Names of transactions sources. Default: all of them.
    #[schemars(length(min = 1))]
    pub(crate) sources: Option<Vec<String>>,
}

/// A feature of the user's own.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "CustomFeature")]
pub(crate) struct RawCustomFeature {
    /// Its name, unique in the job: a small letter, then small letters, digits and `_`.
    #[schemars(required, length(min = 1))]
    pub(crate) name: Option<String>,
    /// Names of transactions sources. Default: all of them.
    #[schemars(length(min = 1))]
    pub(crate) sources: Option<Vec<String>>,
    /// Calendar days before as_of, such as "365d". Default: all history.
    #[schemars(extend("x-expected" = "days such as \"365d\""))]
    pub(crate) window: Option<String>,
    /// SQL aggregate over the sources' standard and carried names.
    #[schemars(required, length(min = 1))]
    pub(crate) expression: Option<String>,
    /// Value where the window has no rows. Default: null.
    pub(crate) default: Option<f64>,
}
