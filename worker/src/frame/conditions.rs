//! How often the conditions of segmentations are neither true nor false.

use super::build::Frame;
use crate::{
    expression::{Scalar, Settings},
    notes::{Note, NoteCounter},
    spec::RunSpec,
};
use arrow::array::{Array, BooleanArray};
use segmenter_proto::{Error, Result, methods::Condition};

impl Frame {
    /// Counts on how many customers each `when` and each `where` is null or fails; both mean that it does not hold. A rule is asked about
    /// those whom no rule above it has, or about all where segments overlap.
    ///
    /// # Errors
    /// When a condition does not fit the frame: Job; it was checked before.
    pub fn condition_notes(&self, spec: &RunSpec) -> Result<NoteCounter> {
        let settings = Settings::of(&spec.job)?;
        let mut notes = NoteCounter::default();
        for (number, segmentation) in (0..).zip(&spec.job.segmentations) {
            let (mut asked, method) = (vec![true; self.table.num_rows()], segmentation.method.spec());
            for condition in method.conditions() {
                let found = self.condition(condition.sql(), &settings, &asked)?;
                let (of, null, failed) = match condition {
                    Condition::Where(_) => ("", Note::ScopeNull, Note::ScopeFailed),
                    Condition::When { key, .. } => (key, Note::WhenNull, Note::WhenFailed),
                };
                notes.add(number, null, of, found.null, found.asked);
                notes.add(number, failed, of, found.failed, found.asked);
                if let (Condition::When { .. }, false) = (condition, method.overlapping()) {
                    for (row, asked) in asked.iter_mut().enumerate() {
                        *asked &= !(found.truths.is_valid(row) && found.truths.value(row));
                    }
                }
            }
        }
        Ok(notes)
    }

    fn condition(&self, sql: &str, settings: &Settings, asked: &[bool]) -> Result<Found> {
        let condition = Scalar::parse_condition(sql, &self.table.schema(), settings).map_err(Error::from)?;
        let (truths, errors) = condition.evaluate_truths(&self.table)?;
        let failed = errors.iter().filter(|error| asked[error.row]).count() as u64;
        // A row that fails is null as well.
        let open = asked.iter().enumerate().filter(|(row, asked)| **asked && truths.is_null(*row)).count() as u64;
        let asked = asked.iter().filter(|asked| **asked).count() as u64;
        Ok(Found { truths, asked, failed, null: open - failed })
    }
}

/// What a condition says of those who are asked.
struct Found {
    truths: BooleanArray,
    asked: u64,
    null: u64,
    failed: u64,
}
