//! What is counted while rows are read and features made.

use crate::notes::{Noted, Subject};

/// Rows of a source by what became of them; `read` is the sum of the others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Fates {
    /// Rows read.
    pub read: u64,
    /// Rows that features are made of.
    pub used: u64,
    /// Rows for which the source's `where` is false or null.
    pub filtered: u64,
    /// Rows without a customer id.
    pub anonymous: u64,
    /// Rows at or after `as_of`.
    pub not_before_as_of: u64,
    /// Rows of customers that the population source does not have.
    pub unknown_customer: u64,
    /// Rows of customers that are left out.
    pub excluded: u64,
    /// Rows whose `key` occurred before.
    pub duplicate: u64,
    /// Rows that break the contract.
    pub quarantined: u64,
}

impl Fates {
    /// Adds the rows of another part of the source.
    pub fn merge(&mut self, other: &Self) {
        self.read += other.read;
        self.used += other.used;
        self.filtered += other.filtered;
        self.anonymous += other.anonymous;
        self.not_before_as_of += other.not_before_as_of;
        self.unknown_customer += other.unknown_customer;
        self.excluded += other.excluded;
        self.duplicate += other.duplicate;
        self.quarantined += other.quarantined;
    }

    /// Gives the rows that every fate but `read` accounts for.
    pub fn accounted(&self) -> u64 {
        self.used
            + self.filtered
            + self.anonymous
            + self.not_before_as_of
            + self.unknown_customer
            + self.excluded
            + self.duplicate
            + self.quarantined
    }

    /// Gives the rows that are not used, with the words for what became of them.
    pub fn lost(&self) -> impl Iterator<Item = (&'static str, u64)> {
        [
            ("filtered", self.filtered),
            ("anonymous", self.anonymous),
            ("not before as_of", self.not_before_as_of),
            ("of unknown customers", self.unknown_customer),
            ("excluded", self.excluded),
            ("duplicate", self.duplicate),
            ("quarantined", self.quarantined),
        ]
        .into_iter()
    }
}

/// What is counted of one source.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceCounts {
    /// The source.
    pub subject: Subject,
    /// Its rows by fate.
    pub fates: Fates,
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
