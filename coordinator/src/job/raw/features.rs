use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

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
    /// Largest share of customers who are in another segment than in the run before, of those in both, a segmentation.
    #[schemars(range(min = 0, max = 1))]
    pub(crate) max_moved_share: Option<f64>,
    /// Largest population stability index since the run before, of a feature or of the sizes of segments. Without it, more than 0.25 is warned of.
    #[schemars(range(min = 0))]
    pub(crate) max_psi: Option<f64>,
    /// What more than `max_moved_share` or `max_psi` does. Default: "stop".
    pub(crate) drift_action: Option<RawGateAction>,
    /// Further checks.
    pub(crate) gate: Option<Vec<Option<RawGate>>>,
    /// Checks of the user's own: what rows of a source must be.
    pub(crate) check: Option<Vec<Option<RawRowCheck>>>,
}

/// What rows of a source must be.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "RowCheck")]
pub(crate) struct RawRowCheck {
    /// Its name, unique among the checks: a small letter, then small letters, digits and `_`.
    #[schemars(required, length(min = 1))]
    pub(crate) name: Option<String>,
    /// The name of the source whose rows are judged.
    #[schemars(required, length(min = 1))]
    pub(crate) source: Option<String>,
    /// SQL over the names of [source.columns]: true is right, false is wrong, and null cannot be told.
    #[schemars(required, length(min = 1))]
    pub(crate) expression: Option<String>,
    /// The largest share of wrong rows that passes, of those that can be told. Default: 0.
    #[schemars(range(min = 0, max = 1))]
    pub(crate) max_failed_share: Option<f64>,
    /// What a larger share does. Default: "stop".
    pub(crate) action: Option<RawGateAction>,
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
    pub(crate) presets: Option<Vec<Option<RawPresetEntry>>>,
    /// Features of the user's own.
    pub(crate) custom: Option<Vec<Option<RawCustomFeature>>>,
    /// Queries of the user's own, whose columns are features.
    pub(crate) sql: Option<Vec<Option<RawSqlFeatures>>>,
    /// Features that are expressions over other features.
    pub(crate) derived: Option<Vec<Option<RawDerivedFeature>>>,
    /// Numbers of the whole population, for derived features, conditions of segmentations and queries.
    pub(crate) constant: Option<Vec<Option<RawConstant>>>,
}

/// One number of the whole population, by its name in derived features, conditions of segmentations and queries.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Constant")]
pub(crate) struct RawConstant {
    /// Its name, unique among features and columns: a small letter, then small letters, digits and `_`.
    #[schemars(required, length(min = 1))]
    pub(crate) name: Option<String>,
    /// Whose rows it is made of: the name of a source; "transactions", all sources of that kind; or "customers", each customer once.
    #[schemars(required, length(min = 1))]
    pub(crate) from: Option<String>,
    /// SQL: count, sum, avg, min and max over the rows, and what is computed of them, such as "sum(amount) / sum(quantity)".
    #[schemars(required, length(min = 1))]
    pub(crate) expression: Option<String>,
}

/// A feature that is an expression over other features, and over what only the whole population tells.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "DerivedFeature")]
pub(crate) struct RawDerivedFeature {
    /// Its name, unique in the job: a small letter, then small letters, digits and `_`.
    #[schemars(required, length(min = 1))]
    pub(crate) name: Option<String>,
    /// SQL over features and columns of the customers source, such as "population_bin(monetary, 10)"; their order in the file does not matter.
    #[schemars(required, length(min = 1))]
    pub(crate) expression: Option<String>,
}

/// A query that gives a row a customer; its columns beside customer_id are features.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "SqlFeatures")]
pub(crate) struct RawSqlFeatures {
    /// Its name, for messages; unique among the queries.
    #[schemars(required, length(min = 1))]
    pub(crate) name: Option<String>,
    /// SQL over tables: each source by its name, customers, and all transactions together.
    #[schemars(length(min = 1))]
    pub(crate) query: Option<String>,
    /// A file with the query, in place of `query`; its path is relative to the job file.
    #[schemars(length(min = 1))]
    pub(crate) file: Option<String>,
    /// Values of columns for customers of whom the query has no row, such as { orders = 0 }. Default: null.
    pub(crate) defaults: Option<BTreeMap<String, RawDefault>>,
}

/// A number, a text, or true or false.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "Default")]
pub(crate) enum RawDefault {
    /// True or false.
    Truth(bool),
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
}

/// A family by its name, or with more about it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "PresetEntry")]
pub(crate) enum RawPresetEntry {
    /// Its name.
    Name(String),
    /// With a window, a suffix, sources, or what it forecasts.
    Table(RawPreset),
}

impl From<RawPresetEntry> for RawPreset {
    fn from(entry: RawPresetEntry) -> Self {
        match entry {
            RawPresetEntry::Name(name) => Self { name: Some(name), ..Self::default() },
            RawPresetEntry::Table(preset) => preset,
        }
    }
}

/// A feature family that the product brings.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Preset")]
pub(crate) struct RawPreset {
    /// Its name, such as rfm; `segmenter features` lists them with their features.
    #[schemars(required, length(min = 1))]
    pub(crate) name: Option<String>,
    /// Calendar days before as_of, such as "365d". Default: all history.
    #[schemars(extend("x-expected" = "days such as \"365d\""))]
    pub(crate) window: Option<String>,
    /// Appended to the name of every feature. Default: nothing.
    pub(crate) suffix: Option<String>,
    /// Names of sources of the kinds that it looks at. Default: all of them.
    #[schemars(length(min = 1))]
    pub(crate) sources: Option<Vec<String>>,
    /// Of clv: the model of when customers order and when they are gone. Default: "mbg_nbd".
    pub(crate) model: Option<RawOrderModel>,
    /// Of clv: the unit of time of the model's constants, and the pace of discounting. Default: "week".
    pub(crate) step: Option<RawStep>,
    /// Of clv: days from as_of on that are forecast. Default: "365d".
    #[schemars(extend("x-expected" = "days such as \"365d\""))]
    pub(crate) horizon: Option<String>,
    /// Of clv: days before as_of that are held out once, to hold forecasts of them against what came to pass (calibration.parquet). Default: "180d".
    #[schemars(extend("x-expected" = "days such as \"180d\""))]
    pub(crate) holdout: Option<String>,
    /// Of clv: the share of an order's value that is earned. Default: 1, so that clv is a value of sales.
    #[schemars(range(min = 0, max = 1))]
    pub(crate) margin: Option<f64>,
    /// Of clv: by how much money is worth less a year later. Default: 0.1.
    #[schemars(range(min = 0, max = 10))]
    pub(crate) discount_rate: Option<f64>,
    /// Of clv: about so many customers are fitted on, by hash; or "all". Default: 200000.
    pub(crate) sample: Option<RawSample>,
}

/// A model of when customers order and when they are gone.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "OrderModel")]
pub(crate) enum RawOrderModel {
    /// A customer may leave after each repeat order: one who never came back is certainly there.
    BgNbd,
    /// A customer may leave after each order, the first one among them.
    MbgNbd,
}

/// A unit of time.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Step")]
pub(crate) enum RawStep {
    /// A day.
    Day,
    /// Seven days.
    Week,
    /// A twelfth of 365.25 days.
    Month,
}

/// How many customers a model is fitted on.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "SampleSize")]
pub(crate) enum RawSample {
    /// About so many.
    About(#[schemars(range(min = 1000))] u64),
    /// All of them.
    All(RawAll),
}

/// All customers.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "AllCustomers")]
pub(crate) enum RawAll {
    /// All of them.
    All,
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
