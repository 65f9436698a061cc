//! The rows of reference tables, which are the same for every shard.

use super::rates::Rates;
use crate::spec::RunSpec;
use arrow::array::RecordBatch;
use segmenter_proto::Result;
use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

/// Reference tables by the positions of their sources in the run's specification.
#[derive(Debug, Clone, Default)]
pub struct References {
    tables: BTreeMap<usize, RecordBatch>,
    rates: OnceLock<Option<Arc<Rates>>>,
}

impl References {
    /// Adds a table: its kept columns, in the order of its key.
    pub fn insert(&mut self, source: usize, rows: RecordBatch) {
        self.tables.insert(source, rows);
    }

    /// Gives the rows of a table; none where it has none.
    pub fn rows(&self, source: usize) -> Option<&RecordBatch> {
        self.tables.get(&source)
    }

    /// Gives the rates that amounts are converted by; none of a job that converts nothing.
    ///
    /// # Errors
    /// See [`Rates::of`].
    pub(super) fn rates(&self, spec: &RunSpec) -> Result<Option<Arc<Rates>>> {
        if let Some(rates) = self.rates.get() {
            return Ok(rates.clone());
        }
        let rates = Rates::of(spec, self)?.map(Arc::new);
        Ok(self.rates.get_or_init(|| rates).clone())
    }
}
