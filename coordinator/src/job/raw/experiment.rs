use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Who was given what from some day on, and what came of it.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Experiment")]
pub(crate) struct RawExperiment {
    /// Its name, unique among experiments: a small letter, then small letters, digits and `_`.
    #[schemars(required, length(min = 1))]
    pub(crate) name: Option<String>,
    /// Where it is written who is in which arm.
    #[schemars(required)]
    pub(crate) arms: Option<RawArms>,
    /// The arm that the others are compared with: one of `shares`.
    #[schemars(required, length(min = 1))]
    pub(crate) control: Option<String>,
    /// All arms, the control among them, each with its planned share of those in the experiment; they add up to 1.
    #[schemars(required)]
    pub(crate) shares: Option<BTreeMap<String, f64>>,
    /// Whether chance decided who is in which arm. Without it, differences are not called effects. Default: false.
    pub(crate) randomised: Option<bool>,
    /// The first day, such as "2026-03-01": at or after as_of.
    #[schemars(required, length(min = 1), extend("x-date" = true))]
    pub(crate) start: Option<String>,
    /// The day before which it ends, within the outcome window.
    #[schemars(required, length(min = 1), extend("x-date" = true))]
    pub(crate) end: Option<String>,
    /// Metrics that are compared: "revenue_per_customer", "conversion", "average_order_value", "repeat_rate", and those of the user's own but totals. Default: "revenue_per_customer" and "conversion".
    #[schemars(length(min = 1))]
    pub(crate) metrics: Option<Vec<String>>,
}

/// Where it is written who is in which arm: a column of customers, or a source of its own.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "ArmsEntry")]
pub(crate) enum RawArms {
    /// A name of the customers sources.
    Column(#[schemars(length(min = 1))] String),
    /// Names of a source.
    Table(RawArmsTable),
}

/// Rows that say who is in which arm.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Arms")]
pub(crate) struct RawArmsTable {
    /// The name of a source. Default: the customers sources.
    #[schemars(length(min = 1))]
    pub(crate) source: Option<String>,
    /// The name of [source.columns] that has the arm.
    #[schemars(required, length(min = 1))]
    pub(crate) arm: Option<String>,
    /// The name of [source.columns] that has the time of the assignment: who is assigned when the experiment is over is not in it. Default: none, and all rows count.
    #[schemars(length(min = 1))]
    pub(crate) assigned_at: Option<String>,
}
