use super::{
    RawAffinity, RawAttribution, RawBenefits, RawContacts, RawCsv, RawExperiment, RawExport, RawFeatures, RawFormat,
    RawPersona, RawQuality, RawRecommendations, RawSource,
};
use crate::methods::RawSegmentation;
use schemars::JsonSchema;
use segmenter_worker::words::LANGUAGES;
use serde::Deserialize;

/// A segmentation job: what is read, what is computed a customer, how customers are divided, where the results go.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Job", extend("x-reserved" = ["consent", "stability"]))]
pub(crate) struct RawJob {
    /// Version of this format.
    #[schemars(required, range(min = 1, max = 1))]
    #[expect(dead_code, reason = "the schema lets only 1 pass")]
    pub(crate) format_version: Option<u32>,
    /// Name of the job: small letters, digits and `-`.
    #[schemars(required, length(min = 1))]
    pub(crate) name: Option<String>,
    /// Who is segmented, whose id is the key of all tables. Default: "customer".
    pub(crate) unit: Option<RawUnit>,
    /// A date, or "today" in `timezone` (the default). Features see only what happened before 00:00 of it.
    #[schemars(extend("x-date" = true, "x-expected" = "a date such as 2026-11-21, or \"today\""))]
    pub(crate) as_of: Option<String>,
    /// Time zone by its IANA name: day borders, and times that carry no zone. Default: UTC.
    #[schemars(length(min = 1))]
    pub(crate) timezone: Option<String>,
    /// ISO 4217 code of every amount, such as "PLN"; needed where a source has `amount`.
    #[schemars(length(min = 1))]
    pub(crate) currency: Option<String>,
    /// How amounts in other currencies become the job's. Default: they stop the run.
    pub(crate) fx: Option<RawFx>,
    /// Seed of all chance. Default: 0.
    pub(crate) seed: Option<u64>,
    /// Names of environment variables that `${NAME}` within text may use.
    #[expect(dead_code, reason = "read before all else, to fill in the rest")]
    pub(crate) env: Option<Vec<String>>,
    /// Where results go.
    #[schemars(required)]
    pub(crate) output: Option<RawOutput>,
    /// How pairs of ids become persons; needs a source of kind identities. Default, where there is one: max_ids = 50, min_confidence = 0.9.
    pub(crate) identity: Option<RawIdentity>,
    /// Who is segmented. Default: every id seen in any source.
    pub(crate) population: Option<RawPopulation>,
    /// What is read; at least one.
    #[schemars(required, length(min = 1))]
    pub(crate) source: Option<Vec<Option<RawSource>>>,
    /// Thresholds that warn or stop.
    pub(crate) quality: Option<RawQuality>,
    /// What is shown of persons, and which personal names may be used.
    pub(crate) privacy: Option<RawPrivacy>,
    /// What is computed a customer.
    pub(crate) features: Option<RawFeatures>,
    /// What is measured of the segments.
    pub(crate) effectiveness: Option<RawEffectiveness>,
    /// How many messages are too many; needs a source of kind messages.
    pub(crate) contacts: Option<RawContacts>,
    /// Which items go together. Default: none.
    pub(crate) affinity: Option<Vec<Option<RawAffinity>>>,
    /// What is recommended to customers by what goes together. Default: nothing.
    pub(crate) recommendations: Option<RawRecommendations>,
    /// How customers are divided; at least one. Rules may use those above them.
    #[schemars(required, length(min = 1))]
    pub(crate) segmentation: Option<Vec<Option<RawSegmentation>>>,
    /// Of which segments personas are told. Default: of the five segments of the first segmentation that brought most.
    pub(crate) persona: Option<Vec<Option<RawPersona>>>,
    /// Which customers get what, from a source of kind reference. Default: nothing is told of it.
    pub(crate) benefits: Option<RawBenefits>,
    /// Lists of customers for other tools. Default: none.
    pub(crate) export: Option<Vec<Option<RawExport>>>,
    /// How the run is told to people.
    pub(crate) report: Option<RawReport>,
    /// Rows that are partitioned once and used by later runs too. Default: every run reads all of its files.
    pub(crate) cache: Option<RawCache>,
}

/// How the run is told to people.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Report")]
pub(crate) struct RawReport {
    /// The language of suggested names, of sentences in tables, and of the page of the run, by its code. Default: "en".
    #[schemars(extend("enum" = LANGUAGES))]
    pub(crate) language: Option<String>,
}

/// Rows that are partitioned once and used by later runs too.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Cache")]
pub(crate) struct RawCache {
    /// Whether they are kept, below the output. Default: true.
    pub(crate) keep: Option<bool>,
    /// Days after which rows are read from their files again, and `gc` deletes what was kept of them. Default: "400d".
    #[schemars(extend("x-expected" = "days such as \"400d\""))]
    pub(crate) max_age: Option<String>,
}

/// Who is segmented.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Unit")]
pub(crate) enum RawUnit {
    /// Customers.
    Customer,
    /// Accounts, which are companies: rows of their contacts count for them by `account_id`.
    Account,
}

/// What is measured of the segments.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Effectiveness")]
pub(crate) struct RawEffectiveness {
    /// Calendar days from as_of on, such as "90d", whose rows judge the segments; features never see them. Default: none, and segments are only described.
    #[schemars(extend("x-expected" = "days such as \"90d\""))]
    pub(crate) outcome: Option<String>,
    /// Level of intervals: 0.5 to 0.9999, of at most four digits behind the point. Default: 0.95.
    #[schemars(range(min = 0.5, max = 0.9999))]
    pub(crate) confidence: Option<f64>,
    /// Which message a purchase is credited to; needs a source of kind messages.
    pub(crate) attribution: Option<RawAttribution>,
    /// Metrics of the user's own, beside those built in. They need `outcome`.
    pub(crate) metric: Option<Vec<Option<RawMetric>>>,
    /// Experiments: arms that were treated differently from some day of the outcome window on, compared by metrics. They need `outcome`.
    pub(crate) experiment: Option<Vec<Option<RawExperiment>>>,
}

/// A metric of the user's own over the rows of the outcome window.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Metric")]
pub(crate) struct RawMetric {
    /// Its name, unique among metrics: a small letter, then small letters, digits and `_`.
    #[schemars(required, length(min = 1))]
    pub(crate) name: Option<String>,
    /// What is made of the customers' values.
    #[schemars(required)]
    pub(crate) kind: Option<RawMetricKind>,
    /// SQL over the rows of the outcome window that gives customer_id and value, and per for a ratio. Who has no row counts as 0; a null is not known.
    #[schemars(length(min = 1))]
    pub(crate) query: Option<String>,
    /// A file with the query, in place of `query`; its path is relative to the job file.
    #[schemars(length(min = 1))]
    pub(crate) file: Option<String>,
}

/// What a metric makes of the customers' values.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "MetricKind")]
pub(crate) enum RawMetricKind {
    /// The share of customers whose value is above 0.
    Rate,
    /// The mean over all customers in scope.
    Mean,
    /// The sum of value over the sum of per.
    Ratio,
    /// The sum.
    Total,
}

/// How amounts in other currencies become the job's.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Fx")]
pub(crate) struct RawFx {
    /// ISO 4217 code of the currency that amounts become: that of the job, where both are written.
    #[schemars(required, length(min = 1))]
    pub(crate) base: Option<String>,
    /// The name of a source of kind reference with `currency`, `date` and `rate`: what one of the currency is worth in the base, from that day on.
    #[schemars(required, length(min = 1))]
    pub(crate) rates: Option<String>,
}

/// How pairs of ids become persons.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Identity")]
pub(crate) struct RawIdentity {
    /// Ids that one person may have. More that are linked are left as they are, and counted: they are mostly a shared telephone or a test address. Default: 50.
    #[schemars(range(min = 2))]
    pub(crate) max_ids: Option<u32>,
    /// Confidence that a pair must have to link two ids, where the source maps `confidence`. Default: 0.9.
    #[schemars(range(min = 0, max = 1))]
    pub(crate) min_confidence: Option<f64>,
}

/// Where results go.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Output", extend("x-reserved" = ["format"]))]
pub(crate) struct RawOutput {
    /// A path, file://, s3://, gs:// or az://.
    #[schemars(required, length(min = 1))]
    pub(crate) uri: Option<String>,
    /// What `quarantine/` shows of a bad row. Default: "keys".
    pub(crate) quarantine: Option<RawQuarantine>,
    /// The run to compare with: "latest" (the default), "none" or a run id.
    #[schemars(length(min = 1))]
    pub(crate) previous: Option<String>,
}

/// What `quarantine/` shows of a bad row.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Quarantine")]
pub(crate) enum RawQuarantine {
    /// Source, file, row, column and reason.
    Keys,
    /// The raw row too: personal data.
    Full,
    /// No rows, only counts.
    Counts,
}

/// Who is segmented.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Population", extend("x-reserved" = ["unit"]))]
pub(crate) struct RawPopulation {
    /// The name of a source of kind customers (of accounts, where they are segmented), or "all" (the default): every id seen in any source.
    #[schemars(length(min = 1))]
    pub(crate) from: Option<String>,
    /// SQL over that source's names; where it is true the customer is left out.
    #[schemars(length(min = 1))]
    pub(crate) exclude: Option<String>,
    /// Files of ids to leave out.
    pub(crate) exclude_list: Option<RawExcludeList>,
}

/// Files of ids to leave out.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ExcludeList")]
pub(crate) struct RawExcludeList {
    /// A file, a folder (recursive) or a glob.
    #[schemars(required, length(min = 1))]
    pub(crate) uri: Option<String>,
    /// The files' format. Default: from the extension.
    pub(crate) format: Option<RawFormat>,
    /// SQL over the files' own columns that gives the id; needed where customers are segmented.
    #[schemars(length(min = 1))]
    pub(crate) customer_id: Option<String>,
    /// SQL over the files' own columns that gives the id; needed where accounts are segmented.
    #[schemars(length(min = 1))]
    pub(crate) account_id: Option<String>,
    /// How CSV is written, as in a source.
    pub(crate) csv: Option<RawCsv>,
}

/// What is shown of persons, and which personal names may be used.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Privacy")]
pub(crate) struct RawPrivacy {
    /// Customers that a level of a text, or a level within a segment, must have to be shown by name. Default: 20.
    #[schemars(range(min = 1))]
    pub(crate) min_cell: Option<u32>,
    /// Personal and `sensitive` names that may be used as they are in features and segmentations. Default: none.
    pub(crate) allow: Option<Vec<String>>,
}
