//! What a shard holds once each row's fate is decided.

use crate::{notes::NoteCounter, partition::StoredRows};
use arrow::{
    array::{RecordBatch, StringArray, UInt32Array},
    compute::concat_batches,
};
use futures::TryStreamExt;
use segmenter_proto::{
    Error, Result,
    v1::{SourceCount, SourceFates},
};
use tokio::runtime::Handle;

/// The customers of a shard and their used rows.
#[derive(Debug)]
pub struct Shard {
    /// The population of the shard, sorted; a customer's position is its ordinal.
    pub customers: StringArray,
    /// Used rows, a source of the run's specification in its order (the list of excluded ids has none).
    pub sources: Vec<SourceRows>,
    /// Rows of the outcome window, of sources with times; none where the job has no such window.
    pub outcome: Vec<SourceRows>,
    /// How many companies belong to each, where companies are segmented.
    pub subsidiaries: Vec<i64>,
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
    /// The rows.
    pub rows: Rows,
    /// The ordinal of each row's customer; [`UNUSED`] of rows that are stored and not used.
    pub ordinals: UInt32Array,
}

/// The ordinal of a row that is not used.
pub const UNUSED: u32 = u32::MAX;

/// Where rows are.
#[derive(Debug)]
pub enum Rows {
    /// In memory, in batches of one schema; one of a customers source.
    Held(Vec<RecordBatch>),
    /// In the work folder, with those that are not used: they are more than memory has room for.
    Stored(StoredRows),
}

impl Rows {
    /// Hands the rows over, batch by batch, in the order of their ordinals.
    pub(super) fn each(&self, runtime: &Handle, mut take: impl FnMut(&RecordBatch) -> Result<()>) -> Result<()> {
        match self {
            Self::Held(batches) => batches.iter().try_for_each(take),
            Self::Stored(rows) => runtime.block_on(async {
                let mut batches = std::pin::pin!(rows.batches());
                while let Some(batch) = batches.try_next().await? {
                    take(&batch)?;
                }
                Ok(())
            }),
        }
    }
}

impl SourceRows {
    /// Gives the rows of a customers source, which are compared with each other; none where there are none.
    pub fn whole(&self) -> Option<&RecordBatch> {
        match &self.rows {
            Rows::Held(batches) => batches.first(),
            Rows::Stored(_) => None,
        }
    }
}

/// Joins batches of one schema; none where there are none.
///
/// # Errors
/// They have several schemas: Data.
pub fn joined(batches: &[RecordBatch]) -> Result<Option<RecordBatch>> {
    let Some(first) = batches.first() else { return Ok(None) };
    concat_batches(&first.schema(), batches)
        .map(Some)
        .map_err(|error| Error::data("the files of a source give columns of different types").caused_by(error))
}

/// Rows from which on a batch is not joined with the next: half of what work is done in at a time, so that no more is copied than makes up for it.
const ENOUGH: usize = 4096;

/// Joins small batches, so that none costs more than its rows; one that is large enough is not copied.
///
/// # Errors
/// They have several schemas: Data.
pub fn coalesced(batches: Vec<RecordBatch>) -> Result<Vec<RecordBatch>> {
    let (mut large, mut small, mut rows) = (Vec::with_capacity(batches.len()), Vec::new(), 0);
    for batch in batches {
        if small.is_empty() && batch.num_rows() >= ENOUGH {
            large.push(batch);
            continue;
        }
        rows += batch.num_rows();
        small.push(batch);
        if rows >= ENOUGH {
            large.extend(joined(&std::mem::take(&mut small))?);
            rows = 0;
        }
    }
    large.extend(joined(&small)?);
    Ok(large)
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::ArrayRef;
    use std::sync::Arc;

    #[test]
    fn small_batches_are_joined_and_none_is_lost() {
        let batch = |rows: usize| {
            let numbers: ArrayRef = Arc::new(UInt32Array::from_iter_values(0..rows as u32));
            RecordBatch::try_from_iter([("x", numbers)]).unwrap()
        };
        let sizes = |sizes: &[usize]| -> Vec<usize> {
            let batches = sizes.iter().map(|rows| batch(*rows)).collect();
            coalesced(batches).unwrap().iter().map(RecordBatch::num_rows).collect()
        };
        assert_eq!(sizes(&[9000, 5, 4090, 10, 20_000, 3]), [9000, 4105, 20_000, 3]);
        assert!(sizes(&[]).is_empty());
    }
}
