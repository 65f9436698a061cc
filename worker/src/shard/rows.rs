//! What a shard holds once each row's fate is decided.

use crate::notes::NoteCounter;
use arrow::{
    array::{RecordBatch, StringArray},
    compute::concat_batches,
};
use segmenter_proto::{
    Error, Result,
    v1::{SourceCount, SourceFates},
};

/// The customers of a shard and their used rows.
#[derive(Debug)]
pub struct Shard {
    /// The population of the shard, sorted; a customer's position is its ordinal.
    pub customers: StringArray,
    /// Used rows, a source of the run's specification in its order (the list of excluded ids has none).
    pub sources: Vec<SourceRows>,
    /// Rows of `quarantine/`.
    pub quarantine: Vec<RecordBatch>,
    /// What became of the rows, a source.
    pub fates: Vec<SourceFates>,
    /// Customers with several rows where that is an error, a source.
    pub duplicate_customers: Vec<SourceCount>,
    /// What was noted of the rows.
    pub notes: NoteCounter,
}

/// The used rows of one source.
#[derive(Debug)]
pub struct SourceRows {
    /// Position of the source in the run's specification.
    pub source: usize,
    /// The rows; none where the shard got none.
    pub rows: Option<RecordBatch>,
    /// The ordinal of each row's customer.
    pub ordinals: Vec<u32>,
}

/// Joins batches of one schema; none where there are none.
///
/// # Errors
/// Bug only.
pub fn joined(batches: &[RecordBatch]) -> Result<Option<RecordBatch>> {
    let Some(first) = batches.first() else { return Ok(None) };
    concat_batches(&first.schema(), batches)
        .map(Some)
        .map_err(|error| Error::data("the files of a source give columns of different types").caused_by(error))
}
