//! Reads a shard's chunks and decides what the partition could not: who is in the population, and which rows count.

use super::{
    duplicates::{self, Duplicates as Found, Keep},
    intern::Interner,
    rows::{Shard, SourceRows, joined},
};
use crate::{
    expression::{Scalar, Settings},
    notes::{Note, NoteCounter},
    partition::{ChunkReader, QUARANTINE, TRIMMED_IDS, count_owners, is_order_owners},
    spec::{RunSpec, SourceRole, SourceSpec, midnight},
};
use arrow::{
    array::{Array, AsArray, BooleanArray, RecordBatch, StringArray},
    compute::filter_record_batch,
    datatypes::TimestampMicrosecondType,
};
use segmenter_proto::{
    Error, Result,
    jobs::{Duplicates, SourceKind},
    v1::{Chunk, SourceCount, SourceFates},
};

/// Gives the bytes of memory that loading a shard and computing its features takes, by what was measured: rows twice
/// (as chunks and joined), and numbers and tables on top. Orders with their customers are counted, once more as sorted, and let go of before.
pub fn memory_needed(chunks: &[Chunk]) -> u64 {
    let (mut rows, mut beside, mut owners) = (0, 0, 0);
    for chunk in chunks {
        match is_order_owners(chunk.source) {
            true => owners += chunk.memory,
            false => (rows, beside) = (rows + chunk.memory, beside + chunk.rows * 24),
        }
    }
    rows + (2 * owners).max(rows + beside)
}

/// Rows of a source before their fate is known.
struct Candidate {
    rows: Option<RecordBatch>,
    numbers: Vec<u32>,
}

/// Loads a shard.
///
/// # Errors
/// When a work file is gone or damaged (Dependency), or `exclude` does not fit its source (Job).
pub fn load(spec: &RunSpec, reader: &ChunkReader, chunks: &[Chunk]) -> Result<Shard> {
    let mut batches = reader.read(chunks)?;
    let mut notes = NoteCounter::default();
    // First, since they are not needed any more when rows are joined.
    count_owners(&batches, &mut notes)?;
    batches.retain(|source, _| !is_order_owners(*source));
    let mut interner = Interner::default();
    let mut candidates = Vec::with_capacity(spec.sources.len());
    for source in 0_u32..spec.sources.len() as u32 {
        let rows = joined(&batches.remove(&source).unwrap_or_default())?;
        let numbers = match &rows {
            Some(rows) => interner.numbers(ids(rows)?),
            None => Vec::new(),
        };
        candidates.push(Candidate { rows, numbers });
    }
    let trimmed = match joined(&batches.remove(&TRIMMED_IDS).unwrap_or_default())? {
        Some(rows) => interner.numbers(ids(&rows)?),
        None => Vec::new(),
    };
    let quarantine = batches.remove(&QUARANTINE).unwrap_or_default();
    decide(spec, interner, candidates, &trimmed, quarantine, notes)
}

fn ids(rows: &RecordBatch) -> Result<&StringArray> {
    rows.column_by_name("customer_id")
        .and_then(|ids| ids.as_string_opt::<i32>())
        .ok_or_else(|| Error::bug("rows have no customer_id"))
}

fn decide(
    spec: &RunSpec,
    interner: Interner,
    candidates: Vec<Candidate>,
    trimmed: &[u32],
    quarantine: Vec<RecordBatch>,
    mut notes: NoteCounter,
) -> Result<Shard> {
    let as_of = midnight(spec.job.as_of, &spec.job.timezone)?;
    let standing_in = stood_in_for(spec, &candidates, &mut notes)?;
    let Membership { members, excluded, closed } =
        membership(spec, &interner, &candidates, trimmed, &standing_in, &mut notes)?;

    let mut fates = Vec::new();
    let mut duplicate_customers = Vec::new();
    let mut used_rows: Vec<(usize, Option<RecordBatch>, Vec<u32>)> = Vec::new();
    let mut has_row = vec![false; interner.len()];
    for (at, (source, candidate)) in spec.sources.iter().zip(&candidates).enumerate() {
        if source.role == SourceRole::Exclusion {
            continue;
        }
        let mut counts = SourceFates { source: at as u32, ..SourceFates::default() };
        let mut used: Vec<bool> = Vec::with_capacity(candidate.numbers.len());
        let times = candidate
            .rows
            .as_ref()
            .filter(|_| source.source.kind == SourceKind::Transactions)
            .and_then(|rows| rows.column_by_name("time"))
            .map(|times| times.as_primitive::<TimestampMicrosecondType>());
        for (row, &number) in candidate.numbers.iter().enumerate() {
            let fate = if excluded[number as usize] {
                &mut counts.excluded
            } else if closed && !members[number as usize] {
                &mut counts.unknown_customer
            } else if times.is_some_and(|times| times.value(row) >= as_of) {
                &mut counts.not_before_as_of
            } else {
                used.push(true);
                continue;
            };
            *fate += 1;
            used.push(false);
        }
        let lost = match &candidate.rows {
            Some(_) if source.source.kind == SourceKind::Customers => standing_in[at].clone(),
            Some(rows) if !source.source.key.is_empty() => {
                let candidates = BooleanArray::from(used.clone());
                let keep = match &source.source.duplicates {
                    Duplicates::KeepLast(by) => Keep::Last(by),
                    Duplicates::Error => Keep::First,
                };
                let found = duplicates::of_key(rows, &candidate.numbers, &source.source.key, keep, &candidates)?;
                note_duplicates(&found, at as u32, &source.source.duplicates, &mut notes);
                found.lost
            }
            _ => Vec::new(),
        };
        for (used, _) in used.iter_mut().zip(lost).filter(|(used, lost)| **used && *lost) {
            *used = false;
            counts.duplicate += 1;
        }
        if counts.duplicate > 0
            && source.source.kind == SourceKind::Customers
            && source.source.duplicates == Duplicates::Error
        {
            duplicate_customers.push(SourceCount { source: at as u32, count: counts.duplicate });
        }
        let numbers: Vec<u32> =
            candidate.numbers.iter().zip(&used).filter(|(_, used)| **used).map(|(number, _)| *number).collect();
        counts.used = numbers.len() as u64;
        counts.newest = times.and_then(|times| {
            let used_times = times.values().iter().zip(&used).filter(|(_, used)| **used);
            used_times.map(|(time, _)| *time).max()
        });
        let mut rows_of = vec![0_u64; interner.len()];
        for &number in &numbers {
            rows_of[number as usize] += 1;
        }
        for (has_row, rows) in has_row.iter_mut().zip(&rows_of) {
            *has_row |= *rows > 0;
        }
        counts.customers = rows_of.iter().filter(|rows| **rows > 0).count() as u64;
        counts.largest_customer = rows_of.into_iter().max().unwrap_or_default();
        let rows = candidate
            .rows
            .as_ref()
            .map(|rows| match numbers.len() == rows.num_rows() {
                true => Ok(rows.clone()),
                false => filter_record_batch(rows, &BooleanArray::from(used)),
            })
            .transpose()
            .map_err(|error| Error::bug("rows could not be filtered").caused_by(error))?;
        fates.push(counts);
        used_rows.push((at, rows, numbers));
    }
    drop(candidates);

    let population = interner.sorted(|number| match closed {
        true => members[number as usize] && !excluded[number as usize],
        false => has_row[number as usize],
    });
    let mut ordinal_of = vec![u32::MAX; interner.len()];
    for (ordinal, &number) in (0_u32..).zip(&population) {
        ordinal_of[number as usize] = ordinal;
    }
    let sources = used_rows
        .into_iter()
        .map(|(source, rows, mut numbers)| {
            for number in &mut numbers {
                *number = ordinal_of[*number as usize];
            }
            SourceRows { source, rows, ordinals: numbers }
        })
        .collect();
    let customers = population.iter().map(|&number| Some(interner.id(number))).collect();
    Ok(Shard { customers, sources, quarantine, fates, duplicate_customers, notes })
}

/// For each customers source, which rows another row of the customer stands in for.
fn stood_in_for(spec: &RunSpec, candidates: &[Candidate], notes: &mut NoteCounter) -> Result<Vec<Vec<bool>>> {
    let mut all = Vec::with_capacity(candidates.len());
    for ((number, source), candidate) in (0..).zip(&spec.sources).zip(candidates) {
        let lost = match &candidate.rows {
            Some(rows) if source.source.kind == SourceKind::Customers => {
                let by = match &source.source.duplicates {
                    Duplicates::Error => None,
                    Duplicates::KeepLast(by) => Some(by.as_str()),
                };
                let found = duplicates::of_customer(rows, &candidate.numbers, by)?;
                if source.role != SourceRole::Exclusion {
                    note_duplicates(&found, number, &source.source.duplicates, notes);
                }
                found.lost
            }
            _ => Vec::new(),
        };
        all.push(lost);
    }
    Ok(all)
}

/// Counts the duplicates that differ. Where the job says which one is kept, they are expected, unless that leaves it open.
fn note_duplicates(found: &Found, source: u32, kept: &Duplicates, notes: &mut NoteCounter) {
    notes.add(source, Note::KeyNull, "", found.without_key, 0);
    match kept {
        Duplicates::Error => notes.add(source, Note::DuplicateDiffers, "", found.differing, 0),
        Duplicates::KeepLast(by) => {
            notes.add(source, Note::DuplicateReplaced, by, found.differing - found.undecided, 0);
            notes.add(source, Note::DuplicateUndecided, by, found.undecided, 0);
        }
    }
}

/// Who may be in the population, by number.
struct Membership {
    members: Vec<bool>,
    excluded: Vec<bool>,
    /// Whether only members are; else everybody with a used row.
    closed: bool,
}

fn membership(
    spec: &RunSpec,
    interner: &Interner,
    candidates: &[Candidate],
    trimmed: &[u32],
    standing_in: &[Vec<bool>],
    notes: &mut NoteCounter,
) -> Result<Membership> {
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
                for &customer in &candidate.numbers {
                    members[customer as usize] = true;
                }
                if let (Some(rows), Some(exclude)) = (&candidate.rows, &spec.job.population.exclude) {
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
    let settings = Settings::new(&spec.job.timezone)?;
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
