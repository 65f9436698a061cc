//! What is counted while rows are read and features made.

use crate::notes::{Noted, Subject};
use segmenter_proto::RowFates;

/// What is counted of one source.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceCounts {
    /// The source.
    pub subject: Subject,
    /// Its rows by fate.
    pub fates: RowFates,
    /// For sources with times: from the latest used row to `as_of`, in microseconds; none without used rows.
    pub age_of_latest: Option<Option<i64>>,
    /// Why rows were quarantined.
    pub rejected: Vec<RejectedRows>,
    /// What was noted of its rows.
    pub notes: Vec<Noted>,
}

/// Quarantined rows that have the same thing wrong with the same column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectedRows {
    /// The column; none where the row as a whole is broken.
    pub column: Option<String>,
    /// What is wrong, as a word for machines.
    pub reason_code: String,
    /// How many.
    pub rows: u64,
}

/// What is noted of the features or of a segmentation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherCounts {
    /// Whose notes they are.
    pub subject: Subject,
    /// Customers.
    pub customers: u64,
    /// The notes.
    pub notes: Vec<Noted>,
}
