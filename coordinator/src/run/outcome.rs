//! The outcome window: whether it is over, so that it can judge the segments.

use crate::warning::Warning;
use chrono::{DateTime, NaiveDate};
use segmenter_proto::{
    Result,
    jobs::{Job, SourceKind},
    v1::FeaturesDone,
};
use segmenter_worker::{
    measure::Basis,
    spec::{outcome_end_day, zone},
};

/// Gives the basis of a job's outcome; none of a job without an outcome window.
///
/// It goes by what was read and not by the clock: the same inputs give the same answer on any day.
///
/// # Errors
/// When the timezone is unknown; it was checked before.
pub(super) fn basis(job: &Job, done: &FeaturesDone) -> Result<Option<Basis>> {
    let Some(end) = outcome_end_day(job) else { return Ok(None) };
    let zone = zone(&job.timezone)?;
    let day = |micros: i64| -> Option<NaiveDate> {
        DateTime::from_timestamp_micros(micros).map(|time| time.with_timezone(&zone).date_naive())
    };
    let is_of_lines =
        |number: u32| job.sources.get(number as usize).is_some_and(|source| source.kind == SourceKind::Transactions);
    // Purchases are what is measured by most; rows of a web site may come days before them.
    let has_lines = job.sources.iter().any(|source| source.kind == SourceKind::Transactions);
    let telling = done.fates.iter().filter(|fates| !has_lines || is_of_lines(fates.source));
    let seen = telling.filter_map(|fates| fates.newest_seen);
    Ok(Some(Basis::Outcome { end, newest: seen.max().and_then(day) }))
}

/// Warns of a window that is not over.
pub(super) fn not_over(basis: Option<Basis>) -> Option<Warning> {
    let why = basis?.not_over()?;
    Some(Warning::of_run(format!(
        "{why}: what the segments are worth is not known yet, and rows of basis outcome in effectiveness.parquet are null; run the \
         same as_of again when the window is over"
    )))
}
