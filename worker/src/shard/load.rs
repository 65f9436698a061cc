//! Reads a shard's chunks and decides what the partition could not: who is in the population, and which rows count.

use super::{
    attributes::note_differing,
    duplicates::{self, Duplicates as Found, Keep},
    intern::Interner,
    membership::{Membership, membership},
    outcome::{Bounds, OutcomeRows, When, only},
    own_ids::{numbers_of_own_ids, one_row_a_person},
    rows::{Rows, Shard, SourceRows, UNUSED, coalesced, joined},
};
use crate::{
    notes::{Note, NoteCounter},
    partition::{
        ChunkReader, QUARANTINE, STORED_ROWS, SUBSIDIARIES, StoredRows, TRIMMED_IDS, count_owners, is_order_owners,
    },
    spec::{RunSpec, SourceRole, SourceSpec, midnight},
    values::normalise_time,
};
use arrow::array::{Array, AsArray, BooleanArray, RecordBatch, StringArray, TimestampMicrosecondArray, UInt32Array};
use chrono_tz::Tz;
use segmenter_proto::{
    Error, Result,
    jobs::{Duplicates, Source},
    v1::{Chunk, SourceCount, SourceFates},
};
use std::collections::BTreeMap;

/// Where the rows of a shard go that are not compared with each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Into memory.
    Memory,
    /// They stay in the work folder, and are read whenever they are looked at: twice and more often.
    WorkFolder,
}

/// Gives the bytes of memory that loading a shard takes, by what was measured: its rows, those that are compared with each other twice (as
/// chunks and joined), and numbers and tables on top. Orders with their customers are counted, once more as sorted, and let go of before.
pub fn memory_needed(spec: &RunSpec, chunks: &[Chunk], place: Place) -> u64 {
    let (mut rows, mut beside, mut owners) = (0, 0, 0);
    for chunk in chunks {
        let is_whole = spec.sources.get(chunk.source as usize).is_none_or(is_compared);
        match (is_order_owners(chunk.source), is_whole, place) {
            (true, ..) => owners += chunk.memory,
            (_, true, _) => (rows, beside) = (rows + chunk.memory, beside + chunk.memory + chunk.rows * NUMBERS),
            (_, false, Place::Memory) => (rows, beside) = (rows + chunk.memory, beside + chunk.rows * NUMBERS),
            (_, false, Place::WorkFolder) => beside += chunk.rows * NUMBERS,
        }
    }
    let reading = if place == Place::WorkFolder { STORED_ROWS } else { 0 };
    rows + (2 * owners).max(beside) + reading
}

/// Bytes beside a row: numbers of customers, what is known of the row, and its part in what is known of the customer.
const NUMBERS: u64 = 24;

/// Says whether rows of a source are compared with each other, for which they lie in one batch.
pub fn is_compared(source: &SourceSpec) -> bool {
    source.source.is_of_population() || !source.source.key.is_empty()
}

/// Rows of a source before their fate is known.
#[derive(Default)]
pub(super) struct Candidate {
    /// One, if they are compared with each other; none of rows that are stored.
    batches: Vec<RecordBatch>,
    pub(super) numbers: Vec<u32>,
    stored: Option<Stored>,
}

/// What is known of rows that are not at hand any more.
struct Stored {
    rows: StoredRows,
    /// When each row happened; of a source without times, before.
    when: Vec<When>,
    /// The newest time before it, a customer.
    newest: Vec<Option<i64>>,
    /// The newest time of those that say whether the outcome window is over.
    newest_seen: Option<i64>,
}

impl Candidate {
    /// The rows, of a source whose rows are compared with each other.
    pub(super) fn whole(&self) -> Option<&RecordBatch> {
        self.batches.first()
    }

    /// Since when the rows that are at hand are there, by the column `since`.
    fn times(&self, since: Option<&str>, zone: Tz) -> impl Iterator<Item = Option<i64>> {
        self.batches.iter().filter_map(move |rows| times(rows, since, zone)).flat_map(|times| {
            let rows = times.len();
            (0..rows).map(move |row| times.is_valid(row).then(|| times.value(row)))
        })
    }

    /// Says of each row of a source of customers whether it is there before `as_of`.
    pub(super) fn is_before(&self, source: &Source, bounds: Bounds, zone: Tz) -> Vec<bool> {
        let mut times = self.times(source.since(), zone);
        let is_before = |_: &u32| times.next().flatten().is_none_or(|time| bounds.when(time) == When::Before);
        self.numbers.iter().map(is_before).collect()
    }

    /// Takes the numbers and times of rows that are stored.
    fn look_at(
        &mut self,
        rows: &RecordBatch,
        source: &Source,
        (bounds, zone): (Bounds, Tz),
        interner: &mut Interner,
    ) -> Result<()> {
        let first = self.numbers.len();
        interner.number_all(ids(rows, source.owner_id())?, &mut self.numbers);
        let Some(Stored { when, newest, newest_seen, .. }) = &mut self.stored else {
            return Err(Error::bug("rows that are held are looked at once"));
        };
        newest.resize(interner.len(), None);
        let Some(times) = times(rows, source.since(), zone) else {
            when.resize(self.numbers.len(), When::Before);
            return Ok(());
        };
        let has_times = source.has_times();
        for (number, time) in self.numbers[first..].iter().zip(&times) {
            let happened = time.map_or(When::Before, |time| bounds.when(time));
            when.push(happened);
            if has_times && time.is_some_and(|time| bounds.is_evidence(time)) {
                *newest_seen = (*newest_seen).max(time);
            }
            if has_times && happened == When::Before {
                let newest = &mut newest[*number as usize];
                *newest = (*newest).max(time);
            }
        }
        match when.len() == self.numbers.len() {
            true => Ok(()),
            false => Err(Error::bug("some rows of a source have no times")),
        }
    }
}

/// Gives since when rows are there; none where the column is no date and no time.
fn times(rows: &RecordBatch, since: Option<&str>, zone: Tz) -> Option<TimestampMicrosecondArray> {
    normalise_time(rows.column_by_name(since?)?, zone).ok()
}

/// Loads a shard.
///
/// # Errors
/// When a work file is gone or damaged (Dependency), or `exclude` does not fit its source (Job).
pub fn load(spec: &RunSpec, reader: &ChunkReader, chunks: &[Chunk], place: Place) -> Result<Shard> {
    let mut notes = NoteCounter::default();
    let mut interner = Interner::default();
    let mut candidates: Vec<Candidate> = spec.sources.iter().map(|_| Candidate::default()).collect();
    let of_people = |at: u32| spec.sources.get(at as usize).is_some_and(|source| source.source.is_of_population());
    let as_of = midnight(spec.job.as_of, &spec.job.timezone)?;
    let mut batches = match place {
        Place::Memory => {
            let mut batches = reader.read(chunks)?;
            // First, since they are not needed any more when rows are numbered.
            count_owners(&batches, of_people, as_of, &mut notes)?;
            batches.retain(|source, _| !is_order_owners(*source));
            batches
        }
        Place::WorkFolder => {
            // By themselves, so that they are gone when rows are numbered.
            let (owners, chunks): (Vec<Chunk>, Vec<Chunk>) =
                chunks.iter().cloned().partition(|chunk| is_order_owners(chunk.source));
            count_owners(&reader.read(&owners)?, of_people, as_of, &mut notes)?;
            looked_at(spec, reader, &chunks, &mut candidates, &mut interner)?
        }
    };
    for ((number, source), candidate) in (0_u32..).zip(&spec.sources).zip(&mut candidates) {
        if candidate.stored.is_some() {
            continue;
        }
        let batches = batches.remove(&number).unwrap_or_default();
        candidate.batches = match is_compared(source) {
            true => joined(&batches)?.into_iter().collect(),
            false => coalesced(batches)?,
        };
        for rows in &candidate.batches {
            interner.number_all(ids(rows, source.source.owner_id())?, &mut candidate.numbers);
        }
    }
    let trimmed = match joined(&batches.remove(&TRIMMED_IDS).unwrap_or_default())? {
        Some(rows) => interner.numbers(ids(&rows, spec.job.unit.key())?),
        None => Vec::new(),
    };
    let parents = match joined(&batches.remove(&SUBSIDIARIES).unwrap_or_default())? {
        Some(rows) => interner.numbers(ids(&rows, spec.job.unit.key())?),
        None => Vec::new(),
    };
    let quarantine = batches.remove(&QUARANTINE).unwrap_or_default();
    decide(spec, interner, candidates, Beside { trimmed, parents, quarantine }, notes)
}

/// Looks once at the rows that stay in the work folder; gives the others.
fn looked_at(
    spec: &RunSpec,
    reader: &ChunkReader,
    chunks: &[Chunk],
    candidates: &mut [Candidate],
    interner: &mut Interner,
) -> Result<BTreeMap<u32, Vec<RecordBatch>>> {
    for ((number, source), candidate) in (0_u32..).zip(&spec.sources).zip(candidates.iter_mut()) {
        if !is_compared(source) {
            let rows = reader.stored(chunks.iter().filter(|chunk| chunk.source == number).cloned().collect());
            candidate.stored = Some(Stored { rows, when: Vec::new(), newest: Vec::new(), newest_seen: None });
        }
    }
    let (bounds, zone) = (Bounds::of(spec)?, spec.zone()?);
    let mut batches: BTreeMap<u32, Vec<RecordBatch>> = BTreeMap::new();
    reader.each(chunks, |source, rows| {
        let at = source as usize;
        match candidates.get_mut(at).filter(|candidate| candidate.stored.is_some()).zip(spec.sources.get(at)) {
            Some((candidate, spec)) => candidate.look_at(&rows, &spec.source, (bounds, zone), interner)?,
            None => batches.entry(source).or_default().push(rows),
        }
        Ok(())
    })?;
    Ok(batches)
}

fn ids<'a>(rows: &'a RecordBatch, name: &str) -> Result<&'a StringArray> {
    rows.column_by_name(name).and_then(|ids| ids.as_string_opt::<i32>()).ok_or_else(|| Error::bug("rows have no id"))
}

/// What a shard has beside the rows of its sources, ids as their numbers.
struct Beside {
    /// Ids to leave out, without what cannot be seen at their ends.
    trimmed: Vec<u32>,
    /// The company that another belongs to, each as often as companies do.
    parents: Vec<u32>,
    quarantine: Vec<RecordBatch>,
}

fn decide(
    spec: &RunSpec,
    interner: Interner,
    candidates: Vec<Candidate>,
    Beside { trimmed, parents, quarantine }: Beside,
    mut notes: NoteCounter,
) -> Result<Shard> {
    let (bounds, zone) = (Bounds::of(spec)?, spec.zone()?);
    let standing_in = stood_in_for(spec, &candidates, &mut notes)?;
    let Membership { members, excluded, closed } =
        membership(spec, &interner, &candidates, &trimmed, &standing_in, &mut notes)?;

    let mut fates = Vec::new();
    let mut duplicate_customers = Vec::new();
    let mut used_rows: Vec<(usize, Rows, Vec<u32>)> = Vec::new();
    let mut outcome_rows: Vec<OutcomeRows> = Vec::new();
    let mut has_row = vec![false; interner.len()];
    for (at, (source, candidate)) in spec.sources.iter().zip(candidates).enumerate() {
        if source.role == SourceRole::Exclusion {
            continue;
        }
        let mut counts = SourceFates { source: at as u32, ..SourceFates::default() };
        let mut used: Vec<bool> = Vec::with_capacity(candidate.numbers.len());
        // Only where there are rows of the outcome window.
        let mut of_outcome: Vec<bool> = Vec::new();
        let has_times = source.source.has_times();
        let since = source.source.since();
        let mut times = candidate.times(since, zone);
        let is_people = source.source.is_of_population();
        for (row, &number) in candidate.numbers.iter().enumerate() {
            let when = match &candidate.stored {
                Some(stored) => stored.when[row],
                None => times.next().flatten().map_or(When::Before, |time| bounds.when(time)),
            };
            let fate = if excluded[number as usize] {
                &mut counts.excluded
            } else if closed && !members[number as usize] && source.role != SourceRole::Population {
                &mut counts.unknown_customer
            } else if when != When::Before {
                // Who comes later is no row that says what came of the segments.
                if when == When::Outcome && !is_people {
                    of_outcome.resize(row, false);
                    of_outcome.push(true);
                }
                &mut counts.not_before_as_of
            } else {
                used.push(true);
                continue;
            };
            *fate += 1;
            used.push(false);
        }
        drop(times);
        let lost = match candidate.whole() {
            Some(_) if source.source.is_of_population() => standing_in[at].clone(),
            Some(rows) if !source.source.key.is_empty() => {
                let lost_of = |candidates: &[bool]| {
                    let keep = match &source.source.duplicates {
                        Duplicates::KeepLast(by) => Keep::Last(by),
                        Duplicates::Error => Keep::First,
                    };
                    let candidates = BooleanArray::from(candidates.to_vec());
                    duplicates::of_key(rows, &candidate.numbers, &source.source.key, keep, &candidates)
                };
                if !of_outcome.is_empty() {
                    of_outcome.resize(used.len(), false);
                    // The earliest counts, of whichever window it is; which is the last is asked of each window alone.
                    let among: Vec<bool> = match &source.source.duplicates {
                        Duplicates::Error => {
                            used.iter().zip(&of_outcome).map(|(used, later)| *used || *later).collect()
                        }
                        Duplicates::KeepLast(_) => of_outcome.clone(),
                    };
                    let lost = lost_of(&among)?.lost;
                    of_outcome.iter_mut().zip(lost).for_each(|(is_of, lost)| *is_of &= !lost);
                }
                let found = lost_of(&used)?;
                note_duplicates(&found, at as u32, &source.source.duplicates, &mut notes);
                found.lost
            }
            _ => Vec::new(),
        };
        for (used, _) in used.iter_mut().zip(lost).filter(|(used, lost)| **used && *lost) {
            *used = false;
            counts.duplicate += 1;
        }
        if counts.duplicate > 0 && source.source.is_of_population() && source.source.duplicates == Duplicates::Error {
            duplicate_customers.push(SourceCount { source: at as u32, count: counts.duplicate });
        }
        let numbers: Vec<u32> =
            candidate.numbers.iter().zip(&used).filter(|(_, used)| **used).map(|(number, _)| *number).collect();
        counts.used = numbers.len() as u64;
        if let Some(stored) = &candidate.stored {
            counts.newest = numbers.iter().filter_map(|number| stored.newest[*number as usize]).max();
        } else if has_times {
            let used_times = candidate.times(since, zone).zip(&used).filter(|(_, used)| **used);
            counts.newest = used_times.filter_map(|(time, _)| time).max();
        }
        let mut rows_of = vec![0_u64; interner.len()];
        for &number in &numbers {
            rows_of[number as usize] += 1;
        }
        for (has_row, rows) in has_row.iter_mut().zip(&rows_of) {
            *has_row |= *rows > 0;
        }
        counts.customers = rows_of.iter().filter(|rows| **rows > 0).count() as u64;
        counts.largest_customer = rows_of.into_iter().max().unwrap_or_default();
        counts.newest_seen = match &candidate.stored {
            Some(stored) => stored.newest_seen,
            None if has_times => candidate.times(since, zone).flatten().filter(|time| bounds.is_evidence(*time)).max(),
            None => None,
        };
        fates.push(counts);
        if !of_outcome.is_empty() {
            of_outcome.resize(used.len(), false);
            outcome_rows.push(match &candidate.stored {
                Some(stored) => OutcomeRows::stored(at, stored.rows.clone(), &candidate.numbers, &of_outcome),
                None => OutcomeRows::held(at, &candidate.batches, &candidate.numbers, of_outcome)?,
            });
        }
        used_rows.push(match candidate.stored {
            Some(stored) => {
                let of_row = |(number, used): (u32, bool)| if used { number } else { UNUSED };
                (at, Rows::Stored(stored.rows), candidate.numbers.into_iter().zip(used).map(of_row).collect())
            }
            None if spec.job.identity.is_some() && source.source.is_of_population() => {
                let rows = only(candidate.batches, &BooleanArray::from(used))?;
                match joined(&rows)? {
                    None => (at, Rows::Held(rows), numbers),
                    Some(rows) => {
                        let (rows, numbers) = one_row_a_person(rows, numbers, &source.source)?;
                        (at, Rows::Held(vec![rows]), numbers)
                    }
                }
            }
            None if numbers.len() == used.len() => (at, Rows::Held(candidate.batches), numbers),
            None => (at, Rows::Held(only(candidate.batches, &BooleanArray::from(used))?), numbers),
        });
    }

    let population = interner.sorted(|number| match closed {
        true => members[number as usize] && !excluded[number as usize],
        false => has_row[number as usize],
    });
    let mut ordinal_of = vec![u32::MAX; interner.len()];
    for (ordinal, &number) in (0_u32..).zip(&population) {
        ordinal_of[number as usize] = ordinal;
    }
    let sources: Vec<SourceRows> = used_rows
        .into_iter()
        .map(|(source, rows, mut numbers)| {
            for number in numbers.iter_mut().filter(|number| **number != UNUSED) {
                *number = ordinal_of[*number as usize];
            }
            SourceRows { source, rows, ordinals: UInt32Array::from(numbers) }
        })
        .collect();
    note_differing(spec, &sources, population.len(), &mut notes)?;
    let mut subsidiaries = vec![0_i64; population.len()];
    for ordinal in parents.into_iter().map(|parent| ordinal_of[parent as usize]).filter(|ordinal| *ordinal != u32::MAX)
    {
        subsidiaries[ordinal as usize] += 1;
    }
    let customers = population.iter().map(|&number| Some(interner.id(number))).collect();
    let outcome = outcome_rows.into_iter().map(|rows| rows.of_population(&ordinal_of)).collect::<Result<_>>()?;
    Ok(Shard { customers, sources, outcome, subsidiaries, quarantine, fates, duplicate_customers, notes })
}

/// For each customers source, which rows another row of the customer stands in for.
fn stood_in_for(spec: &RunSpec, candidates: &[Candidate], notes: &mut NoteCounter) -> Result<Vec<Vec<bool>>> {
    let (bounds, zone) = (Bounds::of(spec)?, spec.zone()?);
    let mut all = Vec::with_capacity(candidates.len());
    for ((number, source), candidate) in (0..).zip(&spec.sources).zip(candidates) {
        let lost = match candidate.whole() {
            Some(rows) if source.source.is_of_population() => {
                let by = match &source.source.duplicates {
                    Duplicates::Error => source.source.owner_id(),
                    Duplicates::KeepLast(by) => by,
                };
                // What comes later takes nothing back of what was known before.
                let there = candidate.is_before(&source.source, bounds, zone);
                // Each id of a person has a row of its own.
                let found = match spec.job.identity.is_some() && source.role != SourceRole::Exclusion {
                    true => duplicates::of_customer(rows, &numbers_of_own_ids(rows)?, by, &there)?,
                    false => duplicates::of_customer(rows, &candidate.numbers, by, &there)?,
                };
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
