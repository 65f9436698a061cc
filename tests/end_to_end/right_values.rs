//! Times, amounts and ids are what they are meant to be, or their row is quarantined and it is said why.

use crate::harness::*;
use arrow::array::{
    ArrayRef, Date32Array, Decimal128Array, Float64Array, Int64Array, StringArray, TimestampMillisecondArray,
};
use std::sync::Arc;

const JOB: &str = r#"format_version = 1
name     = "trial"
as_of    = "2026-01-01"
currency = "EUR"
timezone = "Europe/Warsaw"
[output]
uri = "@OUT@"
[quality]
max_quarantined_share = 1.0
max_anonymous_share   = 1.0
[[source]]
name  = "orders"
kind  = "transactions"
uri   = "@IN@/orders.FORMAT"
types = { TYPES }
[source.columns]
customer_id = "CUSTOMER"
order_id    = "order_no"
time        = "TIME"
amount      = "AMOUNT"
[features]
presets = [{ name = "rfm" }]
[[segmentation]]
name   = "value"
method = "rfm"
"#;

const DAYS: &str = "t = \"date(%Y-%m-%d)\"";
const MONEY: &str = "a = \"decimal(18,2)\"";

/// A job whose columns are `c`, `t` and `a`, unless `changes` say otherwise.
fn job(format: &str, types: &[&str], changes: &[(&str, &str)]) -> String {
    let mut job = JOB.replace("FORMAT", format).replace("TYPES", &types.join(", "));
    for (name, expression) in changes.iter().chain(&[("CUSTOMER", "c"), ("TIME", "t"), ("AMOUNT", "a")]) {
        job = job.replace(name, expression);
    }
    job
}

fn csv(rows: &[&str], types: &[&str], changes: &[(&str, &str)]) -> (CommittedRun, Ran) {
    let workspace = Workspace::new();
    workspace.write("in/orders.csv", format!("order_no,c,t,a\n{}\n", rows.join("\n")));
    ran(&workspace, &job("csv", types, changes))
}

fn ran(workspace: &Workspace, job: &str) -> (CommittedRun, Ran) {
    let ran = workspace.run(&workspace.job(job)).go().succeeded();
    (CommittedRun::of(&ran), ran)
}

/// Each quarantined row's order number, which is its row number, with the reason's word.
fn quarantined(run: &CommittedRun) -> Vec<(String, String)> {
    if !run.files.keys().any(|path| path.starts_with("quarantine/")) {
        return Vec::new();
    }
    let mut rows: Vec<_> = run
        .table("quarantine")
        .lookup("row_number", "reason_code")
        .into_iter()
        .map(|(row, code)| (row, code.unwrap()))
        .collect();
    rows.sort_by_key(|(row, _)| row.parse::<u64>().unwrap());
    rows
}

fn codes(run: &CommittedRun) -> Vec<(u64, String)> {
    quarantined(run).into_iter().map(|(row, code)| (row.parse().unwrap(), code)).collect()
}

fn expected(rows: &[(u64, &str)]) -> Vec<(u64, String)> {
    rows.iter().map(|(row, code)| (*row, (*code).to_owned())).collect()
}

fn warned(run: &CommittedRun, words: &[&str]) -> bool {
    run.warnings().iter().any(|warning| words.iter().all(|word| warning.contains(word)))
}

#[test]
fn years_have_four_digits_and_lie_within_1_and_9999() {
    let rows = ["1,C1,01/12/10,1", "2,C1,01/12/2025,1", "3,C2,01/12/20255,1", "4,C3,01/12/0000,1", "5,C4,31/12/9999,1"];
    let (run, _) = csv(&rows, &["t = \"date(%d/%m/%Y)\"", MONEY], &[]);
    assert_eq!(codes(&run), expected(&[(1, "not_a_date"), (3, "not_a_date"), (4, "out_of_range")]));
    assert_eq!(
        run.fates("orders"),
        Fates { read: 5, used: 1, not_before_as_of: 1, quarantined: 3, ..Fates::default() }
    );
}

#[test]
fn the_wrong_order_of_day_and_month_is_noticed() {
    let rows: Vec<String> = (1..=20).map(|day| format!("{day},C{day},10/{day:02}/2025,1")).collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let (run, ran) = csv(&rows, &["t = \"date(%d/%m/%Y)\"", MONEY], &[]);
    assert_eq!(run.fates("orders").quarantined, 8, "13 to 20");
    let words =
        ["source orders", "t is a date with day and month the other way round in 8 of 20 rows", "exchange %d and %m"];
    assert!(warned(&run, &words), "{ran}");
    // So it works, as a type and as a function.
    let (run, _) = csv(&rows, &["t = \"date(%m/%d/%Y)\"", MONEY], &[]);
    assert_eq!(run.fates("orders").used, 20);
    let (run, ran) = csv(&rows, &[MONEY], &[("TIME", "to_date(t, '%d/%m/%Y')")]);
    assert_eq!(run.fates("orders").quarantined, 8);
    assert!(warned(&run, &["time is a date with day and month the other way round in 8 of 20 rows"]), "{ran}");
    let (run, _) = csv(&rows, &[MONEY], &[("TIME", "to_date(t, '%m/%d/%Y')")]);
    assert_eq!((run.fates("orders").used, run.feature("recency_days")["C20"].as_deref()), (20, Some("73")));
}

#[test]
fn serial_dates_are_said_and_read_by_their_function() {
    let rows = ["1,C1,2025-12-31,1", "2,C2,45992,1", "3,C3,45992.604166667,1", "4,C4,0,1"];
    let (run, ran) = csv(&rows, &[DAYS, MONEY], &[]);
    assert_eq!(codes(&run), expected(&[(2, "serial_date"), (3, "serial_date"), (4, "not_a_date")]));
    assert!(warned(&run, &["from_excel_serial(cast(… as double))", "2 of 4 rows"]), "{ran}");
    let either = "case when regexp_like(t, '^[0-9.]+$') then from_excel_serial(cast(t as double)) else to_date(t, '%Y-%m-%d') end";
    let (run, _) = csv(&rows, &[MONEY], &[("TIME", either)]);
    // 45992 is 2025-12-01.
    assert_eq!(run.feature("recency_days")["C2"].as_deref(), Some("31"));
    assert_eq!(codes(&run), expected(&[(4, "out_of_range")]));
    // An expression that fails is told by the name that it makes, which is no column of the file.
    let (run, ran) = csv(&rows, &[MONEY], &[("TIME", "to_date(t, '%Y-%m-%d')")]);
    assert!(warned(&run, &["time is a serial number", "cast(… as double)) of the file's own column"]), "{ran}");
}

#[test]
fn counts_in_another_unit_are_out_of_range_and_the_unit_is_named() {
    let lines = [
        r#"{"order_no":1,"c":"C1","t":1764547200,"a":1}"#,
        r#"{"order_no":2,"c":"C1","t":1764547200000,"a":1}"#,
        r#"{"order_no":3,"c":"C2","t":1764547200000000,"a":1}"#,
        r#"{"order_no":4,"c":"C3","t":-86400,"a":1}"#,
    ];
    let workspace = Workspace::new();
    workspace.write("in/orders.ndjson", lines.join("\n"));
    let (run, ran) = ran(&workspace, &job("ndjson", &["t = \"timestamp(%s)\"", MONEY], &[]));
    assert_eq!(codes(&run), expected(&[(2, "out_of_range"), (3, "out_of_range")]));
    let reasons = run.table("quarantine").lookup("row_number", "reason");
    assert!(reasons["2"].as_ref().unwrap().contains("milliseconds would fit"), "{reasons:?}");
    assert!(reasons["3"].as_ref().unwrap().contains("microseconds would fit"), "{reasons:?}");
    assert_eq!(run.feature("recency_days")["C3"].as_deref(), Some("20455"), "1969-12-31 01:00 in Warsaw: {ran}");

    workspace.forget_results();
    let millis = job("ndjson", &["t = \"int\"", MONEY], &[("TIME", "to_timestamp_millis(t)")]);
    let (run, _) = self::ran(&workspace, &millis);
    assert_eq!(codes(&run), expected(&[(3, "out_of_range")]));
}

#[test]
fn zones_in_words_are_honoured_or_refused() {
    let rows = [
        "1,C1,2025-12-31 23:30 UTC,1",
        "2,C2,2025-12-31 23:30 CET,1",
        "3,C3,2025-12-31 17:30 America/New_York,1",
        "4,C4,2025-12-31 17:30 EST,1",
    ];
    let (run, _) = csv(&rows, &["t = \"timestamp(%Y-%m-%d %H:%M %Z)\"", MONEY], &[]);
    // 23:30 UTC is after midnight in Warsaw, where as_of begins.
    assert_eq!(
        run.fates("orders"),
        Fates { read: 4, used: 2, not_before_as_of: 1, quarantined: 1, ..Fates::default() }
    );
    assert_eq!(codes(&run), expected(&[(4, "unknown_zone")]));
    let of_utc = ["1,C1,2025-12-31 23:30 UTC,1", "2,C2,2025-12-31 22:30 UTC,1"];
    let (run, _) = csv(&of_utc, &["t = \"timestamp(%Y-%m-%d %H:%M UTC)\"", MONEY], &[]);
    assert_eq!(run.fates("orders"), Fates { read: 2, used: 1, not_before_as_of: 1, ..Fates::default() });
}

#[test]
fn one_far_value_never_ends_the_run() {
    let workspace = Workspace::new();
    let text = |prefix: &str| -> ArrayRef {
        Arc::new((1..=5).map(|row| Some(format!("{prefix}{row}"))).collect::<StringArray>())
    };
    let times = vec![1_764_547_200_000, i64::MAX, i64::MIN, 1_764_547_200_000, 1_764_547_200_000];
    let amounts =
        Decimal128Array::from(vec![100, 100, 100, 10_i128.pow(37), 100]).with_precision_and_scale(38, 2).unwrap();
    write_columns(
        &workspace.path("in/orders.parquet"),
        vec![
            ("order_no", text("O")),
            ("c", text("C")),
            ("t", Arc::new(TimestampMillisecondArray::from(times))),
            ("a", Arc::new(amounts)),
        ],
    );
    let (run, _) = ran(&workspace, &job("parquet", &[], &[]));
    assert_eq!(codes(&run), expected(&[(2, "out_of_range"), (3, "out_of_range"), (4, "out_of_range")]));
    assert_eq!(run.fates("orders").used, 2);

    let workspace = Workspace::new();
    write_columns(
        &workspace.path("in/orders.parquet"),
        vec![
            ("order_no", text("O")),
            ("c", text("C")),
            ("t", Arc::new(Date32Array::from(vec![20_000, i32::MAX, i32::MIN, 20_000, 20_000]))),
            ("a", Arc::new(Float64Array::from(vec![1.0, 1.0, 1.0, 1e15, f64::MAX]))),
        ],
    );
    let (run, _) = ran(&workspace, &job("parquet", &[], &[]));
    let out_of_range: Vec<(u64, &str)> = (2..=5).map(|row| (row, "out_of_range")).collect();
    assert_eq!(codes(&run), expected(&out_of_range));
}

#[test]
fn amounts_are_not_rounded_in_silence_and_marks_are_named() {
    let rows = [
        "1,C1,2025-12-01,1.23",
        "2,C2,2025-12-01,1.234",
        "3,C3,2025-12-01,'-70.00",
        "4,C4,2025-12-01,\"1,234.50\"",
        "5,C5,2025-12-01,1.2300",
        "6,C6,2025-12-01,99999999999999999999",
    ];
    let (run, _) = csv(&rows, &[DAYS, MONEY], &[]);
    let wrong = [(2, "too_many_decimals"), (3, "not_a_decimal"), (4, "not_a_decimal"), (6, "out_of_range")];
    assert_eq!(codes(&run), expected(&wrong));
    let reasons = run.table("quarantine").lookup("row_number", "reason");
    for (row, word) in [("2", "decimal(38,3)"), ("3", "an apostrophe"), ("4", "a separator of thousands")] {
        assert!(reasons[row].as_ref().unwrap().contains(word), "{reasons:?}");
    }
    // The SQL that a reason gives.
    let (run, _) = csv(&rows, &[DAYS], &[("AMOUNT", "cast(translate(a, '''’`′', '') as decimal(38,3))")]);
    assert_eq!(run.feature("monetary")["C3"].as_deref(), Some("-70.0000"));
    let (run, _) = csv(&rows, &[DAYS], &[("AMOUNT", "cast(translate(a, ',', '') as decimal(18,2))")]);
    assert_eq!(run.feature("monetary")["C4"].as_deref(), Some("1234.5000"));
}

#[test]
fn what_a_reason_says_to_do_leaves_the_amounts_that_were_right() {
    let rows = [
        "1,C1,2025-12-01,\"1,50\"",
        "2,C2,2025-12-01,5.00",
        "3,C3,2025-12-01,\"1.234,50\"",
        "4,C4,2025-12-01,(5.00)",
        "5,C5,2025-12-01,-2.00",
        "6,C6,2025-12-01,3.00-",
    ];
    let (run, _) = csv(&rows, &[DAYS, MONEY], &[]);
    let reasons = run.table("quarantine").lookup("row_number", "reason");
    let advised = |row: &str| {
        let reason = reasons[row].clone().unwrap();
        let start = reason.find("cast(case").unwrap_or_else(|| panic!("{reason}"));
        let end = reason.rfind(" as decimal").unwrap();
        format!("{} as decimal(18,2))", &reason[start..end]).replace('…', "a")
    };
    let monetary = |expression: &str| csv(&rows, &[DAYS], &[("AMOUNT", expression)]).0.feature("monetary");
    let by_comma = monetary(&advised("1"));
    for (id, amount) in [("C1", "1.5000"), ("C2", "5.0000"), ("C3", "1234.5000"), ("C5", "-2.0000")] {
        assert_eq!(by_comma[id].as_deref(), Some(amount), "{id}");
    }
    let by_minus = monetary(&advised("4"));
    for (id, amount) in [("C2", "5.0000"), ("C4", "-5.0000"), ("C5", "-2.0000"), ("C6", "-3.0000")] {
        assert_eq!(by_minus[id].as_deref(), Some(amount), "{id}");
    }
}

#[test]
fn a_null_refund_flag_falls_back_to_the_sign() {
    let rows = ["1,C1,2025-12-01,10", "2,C1,2025-12-02,-4", "3,C1,2025-12-03,3", "4,C1,2025-12-04,-2"];
    let flag = "AMOUNT\"\nis_refund = \"case when order_no = '3' then true when order_no = '4' then false end";
    let (run, _) = csv(&rows, &[DAYS, MONEY], &[("AMOUNT", &flag.replace("AMOUNT", "a"))]);
    // Refunds are 2 by its sign and 3 by its flag; 4 is none, as its flag says.
    assert_eq!(run.feature("monetary")["C1"].as_deref(), Some("1.0000"));
    assert_eq!(run.feature("frequency")["C1"].as_deref(), Some("2"));
}

#[test]
fn zero_has_no_sign_in_any_output() {
    let workspace = Workspace::new();
    let columns = |weights: Vec<f64>| {
        let text = |prefix: &str| -> ArrayRef {
            Arc::new((1..=weights.len()).map(|row| Some(format!("{prefix}{row}"))).collect::<StringArray>())
        };
        vec![
            ("order_no", text("O")),
            ("c", text("C")),
            ("t", Arc::new(Date32Array::from(vec![20_000; weights.len()])) as ArrayRef),
            ("a", Arc::new(Float64Array::from(vec![1.0; weights.len()]))),
            ("w", Arc::new(Float64Array::from(weights))),
        ]
    };
    write_columns(&workspace.path("in/orders.parquet"), columns(vec![-0.0, 0.0, -0.25, -0.0, -0.0, 5.0]));
    let features = "presets = [{ name = \"rfm\" }]\n\
                    [[features.custom]]\nname = \"plain\"\nexpression = \"max(w)\"\n\
                    [[features.custom]]\nname = \"rounded\"\nexpression = \"round(max(w))\"\n\
                    [[features.custom]]\nname = \"kinds\"\nexpression = \"count(distinct w)\"\n\
                    [[features.custom]]\nname = \"turned\"\nexpression = \"-sum(w)\"\n";
    let more = "[[segmentation]]\nname = \"behaviour\"\nmethod = \"kmeans\"\nfeatures = [\"plain\", \"rounded\", \"turned\"]\nk = 2\n";
    let text = job("parquet", &[], &[("AMOUNT", "a\"\nw = \"w")]);
    let text = text.replace("presets = [{ name = \"rfm\" }]\n", features) + more;
    let (run, _) = ran(&workspace, &text);
    assert_eq!(run.feature("rounded")["C3"].as_deref(), Some("0.0"));
    for (path, bytes) in &run.files {
        if path.ends_with(".parquet") {
            let cells = Table::parquet(bytes).rows.concat();
            assert!(!cells.iter().flatten().any(|cell| cell == "-0.0" || cell == "-0"), "{path}");
        } else {
            let text = String::from_utf8_lossy(bytes);
            assert!(!text.contains("-0.0,") && !text.contains("-0.0\n"), "{path}: {text}");
        }
    }
}

#[test]
fn what_cannot_be_seen_is_nobody_and_odd_ids_are_warned_of() {
    let ids = [
        "C1",
        "\u{0}",
        "\u{200b}",
        "\u{a0}",
        "C1 ",
        "\u{feff}C1",
        "NULL",
        "n/a",
        "1.23457E+11",
        "4000123412340000",
        "C2",
    ];
    let rows: Vec<String> = ids.iter().zip(1..).map(|(id, row)| format!("{row},{id},2025-12-01,1")).collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let (run, ran) = csv(&rows, &[DAYS, MONEY], &[]);
    assert_eq!(run.fates("orders"), Fates { read: 11, used: 8, anonymous: 3, ..Fates::default() });
    assert!(run.keys("value").contains_key("C1 ") && run.keys("value").contains_key("NULL"), "ids stay as they are");
    assert!(warned(&run, &["customer_id has blanks at an end", "2 of 11 rows", "first: row 5"]), "{ran}");
    assert!(warned(&run, &["customer_id is a word for no value", "2 of 11 rows", "nullif(…, 'null')"]), "{ran}");
    assert!(warned(&run, &["customer_id is a number as spreadsheets round it", "2 of 11 rows"]), "{ran}");
    assert!(!warned(&run, &["zeros from the 16th digit"]), "{ran}");
    assert!(!ran.stderr.contains('\u{0}') && !ran.stderr.contains("4000123412340000"), "{ran}");
    // What the warnings say to do.
    let seen = "regexp_replace(c, '^[\\\\s\\\\p{C}]+|[\\\\s\\\\p{C}]+$', '', 'g')";
    let (run, _) = csv(&rows, &[DAYS, MONEY], &[("CUSTOMER", seen)]);
    assert_eq!(run.feature("frequency")["C1"].as_deref(), Some("3"));
    assert!(!warned(&run, &["blanks at an end"]));
    let (run, _) = csv(&rows, &[DAYS, MONEY], &[("CUSTOMER", "nullif(nullif(c, 'NULL'), 'n/a')")]);
    assert_eq!(run.fates("orders").anonymous, 5);
}

#[test]
fn ids_that_end_in_zeros_are_warned_of_where_chance_makes_fewer() {
    let warns = |zeros: usize| {
        let digit = |row: usize| if row < zeros { 0 } else { 1 };
        let rows: Vec<String> =
            (0..10).map(|row| format!("{row},40001234123412{row}{},2025-12-01,1", digit(row))).collect();
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        let (run, ran) = csv(&rows, &[DAYS, MONEY], &[]);
        assert_eq!(run.noted_of("zeros_in_id_share", "customer_id"), (zeros as u64, 10));
        assert!(!ran.stderr.contains("40001234123412"), "{ran}");
        let words = ["customer_id is a number with zeros from the 16th digit on in 3 of 10 rows", "with ids as text"];
        warned(&run, &words)
    };
    assert!(warns(3) && !warns(2));
}

#[test]
fn one_id_with_a_fifth_of_the_rows_is_warned_of() {
    let rows = |of_one: usize| -> Vec<String> {
        (0..40).map(|row| format!("{row},C{},2025-12-01,1", if row < of_one { 0 } else { row })).collect()
    };
    let warns = |of_one| {
        let rows = rows(of_one);
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        let (run, _) = csv(&rows, &[DAYS, MONEY], &[]);
        warned(&run, &["source orders", "one customer has", "of 40 rows"])
    };
    assert!(warns(8) && !warns(7));
}

#[test]
fn only_texts_and_numbers_of_json_are_ids() {
    let lines = [
        r#"{"order_no":1,"c":"C1","t":"2025-12-01","a":1}"#,
        r#"{"order_no":2,"c":17,"t":"2025-12-01","a":1}"#,
        r#"{"order_no":3,"c":true,"t":"2025-12-01","a":1}"#,
        r#"{"order_no":4,"c":["C1"],"t":"2025-12-01","a":1}"#,
        r#"{"order_no":5,"c":{"id":"C1"},"t":"2025-12-01","a":1}"#,
        r#"{"order_no":6,"c":null,"t":"2025-12-01","a":1}"#,
        r#"{"order_no":7,"c":"C\ud83d","t":"2025-12-01","a":1}"#,
        r#"{"order_no":8,"c":"\ud83d\ude00","t":"2025-12-01","a":1}"#,
        r#"{"order_no":9,"c":"true","t":"2025-12-01","a":1}"#,
        r#"{"order_no":10,"c":"C1","t":"2025-12-01","a":1,"other":"\ude00"}"#,
    ];
    let workspace = Workspace::new();
    workspace.write("in/orders.ndjson", lines.join("\n"));
    let (run, _) = ran(&workspace, &job("ndjson", &[DAYS, MONEY], &[]));
    let ids: Vec<String> = run.keys("value").into_keys().collect();
    assert_eq!(ids, ["17", "C1", "true", "😀"]);
    let wrong = [(3, "not_an_id"), (4, "not_an_id"), (5, "not_an_id"), (7, "invalid_json"), (10, "invalid_json")];
    assert_eq!(codes(&run), expected(&wrong));
    workspace.forget_results();
    // An id that is taken out of an object is one.
    let inner = "regexp_replace(c, '.*\\\"id\\\":\\\"([^\\\"]*)\\\".*', '$1')";
    let (run, _) = ran(&workspace, &job("ndjson", &[DAYS, MONEY], &[("CUSTOMER", inner)]));
    assert!(!quarantined(&run).iter().any(|(row, _)| row == "5"), "{:?}", quarantined(&run));
}

#[test]
fn floats_that_are_inexact_are_no_ids() {
    let workspace = Workspace::new();
    let ids = vec![17.0, 9_007_199_254_740_991.0, 9_007_199_254_740_992.0, 1.5];
    write_columns(
        &workspace.path("in/orders.parquet"),
        vec![
            ("order_no", Arc::new(StringArray::from(vec!["1", "2", "3", "4"])) as ArrayRef),
            ("c", Arc::new(Float64Array::from(ids))),
            ("t", Arc::new(Date32Array::from(vec![20_000; 4]))),
            ("a", Arc::new(Float64Array::from(vec![1.0; 4]))),
        ],
    );
    let (run, _) = ran(&workspace, &job("parquet", &[], &[]));
    assert_eq!(run.keys("value").into_keys().collect::<Vec<_>>(), ["17", "9007199254740991"]);
    assert_eq!(codes(&run), expected(&[(3, "not_an_id"), (4, "not_an_id")]));
}

#[test]
fn a_column_of_another_type_is_refused_with_what_works() {
    let workspace = Workspace::new();
    let columns = |time: ArrayRef, amount: ArrayRef| {
        vec![
            ("order_no", Arc::new(StringArray::from(vec!["1"])) as ArrayRef),
            ("c", Arc::new(StringArray::from(vec!["C1"]))),
            ("t", time),
            ("a", amount),
        ]
    };
    let text = |text: &str| -> ArrayRef { Arc::new(StringArray::from(vec![text])) };
    let one = || -> ArrayRef { Arc::new(Float64Array::from(vec![1.0])) };
    let cases = [
        (columns(text("2025-12-01 10:00:00"), one()), "to_timestamp(t, '%Y-%m-%d %H:%M:%S')", "TIME"),
        (columns(one(), one()), "to_timestamp_seconds(t)", "TIME"),
        (columns(Arc::new(Int64Array::from(vec![20_251_201])), one()), "to_date(cast(t as text), '%Y%m%d')", "TIME"),
        (columns(Arc::new(Date32Array::from(vec![20_000])), text("1.50")), "cast(a as decimal(18,2))", "AMOUNT"),
    ];
    for (columns, hint, name) in cases {
        workspace.forget_results();
        write_columns(&workspace.path("in/orders.parquet"), columns);
        let refused = workspace.run(&workspace.job(&job("parquet", &[], &[]))).go();
        assert!(matches!(refused.code(), Some(2 | 3)), "{refused}");
        refused.says(&[hint]);
        let (run, _) = ran(&workspace, &job("parquet", &[], &[(name, hint)]));
        assert_eq!(run.fates("orders").used, 1, "{hint}");
    }
}

#[test]
fn a_source_that_is_mostly_before_1900_is_warned_of() {
    // Years of two digits that somebody filled up with zeros.
    let rows =
        ["1,C1,0025-12-01,1", "2,C2,0025-12-02,1", "3,C3,1899-12-31,1", "4,C4,1900-01-01,1", "5,C5,2025-12-05,1"];
    let (run, ran) = csv(&rows, &[DAYS, MONEY], &[]);
    assert_eq!(run.noted_of("before_1900_share", "time"), (3, 5));
    let words = ["source orders", "time is before 1900 in 3 of 5 rows", "check the format", "%y", "first: row 1 of"];
    assert!(warned(&run, &words), "{ran}");
    // As it says.
    let (run, ran) = csv(&rows, &["t = \"date(00%y-%m-%d)\"", MONEY], &[]);
    assert!(!warned(&run, &["before 1900"]), "{ran}");
    assert_eq!(run.feature("recency_days")["C1"].as_deref(), Some("31"));
    assert_eq!(codes(&run), expected(&[(3, "not_a_date"), (4, "not_a_date"), (5, "not_a_date")]));
    // Some old times among others may well be so.
    let (run, ran) = csv(&rows[1..], &[DAYS, MONEY], &[]);
    assert_eq!(run.noted_of("before_1900_share", "time"), (2, 4));
    assert!(!warned(&run, &["before 1900"]), "{ran}");
}
