//! What is handed over to other tools.

use serde::{Deserialize, Serialize};

/// A list of customers for another tool.
///
/// What its rows are made of is part of the job; how they are handed over ([`Delivery`]) changes no file of the run, is no part of the run's id, and
/// does not travel to workers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Export {
    /// Its name, unique among exports.
    pub name: String,
    /// The segmentation whose segments are handed over.
    pub segmentation: String,
    /// Keys of its segments; none: all of them.
    pub segments: Vec<String>,
    /// Who of them; none: everybody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// SQL that gives what a row is known by in the other tool.
    pub key: String,
    /// What is handed over, in the order of the file.
    pub columns: Vec<ExportColumn>,
    /// The channel whose latest consent must be given; none where no contact is handed over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// Who is held back to see what the export brings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holdout: Option<Holdout>,
    /// The country of telephone numbers without a calling code, by its ISO 3166 code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_country: Option<String>,
    /// How it is handed over.
    #[serde(skip)]
    pub delivery: Delivery,
}

/// A column of an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportColumn {
    /// The header in the file.
    pub header: String,
    /// SQL over features, columns of customers, segmentations, `segment_key` and `segment_name`.
    pub expression: String,
    /// Whether it tells how to reach a customer, as it is or hashed.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_contact: bool,
}

/// Customers who are held back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Holdout {
    /// What the draw and the folder of its arms are named.
    pub name: String,
    /// The share of those who could be handed over.
    pub share: f64,
}

/// How an export is handed over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Delivery {
    /// The form of its files.
    pub format: ExportFormat,
    /// Rows of a file at most, without the header.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_rows: Option<u64>,
    /// Bytes of a file at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_bytes: Option<u64>,
    /// The tool that it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool: Option<String>,
    /// What it is compared with.
    pub against: Against,
    /// The largest share of the rows before that may go; above it the export is withheld.
    pub max_removed_share: f64,
    /// Whether people open the files in a spreadsheet, which must not run what stands in a cell.
    pub for_people: bool,
}

impl Default for Delivery {
    fn default() -> Self {
        Self {
            format: ExportFormat::Csv,
            max_rows: None,
            max_bytes: None,
            tool: None,
            against: Against::Latest,
            max_removed_share: 0.3,
            for_people: false,
        }
    }
}

/// The form of exported files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    /// Delimited text with a header.
    Csv,
    /// A JSON object a line.
    Ndjson,
    /// Apache Parquet.
    Parquet,
}

impl ExportFormat {
    /// Gives the ending of its files, which is its name too.
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Ndjson => "ndjson",
            Self::Parquet => "parquet",
        }
    }
}

/// What an export is compared with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Against {
    /// The newest run that wrote it, of an earlier or the same `as_of`.
    Latest,
    /// Nothing: every row is an added one.
    None,
    /// This run.
    Run(String),
}

fn is_false(truth: &bool) -> bool {
    !truth
}
