//! Rows that judge the segments: those from `as_of` on, up to the end of the outcome window. Features never see them.

use super::rows::{Rows, SourceRows, UNUSED};
use crate::{
    partition::StoredRows,
    spec::{RunSpec, midnight, outcome_end},
};
use arrow::{
    array::{BooleanArray, RecordBatch, UInt32Array},
    compute::filter_record_batch,
};
use segmenter_proto::{Error, Result};

/// When a row happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    /// Before `as_of`: features may see it.
    Before,
    /// In the outcome window.
    Outcome,
    /// After that, or at and after `as_of` of a job without such a window.
    Later,
}

/// The bounds, microseconds since 1970 UTC. Without an outcome window all are `as_of`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    as_of: i64,
    outcome_end: i64,
    /// Up to here a row says that what came before it was read too: once more the length of the window. A date beyond is as likely a slip
    /// of somebody's pen, and one of those must not end the window.
    evidence_end: i64,
}

impl Bounds {
    /// Gives those of a run.
    ///
    /// # Errors
    /// When the timezone is unknown; it was checked before.
    pub(super) fn of(spec: &RunSpec) -> Result<Self> {
        let as_of = midnight(spec.job.as_of, &spec.job.timezone)?;
        let outcome_end = outcome_end(&spec.job)?.unwrap_or(as_of);
        Ok(Self { as_of, outcome_end, evidence_end: outcome_end + (outcome_end - as_of) })
    }

    /// Says whether a time tells how far rows were read.
    pub(super) fn is_evidence(self, time: i64) -> bool {
        time < self.evidence_end && self.evidence_end > self.as_of
    }

    /// Says when a time is.
    pub(super) fn when(self, time: i64) -> When {
        if time < self.as_of {
            When::Before
        } else if time < self.outcome_end {
            When::Outcome
        } else {
            When::Later
        }
    }
}

/// Rows of a source in the outcome window, before it is known who is in the population.
pub(super) struct OutcomeRows {
    /// Position of the source.
    pub(super) source: usize,
    /// The rows: those that are held are of the window only.
    pub(super) rows: Rows,
    /// A row, the number of its customer; [`UNUSED`] of rows that are stored and not of the window.
    pub(super) numbers: Vec<u32>,
}

impl OutcomeRows {
    /// Gives those of rows in memory.
    ///
    /// # Errors
    /// Bug only.
    pub(super) fn held(source: usize, batches: &[RecordBatch], numbers: &[u32], is_of: Vec<bool>) -> Result<Self> {
        let own = numbers.iter().zip(&is_of).filter(|(_, is_of)| **is_of).map(|(number, _)| *number).collect();
        Ok(Self { source, rows: Rows::Held(only(batches.to_vec(), &BooleanArray::from(is_of))?), numbers: own })
    }

    /// Gives those of rows in the work folder.
    pub(super) fn stored(source: usize, rows: StoredRows, numbers: &[u32], is_of: &[bool]) -> Self {
        let of_row = |(number, is_of): (&u32, &bool)| if *is_of { *number } else { UNUSED };
        Self { source, rows: Rows::Stored(rows), numbers: numbers.iter().zip(is_of).map(of_row).collect() }
    }

    /// Leaves out rows of customers who are not in the population; `ordinal_of` has the ordinals of those who are.
    ///
    /// # Errors
    /// Bug only.
    pub(super) fn of_population(self, ordinal_of: &[u32]) -> Result<SourceRows> {
        let ordinal = |number: &u32| ordinal_of.get(*number as usize).copied().unwrap_or(UNUSED);
        let ordinals: Vec<u32> = self.numbers.iter().map(ordinal).collect();
        let (rows, ordinals) = match self.rows {
            Rows::Held(batches) if ordinals.contains(&UNUSED) => {
                let is_known: Vec<bool> = ordinals.iter().map(|ordinal| *ordinal != UNUSED).collect();
                let known = ordinals.into_iter().filter(|ordinal| *ordinal != UNUSED).collect();
                (Rows::Held(only(batches, &BooleanArray::from(is_known))?), known)
            }
            rows => (rows, ordinals),
        };
        Ok(SourceRows { source: self.source, rows, ordinals: UInt32Array::from(ordinals) })
    }
}

/// Gives the rows of which `used` is true, batch by batch, so that one at a time is there twice.
///
/// # Errors
/// Bug only.
pub(super) fn only(batches: Vec<RecordBatch>, used: &BooleanArray) -> Result<Vec<RecordBatch>> {
    let mut start = 0;
    let filtered = batches.into_iter().map(|batch| {
        let own = used.slice(start, batch.num_rows());
        start += batch.num_rows();
        match own.true_count() == own.len() {
            true => Ok(batch),
            false => filter_record_batch(&batch, &own),
        }
    });
    filtered
        .collect::<std::result::Result<_, _>>()
        .map_err(|error| Error::bug("rows could not be filtered").caused_by(error))
}
