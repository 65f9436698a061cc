//! The rows of reference tables, which are the same for every shard.

use arrow::array::RecordBatch;
use std::collections::BTreeMap;

/// Reference tables by the positions of their sources in the run's specification.
#[derive(Debug, Clone, Default)]
pub struct References(BTreeMap<usize, RecordBatch>);

impl References {
    /// Adds a table: its kept columns, in the order of its key.
    pub fn insert(&mut self, source: usize, rows: RecordBatch) {
        self.0.insert(source, rows);
    }

    /// Gives the rows of a table; none where it has none.
    pub(super) fn rows(&self, source: usize) -> Option<&RecordBatch> {
        self.0.get(&source)
    }
}
