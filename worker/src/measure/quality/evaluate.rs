//! From counts to the rows of `quality.parquet`, and whether the run may go on.

use super::counts::{ColumnCounts, Fates, RejectedRows, SourceCounts};
use crate::results::{QualityAction, QualityRow};
use segmenter_proto::{
    Error, Result,
    jobs::{GateAction, Quality},
};
use std::cmp::Reverse;

const QUARANTINED: &str = "quarantined_share";
const ANONYMOUS: &str = "anonymous_share";
const FRESHNESS: &str = "freshness_hours";
const ROWS_USED: &str = "rows_used";
/// What a limit of `[[quality.gate]]` is called; the others have keys of their own.
const GATE: &str = "gate";
const MICROSECONDS_AN_HOUR: f64 = 3.6e9;

/// Picks one fate.
type Fate = fn(&Fates) -> u64;

/// The checks that are shares of the rows read, in the order of the table.
const SHARES: [(&str, Fate); 7] = [
    (QUARANTINED, |fates| fates.quarantined),
    (ANONYMOUS, |fates| fates.anonymous),
    ("duplicate_share", |fates| fates.duplicate),
    ("unknown_customer_share", |fates| fates.unknown_customer),
    ("filtered_share", |fates| fates.filtered),
    ("excluded_share", |fates| fates.excluded),
    ("not_before_as_of_share", |fates| fates.not_before_as_of),
];

/// Gives every check of every source, then of every column, and the error with which the run stops if one stops it.
///
/// A limit is passed by a value equal to it. A share of no rows passes; `freshness_hours` without a used row fails every
/// gate on it, since nothing fresh is there.
///
/// # Errors
/// A bug where the fates of a source do not add up to the rows read; the job's fault where a gate names a check that its
/// source does not have.
pub fn evaluate(
    sources: &[SourceCounts],
    columns: &[ColumnCounts],
    quality: &Quality,
) -> Result<(Vec<QualityRow>, Option<Error>)> {
    let mut rows = Vec::new();
    for counts in sources {
        let fates = &counts.fates;
        if fates.read != fates.accounted() {
            return Err(Error::bug(format!(
                "source {}: {} rows were read, but {} are accounted for",
                counts.source,
                fates.read,
                fates.accounted()
            )));
        }
        rows.extend(source_rows(counts));
    }
    rows.extend(columns.iter().map(|column| {
        let column_name = Some(column.column_name.as_str());
        share_row(&column.source, &column.check_name, column_name, column.rows_checked, column.rows_failed)
    }));
    check_gates(&rows, quality)?;
    let mut stops = Vec::new();
    for row in &mut rows {
        for limit in limits(row, quality) {
            let Some(mut missed) = limit.missed_by(row) else { continue };
            if row.check_name == QUARANTINED
                && let Some(reason) = sources.iter().find(|counts| counts.source == row.source).and_then(most_rejected)
            {
                missed.push_str(&reason);
            }
            row.action = row.action.max(limit.action);
            if limit.action == QualityAction::Stop {
                stops.push(missed);
            }
        }
    }
    Ok((rows, stop_error(stops)))
}

fn source_rows(counts: &SourceCounts) -> Vec<QualityRow> {
    let (source, fates) = (&counts.source, &counts.fates);
    let mut rows: Vec<QualityRow> =
        SHARES.iter().map(|(check, failed)| share_row(source, check, None, fates.read, failed(fates))).collect();
    let plain = |check: &str, value| QualityRow {
        source: source.clone(),
        check_name: check.to_owned(),
        column_name: None,
        rows_checked: count(fates.used),
        rows_failed: 0,
        failed_share: None,
        action: QualityAction::Ok,
        value,
    };
    rows.push(plain(ROWS_USED, Some(fates.used as f64)));
    if let Some(age) = counts.age_of_latest {
        rows.push(plain(FRESHNESS, age.map(|age| age as f64 / MICROSECONDS_AN_HOUR)));
    }
    rows
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
    }
}

/// Tells the most frequent reason of the rows that were quarantined, ties by name.
fn most_rejected(counts: &SourceCounts) -> Option<String> {
    let by_rows = |reason: &&RejectedRows| (reason.rows, Reverse((reason.column.clone(), reason.reason_code.clone())));
    let most = counts.rejected.iter().max_by_key(by_rows)?;
    let place = most.column.as_deref().unwrap_or("the whole row");
    Some(format!(", mostly {place}: {}", most.reason_code))
}

/// Writes a share as a percentage of three significant digits.
fn percentage(share: f64) -> String {
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

fn count(rows: u64) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

/// A limit of the job on one row of the table.
struct Limit {
    key: &'static str,
    min: Option<f64>,
    max: Option<f64>,
    action: QualityAction,
}

impl Limit {
    /// Says how a row misses the limit; none where it keeps it.
    fn missed_by(&self, row: &QualityRow) -> Option<String> {
        let name = match &row.column_name {
            Some(column) => format!("source {}: {} of {column}", row.source, row.check_name),
            None => format!("source {}: {}", row.source, row.check_name),
        };
        let Some(value) = row.value else {
            let never_fresh = row.check_name == FRESHNESS;
            return never_fresh
                .then(|| format!("{name} has no row before as_of to be fresh, and a {} sets a limit", self.key));
        };
        let (side, bound, limit) = match (self.min, self.max) {
            (_, Some(max)) if value > max => ("more than", "max", max),
            (Some(min), _) if value < min => ("less than", "min", min),
            _ => return None,
        };
        let found = match row.failed_share {
            Some(share) => format!("{} ({} of {} rows)", percentage(share), row.rows_failed, row.rows_checked),
            None => plain_number(value, 1),
        };
        let limit = match self.key {
            GATE => format!("the gate's `{bound} = {limit}`"),
            key => format!("`{key} = {limit}`"),
        };
        Some(format!("{name} is {found}, {side} {limit} allows"))
    }
}

fn limits(row: &QualityRow, quality: &Quality) -> Vec<Limit> {
    let largest =
        |key, max: Option<f64>| max.map(|max| Limit { key, min: None, max: Some(max), action: QualityAction::Stop });
    let general = match (row.check_name.as_str(), &row.column_name) {
        (QUARANTINED, None) => largest("max_quarantined_share", quality.max_quarantined_share),
        (ANONYMOUS, None) => largest("max_anonymous_share", quality.max_anonymous_share),
        _ => None,
    };
    let gates = quality.gates.iter().filter(|gate| {
        gate.source == row.source
            && gate.check == row.check_name
            && (gate.column.is_none() || gate.column == row.column_name)
    });
    let gates = gates.map(|gate| Limit {
        key: GATE,
        min: gate.min,
        max: gate.max,
        action: match gate.action {
            GateAction::Stop => QualityAction::Stop,
            GateAction::Warn => QualityAction::Warn,
        },
    });
    general.into_iter().chain(gates).collect()
}

/// Refuses a gate that would silently check nothing.
fn check_gates(rows: &[QualityRow], quality: &Quality) -> Result<()> {
    for gate in &quality.gates {
        // A source without any row here is one that this call is not about.
        let mut of_source = rows.iter().filter(|row| row.source == gate.source).peekable();
        if of_source.peek().is_none() {
            continue;
        }
        let known: Vec<&str> = of_source.map(|row| row.check_name.as_str()).collect();
        if !known.contains(&gate.check.as_str()) {
            return Err(Error::job(format!("source {} has no check named {}", gate.source, gate.check))
                .with_hint(format!("its checks are {}", known.join(", "))));
        }
    }
    Ok(())
}

fn stop_error(stops: Vec<String>) -> Option<Error> {
    (!stops.is_empty()).then(|| {
        Error::data(stops.join("; ")).with_hint("look at the rows that failed, or change the limit in [quality]")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use segmenter_proto::{Fault, jobs::Gate};

    fn orders() -> SourceCounts {
        let fates =
            Fates { read: 10_000, used: 9_500, quarantined: 123, anonymous: 350, duplicate: 27, ..Fates::default() };
        let rejected = [("amount", "overflow", 20), ("ordered_at", "not_a_timestamp", 100), ("", "wrong_width", 3)];
        let rejected = rejected.map(|(column, code, rows)| RejectedRows {
            column: (!column.is_empty()).then(|| column.to_owned()),
            reason_code: code.to_owned(),
            rows,
        });
        let age_of_latest = Some(Some(37 * 3_600_000_000));
        SourceCounts { source: "orders".to_owned(), fates, age_of_latest, rejected: rejected.to_vec() }
    }

    fn gate(check: &str, max: f64, action: GateAction) -> Gate {
        Gate { source: "orders".to_owned(), check: check.to_owned(), column: None, max: Some(max), min: None, action }
    }

    fn quality(gates: Vec<Gate>) -> Quality {
        Quality { max_quarantined_share: None, max_anonymous_share: None, gates }
    }

    fn action(rows: &[QualityRow], check: &str) -> QualityAction {
        rows.iter().find(|row| row.check_name == check).unwrap().action
    }

    #[test]
    fn every_fate_has_its_row_and_nothing_stops_without_limits() {
        let (rows, stop) = evaluate(&[orders()], &[], &quality(vec![])).unwrap();
        assert!(stop.is_none());
        let told: Vec<_> = rows.iter().map(|row| (row.check_name.as_str(), row.rows_failed, row.value)).collect();
        assert_eq!(
            told,
            [
                ("quarantined_share", 123, Some(0.0123)),
                ("anonymous_share", 350, Some(0.035)),
                ("duplicate_share", 27, Some(0.0027)),
                ("unknown_customer_share", 0, Some(0.0)),
                ("filtered_share", 0, Some(0.0)),
                ("excluded_share", 0, Some(0.0)),
                ("not_before_as_of_share", 0, Some(0.0)),
                ("rows_used", 0, Some(9500.0)),
                ("freshness_hours", 0, Some(37.0)),
            ]
        );
        assert!(rows.iter().all(|row| row.action == QualityAction::Ok));
    }

    #[test]
    fn a_missed_limit_stops_and_says_check_value_and_limit() {
        let limits = Quality { max_quarantined_share: Some(0.001), max_anonymous_share: Some(0.035), gates: vec![] };
        let (rows, stop) = evaluate(&[orders()], &[], &limits).unwrap();
        let stop = stop.unwrap();
        assert_eq!(stop.fault, Fault::Data);
        assert_eq!(
            stop.message,
            "source orders: quarantined_share is 1.23 % (123 of 10000 rows), more than \
             `max_quarantined_share = 0.001` allows, mostly ordered_at: not_a_timestamp"
        );
        assert_eq!(action(&rows, "quarantined_share"), QualityAction::Stop);
        assert_eq!(action(&rows, "anonymous_share"), QualityAction::Ok, "equal to the limit passes");
    }

    #[test]
    fn every_check_that_stops_is_named_and_shares_read_well() {
        let limits = Quality { max_quarantined_share: Some(0.001), max_anonymous_share: Some(0.01), gates: vec![] };
        let (_, stop) = evaluate(&[orders()], &[], &limits).unwrap();
        let message = stop.unwrap().message;
        assert!(message.contains("; source orders: anonymous_share is 3.5 % (350 of 10000 rows)"), "{message}");
        let shares = [(1.0 / 6.0, "16.7 %"), (1.0, "100 %"), (0.0, "0 %"), (0.00012345, "0.0123 %"), (0.9996, "100 %")];
        for (share, text) in shares {
            assert_eq!(percentage(share), text);
        }
    }

    #[test]
    fn gates_warn_or_stop_and_the_worst_wins() {
        let gates =
            vec![gate("freshness_hours", 36.0, GateAction::Warn), gate("duplicate_share", 0.001, GateAction::Warn)];
        let (rows, stop) = evaluate(&[orders()], &[], &quality(gates)).unwrap();
        assert!(stop.is_none());
        assert_eq!(action(&rows, "freshness_hours"), QualityAction::Warn);
        let gates =
            vec![gate("freshness_hours", 36.0, GateAction::Stop), gate("freshness_hours", 24.0, GateAction::Warn)];
        let (rows, stop) = evaluate(&[orders()], &[], &quality(gates)).unwrap();
        assert_eq!(action(&rows, "freshness_hours"), QualityAction::Stop);
        assert_eq!(
            stop.unwrap().message,
            "source orders: freshness_hours is 37, more than the gate's `max = 36` allows"
        );
    }

    #[test]
    fn a_smallest_value_and_a_column_are_gated_too() {
        let fewest = Gate { min: Some(9_501.0), max: None, ..gate("rows_used", 0.0, GateAction::Stop) };
        let (_, stop) = evaluate(&[orders()], &[], &quality(vec![fewest])).unwrap();
        assert!(stop.unwrap().message.ends_with("rows_used is 9500, less than the gate's `min = 9501` allows"));
        let column = |name: &str, failed| ColumnCounts {
            source: "orders".to_owned(),
            check_name: "overflow_share".to_owned(),
            column_name: name.to_owned(),
            rows_checked: 100,
            rows_failed: failed,
        };
        let one = Gate { column: Some("a".to_owned()), ..gate("overflow_share", 0.05, GateAction::Warn) };
        let (rows, _) = evaluate(&[orders()], &[column("a", 6), column("b", 7)], &quality(vec![one])).unwrap();
        let actions: Vec<_> = rows.iter().rev().take(2).map(|row| row.action).collect();
        assert_eq!(actions, [QualityAction::Ok, QualityAction::Warn]);
    }

    #[test]
    fn no_rows_pass_shares_and_fail_freshness() {
        let empty = SourceCounts { fates: Fates::default(), age_of_latest: Some(None), ..orders() };
        let gates =
            vec![gate("duplicate_share", 0.0, GateAction::Stop), gate("freshness_hours", 36.0, GateAction::Stop)];
        let (rows, stop) = evaluate(&[empty], &[], &quality(gates)).unwrap();
        assert_eq!((rows[0].value, action(&rows, "duplicate_share")), (None, QualityAction::Ok));
        assert_eq!(
            stop.unwrap().message,
            "source orders: freshness_hours has no row before as_of to be fresh, and a gate sets a limit"
        );
    }

    #[test]
    fn rows_that_do_not_add_up_are_a_bug_and_unknown_checks_the_job_s_fault() {
        let mut counts = orders();
        counts.fates.used -= 1;
        assert_eq!(evaluate(&[counts], &[], &quality(vec![])).unwrap_err().fault, Fault::Bug);
        let unknown = quality(vec![gate("freshness", 1.0, GateAction::Stop)]);
        assert_eq!(evaluate(&[orders()], &[], &unknown).unwrap_err().fault, Fault::Job);
    }
}
