//! Who may be in the population of a shard, and who is left out.

use super::{intern::Interner, load::Candidate, outcome::Bounds};
use crate::{
    expression::{Scalar, Settings},
    notes::{Note, NoteCounter},
    spec::{RunSpec, SourceRole, SourceSpec},
};
use arrow::array::{Array, BooleanArray, RecordBatch};
use segmenter_proto::{Error, Result};

/// Who may be in the population, by number.
pub(super) struct Membership {
    pub(super) members: Vec<bool>,
    pub(super) excluded: Vec<bool>,
    /// Whether only members are; else everybody with a used row.
    pub(super) closed: bool,
}

/// Decides by the sources of the population and the list of those who are left out; `standing_in` says which rows another stands in for.
///
/// # Errors
/// `exclude` fails on a customer: Data.
pub(super) fn membership(
    spec: &RunSpec,
    interner: &Interner,
    candidates: &[Candidate],
    trimmed: &[u32],
    standing_in: &[Vec<bool>],
    notes: &mut NoteCounter,
) -> Result<Membership> {
    let (bounds, zone) = (Bounds::of(spec)?, spec.zone()?);
    let mut members = vec![false; interner.len()];
    let mut excluded = vec![false; interner.len()];
    let mut closed = false;
    let mut has_row = vec![false; interner.len()];
    let mut listed = vec![false; interner.len()];
    for (((number, source), candidate), lost) in (0..).zip(&spec.sources).zip(candidates).zip(standing_in) {
        let is_of = if source.role == SourceRole::Exclusion { &mut listed } else { &mut has_row };
        candidate.numbers.iter().for_each(|&customer| is_of[customer as usize] = true);
        match source.role {
            SourceRole::Member | SourceRole::Exclusion => {}
            SourceRole::Population => {
                closed = true;
                let is_before = candidate.is_before(&source.source, bounds, zone);
                for (&customer, _) in candidate.numbers.iter().zip(is_before).filter(|(_, is_before)| *is_before) {
                    members[customer as usize] = true;
                }
                if let (Some(rows), Some(exclude)) = (candidate.whole(), &spec.job.population.exclude) {
                    let left_out = evaluate_exclude(spec, source, rows, exclude, lost)?;
                    let standing = || candidate.numbers.iter().enumerate().filter(|(row, _)| !lost[*row]);
                    for (row, &customer) in standing() {
                        excluded[customer as usize] |= left_out.is_valid(row) && left_out.value(row);
                    }
                    let open = standing().filter(|(row, _)| left_out.is_null(*row)).count();
                    notes.add(number, Note::ExcludeNull, "", open as u64, standing().count() as u64);
                }
            }
        }
    }
    if let Some((number, _)) = (0..).zip(&spec.sources).find(|(_, source)| source.role == SourceRole::Exclusion) {
        let ids = listed.iter().filter(|listed| **listed).count();
        let unmatched = listed.iter().zip(&has_row).filter(|(listed, has_row)| **listed && !**has_row).count();
        notes.add(number, Note::Unmatched, "", unmatched as u64, ids as u64);
        let mut only_trimmed = vec![false; interner.len()];
        for &customer in trimmed {
            excluded[customer as usize] = true;
            only_trimmed[customer as usize] = has_row[customer as usize] && !listed[customer as usize];
        }
        let only_trimmed = only_trimmed.into_iter().filter(|only| *only).count();
        notes.add(number, Note::MatchedTrimmed, "", only_trimmed as u64, ids as u64);
        for (excluded, listed) in excluded.iter_mut().zip(listed) {
            *excluded |= listed;
        }
    }
    Ok(Membership { members, excluded, closed })
}

/// Gives what `exclude` says of every row. A row on which it fails stops the run, unless another stands in for it: whoever may have to be
/// left out must not be addressed because of a value that cannot be read.
fn evaluate_exclude(
    spec: &RunSpec,
    source: &SourceSpec,
    rows: &RecordBatch,
    exclude: &str,
    lost: &[bool],
) -> Result<BooleanArray> {
    let settings = Settings::of(&spec.job)?;
    let named = |error: Error| {
        let message = format!("population: exclude over source {}: {}", source.source.name, error.message);
        Error { message, ..error }
    };
    let exclude = Scalar::parse_condition(exclude, &rows.schema(), &settings).map_err(|error| named(error.into()))?;
    let (truths, errors) = exclude.evaluate_truths(rows).map_err(named)?;
    match errors.iter().find(|error| !lost[error.row]) {
        None => Ok(truths),
        Some(error) => Err(named(Error::data(format!("it fails on a customer: {}", error.reason)))
            .with_hint("say in exclude whether such customers are left out, as in case when … then … else true end")),
    }
}
