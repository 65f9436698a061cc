use crate::checks::Ordered;
use schemars::JsonSchema;
use serde::Deserialize;

/// A list of customers for another tool.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Export")]
pub(crate) struct RawExport {
    /// Its name, unique among exports: a small letter, then small letters, digits and `_`.
    #[schemars(required, length(min = 1))]
    pub(crate) name: Option<String>,
    /// The name of a segmentation. Default: the first of the job.
    #[schemars(length(min = 1))]
    pub(crate) segmentation: Option<String>,
    /// The keys of its segments (`segment_key`) whose customers are handed over. Default: all but out_of_scope, and of rules with match = "all" but other.
    #[schemars(length(min = 1))]
    pub(crate) segments: Option<Vec<String>>,
    /// SQL over what columns may use: who of them.
    #[serde(rename = "where")]
    #[schemars(length(min = 1))]
    pub(crate) filter: Option<String>,
    /// SQL that gives what a row is known by in the tool, a text or a whole number; of several customers with one key the first by id is handed over. Default: the id.
    #[schemars(length(min = 1))]
    pub(crate) key: Option<String>,
    /// Headers, each with its SQL over features, columns of the customers source, segmentations, segment_key, segment_name and the id; recommendation(1) is the item that is recommended first. Default: those of `tool`.
    pub(crate) columns: Option<Ordered<String>>,
    /// The channel, as sources of kind consents name it: only customers whose latest consent to it is given are handed over. Needed where a column tells how to reach a customer.
    #[schemars(length(min = 1))]
    pub(crate) channel: Option<String>,
    /// Who is held back. Default: nobody.
    pub(crate) holdout: Option<RawHoldout>,
    /// The country of telephone numbers without a calling code, by its ISO 3166 code, such as "PL".
    #[schemars(length(min = 1))]
    pub(crate) default_country: Option<String>,
    /// The form of the files. Default: "csv".
    pub(crate) format: Option<RawExportFormat>,
    /// Rows of a file at most, without the header. Default: what `tool` takes, else no limit.
    #[schemars(range(min = 1))]
    pub(crate) max_rows: Option<u64>,
    /// Bytes of a file at most; not of Parquet. Default: what `tool` takes, else no limit.
    #[schemars(range(min = 1000))]
    pub(crate) max_bytes: Option<u64>,
    /// The tool that it is for: "braze", "google_ads" or "meta". Its headers, hashes and limits are checked. Default: any, and nothing is checked.
    #[schemars(length(min = 1))]
    pub(crate) tool: Option<String>,
    /// The run whose export it is compared with: "latest" (the default), which is the newest that wrote this export, of an earlier or the same as_of; "none" or a run id.
    #[schemars(length(min = 1))]
    pub(crate) against: Option<String>,
    /// The largest share of the rows before that may go: above it the run is committed, and the export withheld. Default: 0.3.
    #[schemars(range(min = 0, max = 1))]
    pub(crate) max_removed_share: Option<f64>,
    /// Whether people open the CSV in a spreadsheet: texts that it would run as a formula get an apostrophe in front. Default: false.
    pub(crate) for_people: Option<bool>,
}

/// Who is held back, by chance, to see what an export brings.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Holdout")]
pub(crate) struct RawHoldout {
    /// The share of those who could be handed over.
    #[schemars(required, range(min = 0, max = 1))]
    pub(crate) share: Option<f64>,
    /// What the draw and the folder `arms/<name>/` are named; unique among exports. Default: the name of the export.
    #[schemars(length(min = 1))]
    pub(crate) name: Option<String>,
}

/// The form of exported files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "ExportFormat")]
pub(crate) enum RawExportFormat {
    /// Delimited text with a header; null is empty.
    Csv,
    /// A JSON object a line.
    Ndjson,
    /// Apache Parquet.
    Parquet,
}
