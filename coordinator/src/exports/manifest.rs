//! `manifest.json`: written last; it makes the export.

use segmenter_proto::jobs::Delivery;
use serde::{Deserialize, Serialize};

/// The version of `manifest.json` that this program writes.
pub(super) const FORMAT_VERSION: u32 = 1;

/// `manifest.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// 1.
    pub format_version: u32,
    /// Name of the job.
    pub job: String,
    /// Name of the export.
    pub export: String,
    /// The run whose customers it has.
    pub run: String,
    /// The run's `as_of`.
    pub as_of: chrono::NaiveDate,
    /// Position among the runs with this `as_of`.
    pub sequence: u64,
    /// The run whose export it is compared with; null where there is none, and every row is an added one.
    pub previous: Option<String>,
    /// SHA-256 of what its rows are made of, in hex: another one where columns, segments or conditions changed.
    pub definition: String,
    /// How it is handed over.
    pub delivery: Delivery,
    /// The headers, in their order.
    pub columns: Vec<String>,
    /// Who is in it, and who is left out for what.
    pub customers: Customers,
    /// What became of rows since the run before.
    pub rows: Rows,
    /// Every file, in order.
    pub files: Vec<DeliveredFile>,
}

/// Who is in an export: those who are selected are the sum of those who are left out and of the rows of `full`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customers {
    /// Customers in its segments for whom `where` holds.
    pub selected: u64,
    /// Those whom its channel does not reach.
    pub without_consent: u64,
    /// Of whom no contact is known.
    pub without_contact: u64,
    /// Of whom only contacts are known that cannot be used.
    pub unusable_contact: u64,
    /// Without a key.
    pub without_key: u64,
    /// Held back.
    pub held_out: u64,
    /// With the key of another customer, whose id comes before.
    pub same_key: u64,
    /// Values of those who are in it, or of `where`, that could not be computed, and are null; not a part of the sum.
    pub not_computed: u64,
}

impl Customers {
    /// Counts as selected those who are left out, and these in it: of those who are forgotten nobody knows any more where they were.
    pub(super) fn without_forgotten(self, full: u64) -> Self {
        let Self { without_consent, without_contact, unusable_contact, without_key, held_out, same_key, .. } = self;
        let left_out = without_consent + without_contact + unusable_contact + without_key + held_out + same_key;
        Self { selected: left_out + full, ..self }
    }
}

/// What became of rows since the run before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rows {
    /// All rows.
    pub full: u64,
    /// Whose key was not there.
    pub added: u64,
    /// Of whose columns one has another value.
    pub changed: u64,
    /// Whose key is not there any more; with the values of before.
    pub removed: u64,
    /// As before.
    pub unchanged: u64,
}

impl Rows {
    /// Gives the rows before.
    pub fn before(&self) -> u64 {
        self.changed + self.removed + self.unchanged
    }

    /// Gives the share of them that goes; 0 where there were none.
    pub fn removed_share(&self) -> f64 {
        match self.before() {
            0 => 0.0,
            before => self.removed as f64 / before as f64,
        }
    }
}

/// A file of an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveredFile {
    /// Path within the export's folder.
    pub path: String,
    /// Rows, without the header.
    pub rows: u64,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 of its bytes, in hex.
    pub sha256: String,
}
