//! From counts to the rows of `quality.parquet`, what the run warns of, and whether it may go on.

use super::{
    checks::{FATES, FRESHNESS, QUARANTINED, ROWS_USED},
    counts::{OtherCounts, RejectedRows, SourceCounts},
    limits::limits,
};
use crate::{
    notes::{Note, Noted, Subject, grouped},
    results::{QualityAction, QualityRow},
};
use segmenter_proto::{Error, Result, jobs::Quality};
use std::cmp::Reverse;

const MICROSECONDS_AN_HOUR: f64 = 3.6e9;

/// What the counts come to.
#[derive(Debug)]
pub struct Evaluated {
    /// The rows of `quality.parquet`.
    pub rows: Vec<QualityRow>,
    /// The error with which the run stops, if a check stops it.
    pub stop: Option<Error>,
    /// What the run warns of.
    pub warnings: Vec<QualityWarning>,
}

/// Something that does not stop the run and should be known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QualityWarning {
    /// Whose it is.
    pub subject: Subject,
    /// What it is, for people.
    pub text: String,
}

/// A row of the table with what it is made of.
struct Checked<'a> {
    subject: &'a Subject,
    noted: Option<Noted>,
    row: QualityRow,
}

/// Gives every check of every source, then of the features and the segmentations, and what follows from them.
///
/// A limit is passed by a value equal to it. A share of no rows passes; `freshness_hours` without a used row fails every
/// gate on it, since nothing fresh is there. A note has a row where it was made or a gate looks at it, and a check of the user's own has
/// one always.
///
/// # Errors
/// A bug where the fates of a source do not add up to the rows read.
pub fn evaluate(sources: &[SourceCounts], others: &[OtherCounts], quality: &Quality) -> Result<Evaluated> {
    let mut checked: Vec<Checked<'_>> = Vec::new();
    for counts in sources {
        let fates = &counts.fates;
        if !fates.adds_up() {
            return Err(Error::bug(format!(
                "{}: {} rows were read, but {} are accounted for",
                counts.subject,
                fates.read,
                fates.accounted().unwrap_or(u64::MAX)
            )));
        }
        if counts.subject != Subject::ExcludeList {
            checked.extend(of_fates(counts).map(|row| Checked { subject: &counts.subject, noted: None, row }));
        }
        checked.extend(of_notes(&counts.subject, &counts.notes, fates.read, quality));
    }
    for counts in others {
        checked.extend(of_notes(&counts.subject, &counts.notes, counts.customers, quality));
    }
    let counts_of = |subject: &Subject| sources.iter().find(|counts| counts.subject == *subject);
    let unused: Vec<&SourceCounts> = sources.iter().filter(|counts| counts.fates.used == 0).collect();
    let mut warnings: Vec<QualityWarning> = unused
        .iter()
        .map(|counts| QualityWarning { subject: counts.subject.clone(), text: nothing_used(counts) })
        .collect();
    let mut stops = Vec::new();
    for Checked { subject, noted, row } in &mut checked {
        for limit in limits(subject, row, noted.as_ref(), quality) {
            let missed = limit.missed_by(subject, row);
            if row.limit.is_none() || (missed.is_some() && limit.action > row.action) {
                row.limit = limit.value();
            }
            let Some(mut missed) = missed else { continue };
            if row.check_name == QUARANTINED && row.rows_failed > 0 {
                missed.push_str(&counts_of(subject).and_then(most_rejected).unwrap_or_default());
            }
            row.action = row.action.max(limit.action);
            let is_told = limit.is_own() && noted.is_none() && unused.iter().any(|counts| counts.subject == **subject);
            match limit.action {
                QualityAction::Stop => stops.push(missed),
                // Where nothing is used, all fates were told.
                _ if is_told => {}
                _ => warnings.push(QualityWarning { subject: subject.clone(), text: missed }),
            }
        }
    }
    let rows = checked.into_iter().map(|checked| checked.row).collect();
    Ok(Evaluated { rows, stop: stop_error(stops), warnings })
}

fn of_fates(counts: &SourceCounts) -> impl Iterator<Item = QualityRow> {
    let (source, fates) = (counts.subject.name(), &counts.fates);
    let shares = FATES.iter().map(|check| share_row(source, check.name, None, fates.read, fates.of(check.fate)));
    let mut rows: Vec<QualityRow> = shares.collect();
    let plain = |check: &str, value| QualityRow {
        source: source.to_owned(),
        check_name: check.to_owned(),
        column_name: None,
        rows_checked: count(fates.used),
        rows_failed: 0,
        failed_share: None,
        action: QualityAction::Ok,
        value,
        limit: None,
    };
    rows.push(plain(ROWS_USED, Some(fates.used as f64)));
    if let Some(age) = counts.age_of_latest {
        rows.push(plain(FRESHNESS, age.map(|age| age as f64 / MICROSECONDS_AN_HOUR)));
    }
    rows.into_iter()
}

/// Gives the rows of notes: those that were made, and those that a gate asks for.
fn of_notes<'a>(subject: &'a Subject, notes: &[Noted], of: u64, quality: &Quality) -> Vec<Checked<'a>> {
    let mut all: Vec<Noted> = notes.to_vec();
    if matches!(subject, Subject::Source(_)) {
        // Of no rows that could be judged, nothing was noted.
        let own = quality.checks.iter().filter(|check| check.source == subject.name());
        let rows = own.flat_map(|check| [Note::CheckFailed, Note::CheckUndecided].map(|note| (note, &check.name)));
        for (note, name) in rows {
            if !all.iter().any(|noted| noted.note == note && noted.column.as_ref() == Some(name)) {
                all.push(Noted { note, column: Some(name.clone()), count: 0, checked: 0, first: None });
            }
        }
    }
    for gate in quality.gates.iter().filter(|gate| gate.source == subject.name()) {
        let Some(note) = Note::of_check(&gate.check) else { continue };
        let is_there = |noted: &Noted| noted.note == note && (gate.column.is_none() || gate.column == noted.column);
        if !all.iter().any(is_there) {
            all.push(Noted { note, column: gate.column.clone(), count: 0, checked: of, first: None });
        }
    }
    all.sort_by(|left, right| (left.note, &left.column).cmp(&(right.note, &right.column)));
    let rows = all.into_iter().map(|noted| {
        let column = noted.column.as_deref();
        let row = share_row(subject.name(), &noted.note.check(), column, noted.checked, noted.count);
        Checked { subject, noted: Some(noted), row }
    });
    rows.collect()
}

fn share_row(source: &str, check: &str, column: Option<&str>, checked: u64, failed: u64) -> QualityRow {
    let share = (checked > 0).then(|| failed as f64 / checked as f64);
    QualityRow {
        source: source.to_owned(),
        check_name: check.to_owned(),
        column_name: column.map(str::to_owned),
        rows_checked: count(checked),
        rows_failed: count(failed),
        failed_share: share,
        action: QualityAction::Ok,
        value: share,
        limit: None,
    }
}

/// Says that nothing of a source is used, and where its rows went.
fn nothing_used(counts: &SourceCounts) -> String {
    let fates = &counts.fates;
    if fates.read == 0 {
        return "it has no rows".to_owned();
    }
    let went: Vec<String> = fates.lost().map(|(fate, rows)| format!("{} {}", grouped(rows), fate.word())).collect();
    let reason = most_rejected(counts).unwrap_or_default();
    format!("none of its {} rows is used: {}{reason}", grouped(fates.read), went.join(", "))
}

/// Tells the most frequent reason of the rows that were quarantined, ties by name.
fn most_rejected(counts: &SourceCounts) -> Option<String> {
    let by_rows = |reason: &&RejectedRows| (reason.rows, Reverse((reason.column.clone(), reason.reason_code.clone())));
    let most = counts.rejected.iter().max_by_key(by_rows)?;
    let place = most.column.as_deref().unwrap_or("the whole row");
    let hint = match most.reason_code.as_str() {
        "invalid_utf8" | "invalid_encoding" if most.column.is_none() => {
            " (csv.encoding says which encoding the files are in)"
        }
        _ => "",
    };
    Some(format!(", mostly {place}: {}{hint}", most.reason_code))
}

fn count(rows: u64) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

fn stop_error(stops: Vec<String>) -> Option<Error> {
    (!stops.is_empty()).then(|| {
        Error::data(stops.join("; ")).with_hint("look at the rows that failed, or change the limit in [quality]")
    })
}
