//! Checks of the user's own: what each row of a source must be.

use crate::{
    expression::{Scalar, Settings},
    notes::{Note, NotesOfFile},
    reading::RowNumbers,
};
use arrow::{
    array::{Array, RecordBatch},
    buffer::BooleanBuffer,
    datatypes::Schema,
};
use segmenter_proto::{
    Error, Result,
    jobs::{RowCheck, Source},
};
use std::collections::BTreeSet;

/// The checks of one source, compiled.
#[derive(Debug, Default)]
pub(super) struct RowChecks(Vec<(String, Scalar)>);

impl RowChecks {
    /// Compiles those of the job's checks that are of a source, over its standard and carried names.
    ///
    /// # Errors
    /// When one does not fit the columns: Job, naming the check.
    pub(super) fn compile(source: &Source, checks: &[RowCheck], schema: &Schema, settings: &Settings) -> Result<Self> {
        let own = checks.iter().filter(|check| check.source == source.name);
        let compiled = own.map(|RowCheck { name, expression, .. }| {
            let condition = Scalar::parse_condition(expression, schema, settings).map_err(|error| {
                let error = Error::from(error);
                Error { message: format!("check {name}: {}", error.message), ..error }
            })?;
            Ok((name.clone(), condition))
        });
        compiled.collect::<Result<_>>().map(Self)
    }

    /// Judges the rows of a batch that passed, or all of them, and notes what is found of each check.
    ///
    /// True is right. Null cannot be told, and is counted apart. What cannot be computed is not right.
    ///
    /// # Errors
    /// Bug only.
    pub(super) fn note(
        &self,
        batch: &RecordBatch,
        passed: Option<&[bool]>,
        row_numbers: &RowNumbers,
        notes: &mut NotesOfFile<'_>,
    ) -> Result<()> {
        let rows = batch.num_rows();
        let passed = passed.map_or_else(|| BooleanBuffer::new_set(rows), BooleanBuffer::from);
        let looked_at = passed.count_set_bits() as u64;
        if looked_at == 0 {
            return Ok(());
        }
        for (name, condition) in &self.0 {
            let (truths, errors) = condition.evaluate_truths(batch)?;
            let known = truths.nulls().map_or_else(|| BooleanBuffer::new_set(rows), |nulls| nulls.inner().clone());
            let failed = &(&passed & &known) & &!truths.values();
            let uncomputed: BTreeSet<usize> =
                errors.iter().map(|error| error.row).filter(|row| passed.value(*row)).collect();
            let undecided = looked_at - (&passed & &known).count_set_bits() as u64 - uncomputed.len() as u64;
            let wrong = failed.set_indices().chain(uncomputed);
            notes.rows(Note::CheckFailed, name, wrong.map(|row| row_numbers.get(row)));
            notes.add(Note::CheckFailed, name, 0, looked_at);
            notes.add(Note::CheckUndecided, name, undecided, looked_at);
        }
        Ok(())
    }
}
