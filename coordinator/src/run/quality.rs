//! From the fates of rows and what was noted of them to the checks of quality.

use super::reachable::of_population;
use crate::protocol::{ListedIds, NotedRows, RejectedReason};
use segmenter_proto::{
    Result, RowFates,
    jobs::Job,
    v1::{AssignDone, FeaturesDone, SourceFates},
};
use segmenter_worker::{
    engine::add_overflows,
    measure::{Evaluated, OtherCounts, RejectedRows, SourceCounts, evaluate},
    notes::{FEATURES, Note, NoteCounter, Noted, Subject},
    spec::midnight,
};
use std::collections::BTreeMap;

/// Gives the rows of `quality.parquet` with what follows from them, as far as is known.
///
/// # Errors
/// Bug only; what stops the run is a part of the answer.
pub fn check(job: &Job, done: &FeaturesDone, assigned: Option<&AssignDone>) -> Result<Evaluated> {
    let as_of = midnight(job.as_of, &job.timezone)?;
    let mut notes = NoteCounter::default();
    notes.merge(&done.notes);
    let customers = done.customers.iter().sum();
    let of_source = |number: u32, fates: &SourceFates| {
        of_population(job, number as usize, customers, settled(notes.of(number, fates.read)))
    };
    let counts = |number: u32, subject: Subject, has_times: bool| {
        let fates = fates_of(done, number);
        SourceCounts {
            subject,
            fates: RowFates::from(&fates),
            age_of_latest: has_times.then(|| fates.newest.map(|newest| as_of - newest)),
            rejected: rejected_of(done, number),
            notes: of_source(number, &fates).into_iter().chain(dominant(&fates)).collect(),
        }
    };
    let mut sources: Vec<SourceCounts> = (0..)
        .zip(&job.sources)
        .map(|(number, source)| counts(number, Subject::Source(source.name.clone()), source.has_times()))
        .collect();
    if job.population.exclude_list.is_some() {
        sources.push(counts(job.sources.len() as u32, Subject::ExcludeList, false));
    }
    let mut overflows = done.overflows.clone();
    // Derived features are computed where all others are known.
    add_overflows(&mut overflows, assigned.map(|assigned| assigned.overflows.clone()).unwrap_or_default());
    let overflows = overflows.into_iter().map(|overflow| Noted {
        note: Note::Overflow,
        column: Some(overflow.feature),
        count: overflow.count,
        checked: customers,
        first: None,
    });
    let notes = overflows.chain(notes.of(FEATURES, customers)).collect();
    let mut others = vec![OtherCounts { subject: Subject::Features, customers, notes }];
    if let Some(assigned) = assigned {
        others.extend(of_segmentations(job, customers, assigned));
    }
    evaluate(&sources, &others, &job.quality)
}

/// Takes away what was counted elsewhere: ids of the list that match without the blanks at their ends are counted in two shards, and rows of
/// which a check can say nothing are none that it judged.
fn settled(mut notes: Vec<Noted>) -> Vec<Noted> {
    let undecided: BTreeMap<Option<String>, u64> = notes
        .iter()
        .filter(|noted| noted.note == Note::CheckUndecided)
        .map(|noted| (noted.column.clone(), noted.count))
        .collect();
    for noted in notes.iter_mut().filter(|noted| noted.note == Note::CheckFailed) {
        noted.checked = noted.checked.saturating_sub(undecided.get(&noted.column).copied().unwrap_or_default());
    }
    let trimmed = notes.iter().find(|noted| noted.note == Note::MatchedTrimmed).map_or(0, |noted| noted.count);
    for noted in notes.iter_mut().filter(|noted| noted.note == Note::Unmatched) {
        noted.count = noted.count.saturating_sub(trimmed);
    }
    notes
}

fn fates_of(done: &FeaturesDone, number: u32) -> SourceFates {
    done.fates.iter().find(|fates| fates.source == number).copied().unwrap_or_default()
}

/// Notes a customer with a fifth of a source's rows, if that is at least twice what each would have: of few customers, one often has.
fn dominant(fates: &SourceFates) -> Option<Noted> {
    let SourceFates { largest_customer: rows, customers, used, .. } = *fates;
    let is_dominant = rows * 5 >= used && rows * customers >= used * 2 && rows > 1;
    let note = Note::DominantCustomer;
    is_dominant.then_some(Noted { note, column: None, count: rows, checked: used, first: None })
}

/// What was noted of every segmentation when its segments were assigned.
fn of_segmentations(job: &Job, customers: u64, assigned: &AssignDone) -> Vec<OtherCounts> {
    let mut counter = NoteCounter::default();
    counter.merge(&assigned.notes);
    let of_all = (0..).zip(&job.segmentations).map(|(number, segmentation)| {
        let notes = counter.of(number, customers);
        OtherCounts { subject: Subject::Segmentation(segmentation.name.clone()), customers, notes }
    });
    of_all.collect()
}

/// Gives what was noted of the rows of every source, by its name, for run.json; nothing of what was not seen.
pub fn notes_by_source(job: &Job, done: &FeaturesDone) -> BTreeMap<String, Vec<NotedRows>> {
    let mut notes = NoteCounter::default();
    notes.merge(&done.notes);
    let customers = done.customers.iter().sum();
    let names = job.sources.iter().map(|source| source.name.as_str());
    let of_source = (0..).zip(names.chain([Subject::ExcludeList.name()])).map(|(number, name)| {
        let noted = settled(notes.of(number, fates_of(done, number).read));
        let noted = of_population(job, number as usize, customers, noted).into_iter().filter(|noted| noted.count > 0);
        (name.to_owned(), noted.map(NotedRows::from).collect::<Vec<_>>())
    });
    of_source.filter(|(_, noted)| !noted.is_empty()).collect()
}

fn rejected_of(done: &FeaturesDone, source: u32) -> Vec<RejectedRows> {
    let of_source = done.rejected.iter().filter(|rejected| rejected.source == source);
    of_source
        .map(|rejected| RejectedRows {
            column: (!rejected.column.is_empty()).then(|| rejected.column.clone()),
            reason_code: rejected.reason_code.clone(),
            rows: rejected.count,
        })
        .collect()
}

/// Gives why rows of every source were quarantined, by its name, for run.json; sources without such rows are left out.
pub fn rejected_by_source(job: &Job, done: &FeaturesDone) -> BTreeMap<String, Vec<RejectedReason>> {
    let of_source = job.sources.iter().zip(0_u32..).map(|(source, number)| {
        let reasons = rejected_of(done, number).into_iter();
        let reasons =
            reasons.map(|RejectedRows { column, reason_code, rows }| RejectedReason { column, reason_code, rows });
        (source.name.clone(), reasons.collect::<Vec<_>>())
    });
    of_source.filter(|(_, reasons)| !reasons.is_empty()).collect()
}

/// Gives what the list of excluded ids came to; none without one.
pub fn listed_ids(job: &Job, done: &FeaturesDone) -> Option<ListedIds> {
    job.population.exclude_list.as_ref()?;
    let mut notes = NoteCounter::default();
    notes.merge(&done.notes);
    let of_list = settled(notes.of(job.sources.len() as u32, 0));
    let unmatched = of_list.iter().find(|noted| noted.note == Note::Unmatched);
    let (ids, unmatched) = unmatched.map_or((0, 0), |noted| (noted.checked, noted.count));
    Some(ListedIds { ids, matched: ids - unmatched })
}

/// Gives the fates of every source with its name, in the order of the job, and last those of the list of excluded ids.
pub fn fates_by_source(job: &Job, done: &FeaturesDone) -> Vec<(String, RowFates)> {
    let list = job.population.exclude_list.as_ref().map(|_| Subject::ExcludeList.name());
    let names = job.sources.iter().map(|source| source.name.as_str()).chain(list);
    (0..).zip(names).map(|(number, name)| (name.to_owned(), RowFates::from(&fates_of(done, number)))).collect()
}
