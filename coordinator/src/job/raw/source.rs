use crate::checks::Ordered;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use segmenter_proto::jobs::{FileFormat, SourceKind};
use serde::Deserialize;
use serde_json::json;
use std::borrow::Cow;

/// One source of rows.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Source", extend("x-reserved" = ["join"]))]
pub(crate) struct RawSource {
    /// Its name, unique in the job: a small letter, then small letters, digits and `_`.
    #[schemars(required, length(min = 1))]
    pub(crate) name: Option<String>,
    /// What its rows are.
    #[schemars(required)]
    pub(crate) kind: Option<RawKind>,
    /// A file, a folder (recursive) or a glob.
    #[schemars(required, length(min = 1))]
    pub(crate) uri: Option<String>,
    /// The files' format. Default: from the extension.
    pub(crate) format: Option<RawFormat>,
    /// How CSV is written.
    pub(crate) csv: Option<RawCsv>,
    /// Types of text columns (CSV, NDJSON, text in Parquet) by the file's own name: text, bool, int, double, decimal(p,s), date(FORMAT) or timestamp(FORMAT). Columns not named here are text.
    pub(crate) types: Option<Ordered<String>>,
    /// Pruning by a `k=v` part of the path.
    pub(crate) partitions: Option<RawPartitions>,
    /// What two rows of one customer mean (kind customers): "error" (the default), or which one is kept. Which of the rows of one `key` is kept (kinds of many rows a customer). Default: the earliest by time.
    pub(crate) duplicates: Option<RawDuplicates>,
    /// Names of [source.columns] that make a row unique: one, or a list. Kinds of many rows a customer: the same row loaded twice is kept once. Kind reference (needed there): two rows of one key stop the run.
    pub(crate) key: Option<RawKey>,
    /// Most rows of a source of kind reference, which every worker holds in memory; more stop the run. Default: 1000000.
    #[schemars(range(min = 1))]
    pub(crate) max_rows: Option<u64>,
    /// SQL over the names of [source.columns]; where it is false or null the row is dropped.
    #[serde(rename = "where")]
    #[schemars(length(min = 1))]
    pub(crate) filter: Option<String>,
    /// Names of [source.columns] that are treated as personal ones are: no feature, segmentation or result shows them as they are.
    pub(crate) sensitive: Option<Vec<String>>,
    /// Standard and carried names, each with its SQL over the file's own columns.
    #[schemars(required)]
    pub(crate) columns: Option<Ordered<String>>,
}

/// One name of [source.columns], or several.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "Key")]
pub(crate) enum RawKey {
    /// One.
    One(#[schemars(length(min = 1))] String),
    /// Several.
    Several(#[schemars(length(min = 1))] Vec<String>),
}

/// What a source's rows are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub(crate) struct RawKind(pub(crate) SourceKind);

impl JsonSchema for RawKind {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "SourceKind".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let kinds = SourceKind::ALL.map(|kind| {
            let row = kind.kind().row;
            json!({ "type": "string", "const": kind.name(), "description": format!("A row is {row}.") })
        });
        schemars::json_schema!({ "oneOf": kinds, "x-reserved": ["campaigns", "loyalty"] })
    }
}

/// A file's format.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "FileFormat", extend("x-reserved" = ["delta", "iceberg"]))]
pub(crate) enum RawFormat {
    /// Apache Parquet.
    Parquet,
    /// Delimited text.
    Csv,
    /// One JSON object a line.
    Ndjson,
}

impl From<RawFormat> for FileFormat {
    fn from(format: RawFormat) -> Self {
        match format {
            RawFormat::Parquet => Self::Parquet,
            RawFormat::Csv => Self::Csv,
            RawFormat::Ndjson => Self::Ndjson,
        }
    }
}

/// How CSV is written.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Csv")]
pub(crate) struct RawCsv {
    /// One ASCII character between fields. Default: ",".
    pub(crate) delimiter: Option<String>,
    /// The decimal separator of numbers, "." (the default) or ",".
    pub(crate) decimal: Option<String>,
    /// Whether the first row names the columns (the default); else they are column_1, column_2 and so on.
    pub(crate) header: Option<bool>,
    /// One ASCII character around fields that hold the delimiter. Default: the double quote.
    pub(crate) quote: Option<String>,
    /// Encoding of CSV and NDJSON, by its name in the WHATWG standard: "utf-8" (the default), "windows-1252" (also called "latin1"), "windows-1250", "iso-8859-2", "utf-16le" and so on.
    pub(crate) encoding: Option<String>,
    /// Lines before the header, or before the first row, that are passed over. Default: 0.
    #[schemars(range(max = 10000))]
    pub(crate) skip_rows: Option<u32>,
    /// One ASCII character; a line that starts with it is no row. Default: none.
    pub(crate) comment: Option<String>,
}

/// Pruning by a `k=v` part of the path whose values are dates.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Partitions")]
pub(crate) struct RawPartitions {
    /// The `k` of the path part.
    #[schemars(required, length(min = 1))]
    pub(crate) column: Option<String>,
    /// "last": the newest value up to as_of. Not together with `from` and `to`.
    pub(crate) take: Option<RawTake>,
    /// First value that is read, in days from as_of, such as "-1095d". Default: no bound.
    #[schemars(extend("x-expected" = "days from as_of such as \"-1095d\" or \"+3d\""))]
    pub(crate) from: Option<String>,
    /// Last value that is read, in days from as_of, such as "+3d". Default: no bound.
    #[schemars(extend("x-expected" = "days from as_of such as \"-1095d\" or \"+3d\""))]
    pub(crate) to: Option<String>,
}

/// Which partition is taken.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Take")]
pub(crate) enum RawTake {
    /// The newest one up to as_of.
    Last,
}

/// What two rows of one customer or of one `key` mean.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "Duplicates")]
pub(crate) enum RawDuplicates {
    /// "error": the run stops.
    Error(RawDuplicatesError),
    /// The row that is kept.
    Keep(RawDuplicatesBy),
}

/// Duplicates are an error.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "DuplicatesError")]
pub(crate) enum RawDuplicatesError {
    /// The run stops.
    Error,
}

/// Which of several rows is kept.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "DuplicatesBy")]
pub(crate) struct RawDuplicatesBy {
    /// "last": the row with the largest value of `by`.
    #[schemars(required)]
    pub(crate) keep: Option<RawKeep>,
    /// A name of [source.columns].
    #[schemars(required, length(min = 1))]
    pub(crate) by: Option<String>,
}

/// Which row is kept.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Keep")]
pub(crate) enum RawKeep {
    /// The one with the largest value.
    Last,
}
