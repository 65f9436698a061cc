//! What a value is held against: limits of the job, and those above which a run warns by itself.

use super::checks::{ANONYMOUS, FATES, FRESHNESS, QUARANTINED};
use crate::{
    notes::{Note, Noted, Subject, grouped},
    results::{QualityAction, QualityRow},
};
use segmenter_proto::jobs::{GateAction, Quality};

/// A limit on one row of the table.
pub(super) struct Limit {
    key: Key,
    min: Option<f64>,
    max: Option<f64>,
    pub(super) action: QualityAction,
}

/// Where a limit comes from.
enum Key {
    /// A key of `[quality]`.
    Job(&'static str),
    /// A gate.
    Gate,
    /// A check of the user's own: what is noted of it.
    Check(String),
    /// Nobody: what rows are, where there are too many of them.
    Fate(&'static str),
    /// Nobody: the registry of notes.
    Note(String),
}

impl Limit {
    /// Whether the job does not set it.
    pub(super) fn is_own(&self) -> bool {
        matches!(self.key, Key::Fate(_) | Key::Note(_))
    }

    /// Gives what the row's value is compared with.
    pub(super) fn value(&self) -> Option<f64> {
        self.max.or(self.min)
    }

    /// Says how a row misses the limit, and whose row it is where the message stands alone; none where it keeps it.
    pub(super) fn missed_by(&self, subject: &Subject, row: &QualityRow) -> Option<String> {
        let name = match &row.column_name {
            Some(column) => format!("{} of {column}", row.check_name),
            None => row.check_name.clone(),
        };
        let whose = if self.action == QualityAction::Stop { format!("{subject}: ") } else { String::new() };
        let Some(value) = row.value else {
            let never_fresh = row.check_name == FRESHNESS && matches!(self.key, Key::Gate);
            return never_fresh
                .then(|| format!("{whose}{name} has no row before as_of to be fresh, and a gate sets a limit"));
        };
        let (side, bound, limit) = match (self.min, self.max) {
            (_, Some(max)) if value > max => ("more than", "max", max),
            (Some(min), _) if value < min => ("less than", "min", min),
            _ => return None,
        };
        let limit = match &self.key {
            Key::Gate => format!("the gate's `{bound} = {limit}`"),
            Key::Job(key) => format!("`{key} = {limit}`"),
            Key::Fate(are) => {
                let (failed, checked) = (row.rows_failed.unsigned_abs(), row.rows_checked.unsigned_abs());
                let share = percentage(value);
                return Some(format!("{} of {} rows ({share}) {are}", grouped(failed), grouped(checked)));
            }
            Key::Note(sentence) => return Some(sentence.clone()),
            Key::Check(sentence) => {
                let share = percentage(value);
                return Some(format!("{whose}{sentence}: {share}, more than `max_failed_share = {limit}` allows"));
            }
        };
        let found = match row.failed_share {
            Some(share) => format!("{} ({} of {} rows)", percentage(share), row.rows_failed, row.rows_checked),
            None => plain_number(value, 1),
        };
        Some(format!("{whose}{name} is {found}, {side} {limit} allows"))
    }
}

/// Gives the limits of a row: those of the job, and, where the job has no gate on it, those above which a run warns by itself.
pub(super) fn limits(subject: &Subject, row: &QualityRow, noted: Option<&Noted>, quality: &Quality) -> Vec<Limit> {
    let job = |key, max: Option<f64>| {
        max.map(|max| Limit { key: Key::Job(key), min: None, max: Some(max), action: QualityAction::Stop })
    };
    let of_source = matches!(subject, Subject::Source(_)) && row.column_name.is_none();
    let general = match row.check_name.as_str() {
        QUARANTINED if of_source => job("max_quarantined_share", quality.max_quarantined_share),
        ANONYMOUS if of_source => job("max_anonymous_share", quality.max_anonymous_share),
        _ => None,
    };
    let gates = quality.gates.iter().filter(|gate| {
        gate.source == subject.name()
            && gate.check == row.check_name
            && (gate.column.is_none() || gate.column == row.column_name)
    });
    let gates = gates.map(|gate| Limit { key: Key::Gate, min: gate.min, max: gate.max, action: action(gate.action) });
    let mut all: Vec<Limit> = of_check(subject, row, noted, quality).into_iter().chain(gates).collect();
    // `max_quarantined_share` says when to stop, not how many bad rows are usual; who sets the other knows of them.
    let is_known = !all.is_empty() || (row.check_name == ANONYMOUS && general.is_some());
    all.extend(general);
    if !is_known {
        all.extend(own_limit(row, noted));
    }
    all
}

/// The limit of a check of the user's own.
fn of_check(subject: &Subject, row: &QualityRow, noted: Option<&Noted>, quality: &Quality) -> Option<Limit> {
    let noted = noted.filter(|noted| noted.note == Note::CheckFailed && matches!(subject, Subject::Source(_)))?;
    let is_own = |name: &String| row.column_name.as_ref() == Some(name);
    let check = quality.checks.iter().find(|check| check.source == subject.name() && is_own(&check.name))?;
    let (max, action) = (Some(check.max_failed_share), action(check.action));
    Some(Limit { key: Key::Check(noted.sentence()), min: None, max, action })
}

fn action(of_job: GateAction) -> QualityAction {
    match of_job {
        GateAction::Stop => QualityAction::Stop,
        GateAction::Warn => QualityAction::Warn,
    }
}

/// The limit above which a run warns by itself.
fn own_limit(row: &QualityRow, noted: Option<&Noted>) -> Option<Limit> {
    let (key, max) = match noted {
        Some(noted) => (Key::Note(noted.sentence()), noted.note.entry().warns_above?),
        None => {
            let fate = FATES.iter().find(|fate| fate.name == row.check_name)?;
            (Key::Fate(fate.are), fate.warns_above?)
        }
    };
    Some(Limit { key, min: None, max: Some(max), action: QualityAction::Warn })
}

/// Writes a share as a percentage of three significant digits.
pub(super) fn percentage(share: f64) -> String {
    let percent = share * 100.0;
    let digits = if percent > 0.0 { (2.0 - percent.log10().floor()).clamp(0.0, 12.0) as usize } else { 0 };
    format!("{} %", plain_number(percent, digits))
}

/// Writes a number with at most so many digits behind the point.
fn plain_number(value: f64, digits: usize) -> String {
    let text = format!("{value:.digits$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}
