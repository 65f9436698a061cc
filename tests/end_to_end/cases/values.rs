//! Times, amounts and ids.

use crate::harness::*;
use std::collections::BTreeMap;

/// Gives the money of each customer.
fn monetary(run: &CommittedRun) -> BTreeMap<String, String> {
    run.feature("monetary").into_iter().map(|(id, money)| (id, money.unwrap())).collect()
}

fn expected(money: &[(&str, &str)]) -> BTreeMap<String, String> {
    money.iter().map(|(id, money)| ((*id).to_owned(), (*money).to_owned())).collect()
}

/// Lifts the limit that stops a run of so few rows.
const LIFTED: (&str, &str) = ("[output]", "[quality]\nmax_quarantined_share = 1.0\n\n[output]");

#[test]
fn a_year_of_two_digits_is_no_year_of_four() {
    let Some(case) = Case::of("01-two-digit-year") else { return };
    let job = case.changed("job-four.toml", LIFTED.0, LIFTED.1);
    let (run, _) = case.committed(&job);
    assert_eq!(run.fates("orders"), Fates { read: 5, used: 1, quarantined: 4, ..Fates::default() });
    assert_eq!(monetary(&run), expected(&[("C1", "20.0000")]));
    run.warned_of(&["source orders", "4 of 5"]);
    // 4 of 5 rows lost is no result: without the limit lifted the run stops.
    case.run("job-four.toml").failed_with(3).says(&["orders", "4 of 5 rows"]);
}

#[test]
fn a_year_of_two_digits_lies_within_1969_and_2068() {
    let Some(case) = Case::of("01-two-digit-year") else { return };
    let (run, _) = case.committed("job-two.toml");
    // 2025 is not two digits; 68 is 2068.
    let fates = Fates { read: 5, used: 3, quarantined: 1, not_before_as_of: 1, ..Fates::default() };
    assert_eq!(run.fates("orders"), fates);
    assert_eq!(monetary(&run), expected(&[("C1", "10.0000"), ("C2", "30.0000"), ("C3", "50.0000")]));
    let recency = run.feature("recency_days");
    assert_eq!(recency["C1"].as_deref(), Some("5510"), "since 2010-12-01");
    assert_eq!(recency["C2"].as_deref(), Some("20455"), "since 1969-12-31");
}

#[test]
fn serial_dates_of_a_spreadsheet_are_quarantined_and_named() {
    let Some(case) = Case::of("04-excel-serial") else { return };
    let fates = Fates { read: 5, used: 2, quarantined: 3, ..Fates::default() };
    let (run, _) = case.committed("job.toml");
    assert_eq!(run.fates("orders"), fates);
    assert_eq!(monetary(&run), expected(&[("C1", "10.0000"), ("C3", "50.0000")]));
    run.warned_of(&["from_excel_serial"]);
    let (run, _) = case.committed("job-sql.toml");
    assert_eq!(run.fates("orders"), fates, "to_date works on a column");
    assert_eq!(run.feature("recency_days")["C1"].as_deref(), Some("31"));
}

#[test]
fn serial_dates_of_a_spreadsheet_are_converted() {
    let Some(case) = Case::of("04-excel-serial") else { return };
    let job = case.changed(
        "job-sql.toml",
        "then null else to_date(ordered_at, '%Y-%m-%d') end",
        "then from_excel_serial(cast(ordered_at as double)) else to_timestamp(ordered_at, '%Y-%m-%d') end",
    );
    let (run, _) = case.committed(&job);
    assert_eq!(run.fates("orders"), Fates { read: 5, used: 5, ..Fates::default() });
    // 45383 is 2024-04-01, with .6041666 half past two in the afternoon.
    let days: Vec<_> = run.feature("recency_days").into_values().flatten().collect();
    assert_eq!(days, ["30", "30", "29"]);
}

#[test]
fn times_of_96_bits_are_those_of_microseconds() {
    let Some(case) = Case::of("05-int96-far-dates") else { return };
    // Read by the library alone.
    let rows = Table::parquet(&case.file("in/micros/orders.parquet").into());
    let before = rows.column("ordered_at").into_iter().flatten().filter(|time| *time < "2026-01-01").count() as u64;
    let after = rows.column("ordered_at").into_iter().flatten().filter(|time| *time >= "2026-01-01").count() as u64;
    assert!(before > 0 && after > 0, "{:?}", rows.column("ordered_at"));
    let (micros, _) = case.committed("job-micros.toml");
    let (int96, _) = case.committed("job-int96.toml");
    let fates = Fates { read: before + after, used: before, not_before_as_of: after, ..Fates::default() };
    assert_eq!((micros.fates("orders"), int96.fates("orders")), (fates.clone(), fates));
    assert_eq!(micros.table("features"), int96.table("features"));
}

#[test]
fn milliseconds_are_no_seconds() {
    let Some(case) = Case::of("06-epoch-millis") else { return };
    let (run, _) = case.committed("job.toml");
    // 0 is 1970, and the last row is the first day of the year 1.
    assert_eq!(run.fates("orders"), Fates { read: 5, used: 3, quarantined: 2, ..Fates::default() });
    assert_eq!(run.keys("value").into_keys().collect::<Vec<_>>(), ["C1", "C3", "C4"]);
    let recency = run.feature("recency_days");
    assert_eq!((recency["C1"].as_deref(), recency["C3"].as_deref()), (Some("299"), Some("20454")));
    let reasons = run.table("quarantine").rows.concat().into_iter().flatten().collect::<String>();
    assert!(reasons.contains("milliseconds") || run.warnings().concat().contains("milliseconds"), "{reasons}");
}

#[test]
fn whole_numbers_are_refused_as_times_with_functions_that_exist() {
    let Some(case) = Case::of("06-epoch-millis") else { return };
    let refused = case.run("job-parquet.toml");
    assert!(matches!(refused.code(), Some(2 | 3)), "{refused}");
    let refused = refused.says(&["time", "int", "to_timestamp_millis"]);
    assert!(!refused.stderr.contains("Int64"), "{refused}");
    let job = case.changed("job-parquet.toml", "time = \"ordered_at\"", "time = \"to_timestamp_millis(ordered_at)\"");
    let (run, _) = case.committed(&job);
    assert!(run.fates("orders").used > 0);
}

#[test]
fn ids_without_a_visible_character_are_nobody() {
    let Some(case) = Case::of("08-email-case-nbsp") else { return };
    let (run, _) = case.committed("job-raw.toml");
    assert_eq!(run.fates("orders"), Fates { read: 8, used: 6, anonymous: 2, ..Fates::default() });
    assert_eq!(run.keys("value").len(), 6);
    // One blank, one no-break space, one of no width, one ideographic.
    run.warned_of(&["orders", "4 of 8"]);
    let functions = Program::segmenter(&["functions"]).go().succeeded().stdout;
    assert!(functions.lines().any(|line| line.contains("trim(") && line.contains("blank")), "{functions}");
    let (run, _) = case.committed("job-trim.toml");
    assert_eq!(run.fates("orders"), Fates { read: 8, used: 6, anonymous: 2, ..Fates::default() });
}

#[test]
fn amounts_behind_an_apostrophe_are_lost_and_said() {
    let Some(case) = Case::of("13-apostrophe-negatives") else { return };
    let (run, ran) = case.committed("job-asis.toml");
    assert_eq!(run.fates("orders"), Fates { read: 6, used: 4, quarantined: 2, ..Fates::default() });
    let money = [("'=C4", "9.0000"), ("C1", "100.0000"), ("C2", "-1.0000"), ("C3", "50.0000")];
    assert_eq!(monetary(&run), expected(&money));
    run.warned_of(&["source orders", "2 of 6"]);
    let ran = ran.says(&["2 of 6"]);
    let quality = run.table("quality.parquet");
    let lost = quality.only(&[("source", "orders"), ("check_name", "quarantined_share")]);
    assert_eq!(lost["rows_failed"].as_deref(), Some("2"), "{ran}");
    let (run, _) = case.committed("job-cleaned.toml");
    let money = [("'=C4", "9.0000"), ("C1", "30.0000"), ("C2", "-6.5000"), ("C3", "50.0000")];
    assert_eq!(monetary(&run), expected(&money));
}

#[test]
fn nul_bytes_stay_in_their_fields() {
    let Some(case) = Case::of("22-nul-bytes") else { return };
    let (run, ran) = case.committed("job.toml");
    assert_eq!(run.fates("orders"), Fates { read: 5, used: 3, anonymous: 1, quarantined: 1, ..Fates::default() });
    let money = [("C1", "10.0000"), ("C3\u{0}", "30.0000"), ("C\u{0}2", "20.0000")];
    assert_eq!(monetary(&run), expected(&money));
    run.warned_of(&["orders", "2 of 5"]);
    assert!(!ran.stderr.contains('\u{0}') && !ran.stderr.contains("\\u0000"), "{ran}");
}
