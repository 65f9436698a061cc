use serde::{Deserialize, Serialize};

/// Where results go.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Output {
    /// A path, file://, s3://, gs:// or az://.
    pub uri: String,
    /// What `quarantine/` shows of a bad row.
    pub quarantine: QuarantineDetail,
    /// The run that this one is compared with.
    pub previous: Previous,
}

/// What `quarantine/` shows of a bad row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuarantineDetail {
    /// Source, file, row, column and reason.
    Keys,
    /// The raw row too: personal data.
    Full,
    /// No rows, only counts in `quality.parquet`.
    Counts,
}

/// The run that a run is compared with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Previous {
    /// The newest committed one with an earlier `as_of`.
    Latest,
    /// None.
    None,
    /// This one.
    Run(String),
}
