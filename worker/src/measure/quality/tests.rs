use super::{OtherCounts, QualityWarning, RejectedRows, SourceCounts, evaluate, limits::percentage};
use crate::{
    notes::{Note, Noted, Subject},
    results::{QualityAction, QualityRow},
};
use segmenter_proto::{
    Error, Fault, RowFates,
    jobs::{DriftLimits, Gate, GateAction, Quality},
};

fn orders() -> SourceCounts {
    let fates =
        RowFates { read: 10_000, used: 9_500, quarantined: 123, anonymous: 350, duplicate: 27, ..RowFates::default() };
    let rejected = [("amount", "overflow", 20), ("ordered_at", "not_a_timestamp", 100), ("", "wrong_width", 3)];
    let rejected = rejected.map(|(column, code, rows)| RejectedRows {
        column: (!column.is_empty()).then(|| column.to_owned()),
        reason_code: code.to_owned(),
        rows,
    });
    let age_of_latest = Some(Some(37 * 3_600_000_000));
    SourceCounts { subject: subject(), fates, age_of_latest, rejected: rejected.to_vec(), notes: Vec::new() }
}

fn subject() -> Subject {
    Subject::Source("orders".to_owned())
}

/// The rows and the error, where it is not about warnings.
fn judged(counts: SourceCounts, quality: &Quality) -> (Vec<QualityRow>, Option<Error>) {
    let evaluated = evaluate(&[counts], &[], quality).unwrap();
    (evaluated.rows, evaluated.stop)
}

fn warnings(counts: SourceCounts, quality: &Quality) -> Vec<String> {
    let warnings = evaluate(&[counts], &[], quality).unwrap().warnings;
    warnings.into_iter().map(|QualityWarning { subject, text }| format!("{subject}: {text}")).collect()
}

fn gate(check: &str, max: f64, action: GateAction) -> Gate {
    Gate { source: "orders".to_owned(), check: check.to_owned(), column: None, max: Some(max), min: None, action }
}

fn quality(gates: Vec<Gate>) -> Quality {
    Quality {
        max_quarantined_share: None,
        max_anonymous_share: None,
        gates,
        checks: Vec::new(),
        drift: DriftLimits::default(),
    }
}

fn action(rows: &[QualityRow], check: &str) -> QualityAction {
    rows.iter().find(|row| row.check_name == check).unwrap().action
}

#[test]
fn every_fate_has_its_row_and_nothing_stops_without_limits() {
    let (rows, stop) = judged(orders(), &quality(vec![]));
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
    assert!(rows.iter().skip(1).all(|row| row.action == QualityAction::Ok));
    assert_eq!(rows[0].action, QualityAction::Warn, "more than a few");
}

#[test]
fn a_missed_limit_stops_and_says_check_value_and_limit() {
    let limits = Quality { max_quarantined_share: Some(0.001), max_anonymous_share: Some(0.035), ..quality(vec![]) };
    let (rows, stop) = judged(orders(), &limits);
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
    let limits = Quality { max_quarantined_share: Some(0.001), max_anonymous_share: Some(0.01), ..quality(vec![]) };
    let (_, stop) = judged(orders(), &limits);
    let message = stop.unwrap().message;
    assert!(message.contains("; source orders: anonymous_share is 3.5 % (350 of 10000 rows)"), "{message}");
    let shares = [(1.0 / 6.0, "16.7 %"), (1.0, "100 %"), (0.0, "0 %"), (0.00012345, "0.0123 %"), (0.9996, "100 %")];
    for (share, text) in shares {
        assert_eq!(percentage(share), text);
    }
}

#[test]
fn gates_warn_or_stop_and_the_worst_wins() {
    let gates = vec![gate("freshness_hours", 36.0, GateAction::Warn), gate("duplicate_share", 0.001, GateAction::Warn)];
    let (rows, stop) = judged(orders(), &quality(gates));
    assert!(stop.is_none());
    assert_eq!(action(&rows, "freshness_hours"), QualityAction::Warn);
    let gates = vec![gate("freshness_hours", 36.0, GateAction::Stop), gate("freshness_hours", 24.0, GateAction::Warn)];
    let (rows, stop) = judged(orders(), &quality(gates));
    assert_eq!(action(&rows, "freshness_hours"), QualityAction::Stop);
    assert_eq!(stop.unwrap().message, "source orders: freshness_hours is 37, more than the gate's `max = 36` allows");
}

#[test]
fn a_smallest_value_and_a_column_are_gated_too() {
    let fewest = Gate { min: Some(9_501.0), max: None, ..gate("rows_used", 0.0, GateAction::Stop) };
    let (_, stop) = judged(orders(), &quality(vec![fewest]));
    assert!(stop.unwrap().message.ends_with("rows_used is 9500, less than the gate's `min = 9501` allows"));
    let overflow = |name: &str, count| Noted {
        note: Note::Overflow,
        column: Some(name.to_owned()),
        count,
        checked: 100,
        first: None,
    };
    let features =
        OtherCounts { subject: Subject::Features, customers: 100, notes: vec![overflow("a", 6), overflow("b", 7)] };
    let of_feature = |column: Option<&str>| Gate {
        source: "features".to_owned(),
        column: column.map(str::to_owned),
        ..gate("overflow_share", 0.065, GateAction::Warn)
    };
    let actions = |gate: Gate, features: &OtherCounts| {
        let rows = evaluate(&[orders()], std::slice::from_ref(features), &quality(vec![gate])).unwrap().rows;
        let of_features = rows.iter().filter(|row| row.source == "features");
        of_features.map(|row| (row.column_name.clone().unwrap_or_default(), row.action)).collect::<Vec<_>>()
    };
    let (ok, warn) = (QualityAction::Ok, QualityAction::Warn);
    assert_eq!(actions(of_feature(Some("a")), &features), [("a".into(), ok), ("b".into(), warn)]);
    assert_eq!(actions(of_feature(None), &features), [("a".into(), ok), ("b".into(), warn)]);
    let none = OtherCounts { notes: Vec::new(), ..features };
    assert_eq!(actions(of_feature(Some("c")), &none), [("c".into(), ok)], "what a gate looks at has a row");
}

#[test]
fn a_gate_that_warns_is_heard() {
    let gates =
        || vec![gate("freshness_hours", 36.0, GateAction::Warn), gate("quarantined_share", 0.01, GateAction::Warn)];
    assert_eq!(
        warnings(orders(), &quality(gates())),
        [
            "source orders: quarantined_share is 1.23 % (123 of 10000 rows), more than the gate's `max = 0.01` allows, \
             mostly ordered_at: not_a_timestamp",
            "source orders: freshness_hours is 37, more than the gate's `max = 36` allows",
        ]
    );
    let unused = RowFates { read: 10, quarantined: 10, ..RowFates::default() };
    let told = warnings(SourceCounts { fates: unused, age_of_latest: None, ..orders() }, &quality(gates()));
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].starts_with("source orders: none of its 10 rows is used: 10 quarantined, mostly"), "{told:?}");
}

/// Gives so many rows one fate.
type Lose = fn(&mut RowFates, u64);

#[test]
fn a_run_warns_by_itself_of_what_is_more_than_a_few() {
    let of = |fates: RowFates, quality: &Quality| {
        warnings(SourceCounts { fates, age_of_latest: None, rejected: Vec::new(), ..orders() }, quality)
    };
    let none = quality(vec![]);
    let losses = |lost: Lose, rows: u64| {
        let mut fates = RowFates { read: 100, used: 100 - rows, ..RowFates::default() };
        lost(&mut fates, rows);
        fates
    };
    let limits: [(Lose, u64); 6] = [
        (|fates, rows| fates.quarantined = rows, 1),
        (|fates, rows| fates.anonymous = rows, 50),
        (|fates, rows| fates.not_before_as_of = rows, 50),
        (|fates, rows| fates.unknown_customer = rows, 50),
        (|fates, rows| fates.excluded = rows, 50),
        (|fates, rows| fates.duplicate = rows, 50),
    ];
    for (lost, limit) in limits {
        assert_eq!(of(losses(lost, limit), &none), [""; 0]);
        let told = of(losses(lost, limit + 1), &none);
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].contains(&format!("{} of 100 rows ({} %)", limit + 1, limit + 1)), "{told:?}");
    }
    assert_eq!(of(losses(|fates, rows| fates.filtered = rows, 99), &none), [""; 0], "who writes a where means it");
    let expected = Quality { max_anonymous_share: Some(0.9), ..quality(vec![]) };
    assert_eq!(
        of(losses(|fates, rows| fates.anonymous = rows, 80), &expected),
        [""; 0],
        "[quality] says what is usual"
    );
    let stops = Quality { max_quarantined_share: Some(0.9), ..quality(vec![]) };
    assert_eq!(of(losses(|fates, rows| fates.quarantined = rows, 80), &stops).len(), 1, "a limit is not what is usual");
    let gate = quality(vec![gate("quarantined_share", 0.9, GateAction::Stop)]);
    assert_eq!(of(losses(|fates, rows| fates.quarantined = rows, 80), &gate), [""; 0]);
    assert_eq!(of(RowFates::default(), &none), ["source orders: it has no rows"]);
}

#[test]
fn notes_have_rows_and_are_warned_of_above_the_share_of_their_entry() {
    let noted = |count| Noted { note: Note::WhereNull, column: None, count, checked: 10_000, first: None };
    let with = |count| SourceCounts {
        notes: vec![noted(count)],
        fates: RowFates { read: 1, used: 1, ..RowFates::default() },
        ..orders()
    };
    assert_eq!(warnings(with(100), &quality(vec![])), [""; 0]);
    let told = warnings(with(101), &quality(vec![]));
    assert!(told[0].starts_with("source orders: where is null on 101 of 10,000 rows"), "{told:?}");
    let (rows, _) = judged(with(101), &quality(vec![]));
    let row = rows.last().unwrap();
    assert_eq!((row.check_name.as_str(), row.rows_failed, row.action), ("where_null_share", 101, QualityAction::Warn));
    let usual = quality(vec![gate("where_null_share", 0.5, GateAction::Stop)]);
    assert_eq!(warnings(with(101), &usual), [""; 0]);
}

#[test]
fn no_rows_pass_shares_and_fail_freshness() {
    let empty = SourceCounts { fates: RowFates::default(), age_of_latest: Some(None), ..orders() };
    let gates = vec![gate("duplicate_share", 0.0, GateAction::Stop), gate("freshness_hours", 36.0, GateAction::Stop)];
    let (rows, stop) = judged(empty, &quality(gates));
    assert_eq!((rows[0].value, action(&rows, "duplicate_share")), (None, QualityAction::Ok));
    assert_eq!(
        stop.unwrap().message,
        "source orders: freshness_hours has no row before as_of to be fresh, and a gate sets a limit"
    );
}

#[test]
fn rows_that_do_not_add_up_are_a_bug() {
    let mut counts = orders();
    counts.fates.used -= 1;
    assert_eq!(evaluate(&[counts], &[], &quality(vec![])).unwrap_err().fault, Fault::Bug);
}
