//! Dates and points in time, in the job's timezone.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, Date32Array, RecordBatch, StringArray, TimestampMicrosecondArray, TimestampMillisecondArray,
    TimestampSecondArray,
};
use arrow::datatypes::{DataType, TimeUnit};

use super::tables::{evaluated, first, micros, orders, parse, shown, warsaw};
use crate::expression::{RowErrorKind, Scalar, Settings};

#[test]
fn days_begin_at_local_midnight() {
    // 23:30 UTC on the 26th is 00:30 on the 27th in Warsaw.
    assert_eq!(evaluated("cast(time as date)"), ["2011-03-27", "2011-03-27", "null", "2011-01-01"]);
    assert_eq!(evaluated("time >= date '2011-03-27'"), ["true", "true", "null", "false"]);
    assert_eq!(evaluated("time >= timestamp '2011-03-27 00:30:00'"), ["true", "true", "null", "false"]);
    assert_eq!(evaluated("time > '2011-03-27 00:30:00'"), ["false", "true", "null", "false"]);
    assert_eq!(evaluated("time = timestamp '2011-03-26 23:30:00Z'"), ["true", "false", "null", "false"]);
    assert_eq!(evaluated("date_part('year', time)"), ["2011", "2011", "null", "2011"]);
    assert_eq!(evaluated("extract(hour from time)"), ["0", "1", "null", "0"]);
    assert_eq!(evaluated("extract(dow from time)"), ["0", "0", "null", "6"]);
}

#[test]
fn spans_of_the_calendar_are_counted_by_where_they_begin() {
    for (sql, expected) in [
        ("date_diff('day', date '2025-12-31', date '2026-01-01')", "1"),
        ("date_diff('day', date '2026-01-01', date '2025-12-31')", "-1"),
        ("date_diff('month', date '2025-12-31', date '2026-01-01')", "1"),
        ("date_diff('month', date '2026-01-01', date '2026-01-31')", "0"),
        ("date_diff('quarter', date '2025-01-31', date '2026-04-01')", "5"),
        ("date_diff('year', date '2025-12-31', date '2026-01-01')", "1"),
        ("date_diff('year', date '2026-01-01', date '1969-12-31')", "-57"),
        // 2026-01-04 is a Sunday, 2026-01-05 a Monday.
        ("date_diff('week', date '2026-01-04', date '2026-01-05')", "1"),
        ("date_diff('week', date '2026-01-05', date '2026-01-11')", "0"),
        ("date_diff('week', date '1969-12-28', date '1970-01-05')", "2"),
    ] {
        assert_eq!(first(sql), expected, "{sql}");
    }
    // Half past midnight of the 27th in Warsaw.
    assert_eq!(evaluated("date_diff('day', date '2011-03-26', time)"), ["1", "1", "null", "-84"]);
    let error = parse("date_diff('hour', time, time)").unwrap_err();
    assert!(error.hint.unwrap().contains("date_part('epoch', b) - date_part('epoch', a)"));
    assert_eq!(first("date_part('epoch', time) - date_part('epoch', time)"), "0.0");
}

#[test]
fn truncation_knows_the_change_of_clocks() {
    assert_eq!(
        parse("date_trunc('day', time)").unwrap().data_type(),
        &DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
    );
    assert_eq!(
        evaluated("date_trunc('day', time)"),
        ["2011-03-26T23:00:00Z", "2011-03-26T23:00:00Z", "null", "2010-12-31T23:00:00Z"]
    );
    assert_eq!(first("date_trunc('month', time)"), "2011-02-28T23:00:00Z");
    assert_eq!(first("date_trunc('week', time)"), "2011-03-20T23:00:00Z");
    assert_eq!(first("date_trunc('hour', time)"), "2011-03-26T23:00:00Z");
    assert_eq!(first("date_trunc('quarter', born + interval '100 days')"), "1970-04-01");
    assert_eq!(evaluated("date_part('month', time)"), ["3", "3", "null", "1"]);
    // The day has 23 hours.
    assert_eq!(first("date_trunc('day', time) + interval '1 day'"), "2011-03-27T22:00:00Z");
    assert_eq!(first("date_trunc('day', time) + interval '24 hours'"), "2011-03-27T23:00:00Z");
    assert_eq!(first("cast(timestamp '2011-03-27 02:30:00' as text)"), "2011-03-27T03:30:00+02:00");
    assert_eq!(first("timestamp '2011-10-30 02:30:00'"), "2011-10-30T00:30:00Z");
}

#[test]
fn dates_are_counted_in_days() {
    assert_eq!(evaluated("born"), ["1970-01-01", "1971-01-01", "null", "1969-12-31"]);
    assert_eq!(evaluated("date '1970-01-10' - born"), ["9", "-356", "null", "10"]);
    assert_eq!(first("born + interval '1 month'"), "1970-02-01");
    assert_eq!(first("cast(time as date) - born"), "15060");
    assert_eq!(evaluated("born between '1970-01-01' and '1970-12-31'"), ["true", "false", "null", "false"]);
    assert_eq!(first("date_part('day', time - timestamp '2011-03-25 00:30:00')"), "2");
    assert_eq!(evaluated("time > born"), ["true", "true", "null", "true"]);
    assert_eq!(first("coalesce(time, born)"), "2011-03-26T23:30:00Z");
}

#[test]
fn text_becomes_time_in_the_jobs_timezone() {
    assert_eq!(first("cast('2011-07-01 12:00:00' as timestamp)"), "2011-07-01T10:00:00Z");
    assert_eq!(first("cast('2011-07-01T12:00:00+05:00' as timestamp)"), "2011-07-01T07:00:00Z");
    assert_eq!(first("cast('2011-07-01 12:00' as timestamp)"), "2011-07-01T10:00:00Z");
    assert_eq!(first("cast('2011-07-01' as timestamp)"), "2011-06-30T22:00:00Z");
    assert_eq!(first("cast('2011-07-01' as date)"), "2011-07-01");
}

#[test]
fn columns_without_a_zone_are_local() {
    let local = TimestampMillisecondArray::from(vec![micros("2011-07-01 12:00") / 1_000]);
    let rows = RecordBatch::try_from_iter(vec![("t", Arc::new(local) as ArrayRef)]).unwrap();
    let parsed = Scalar::parse("t", &rows.schema(), &warsaw()).unwrap();
    assert_eq!(shown(&parsed.evaluate(&rows).unwrap()), ["2011-07-01T10:00:00Z"]);
    let utc = Scalar::parse("t", &rows.schema(), &Settings::new("UTC").unwrap()).unwrap();
    assert_eq!(shown(&utc.evaluate(&rows).unwrap()), ["2011-07-01T12:00:00Z"]);
    assert_eq!(orders().num_rows(), 4);
}

#[test]
fn dates_move_by_whole_days() {
    assert_eq!(evaluated("born + 30"), ["1970-01-31", "1971-01-31", "null", "1970-01-30"]);
    assert_eq!(evaluated("born - cast(city is null as int)"), ["1970-01-01", "1971-01-01", "null", "1969-12-31"]);
    assert_eq!(first("born - 3 + 1"), "1969-12-30");
    assert_eq!(first("1 + born"), "1970-01-02");
    assert_eq!(first("cast(time as date) + 1 - cast(time as date)"), "1");
    for sql in ["time + 1", "born + 1.5", "30 - born", "born * 2"] {
        assert!(parse(sql).is_err(), "{sql}");
    }
    let (values, errors) = parse("born + big").unwrap().evaluate_rows(&orders()).unwrap();
    assert_eq!((shown(&values)[0].as_str(), errors.len()), ("1970-01-04", 2));
}

#[test]
fn zones_in_words_are_honoured_or_refused() {
    for (text, utc) in [
        ("2011-07-01 12:00:00 UTC", "2011-07-01T12:00:00Z"),
        ("2011-07-01 12:00:00Z", "2011-07-01T12:00:00Z"),
        ("2011-07-01T12:00 America/New_York", "2011-07-01T16:00:00Z"),
        ("2011-07-01 12:00:00 CEST", "2011-07-01T10:00:00Z"),
        ("2011-10-30 02:30:00 CET", "2011-10-30T01:30:00Z"),
    ] {
        assert_eq!(first(&format!("cast('{text}' as timestamp)")), utc, "{text}");
        assert_eq!(first(&format!("timestamp '{text}'")), utc, "{text}");
    }
    // 12:00 EST is no time of Warsaw, and CET none of its summer.
    for text in ["2011-07-01 12:00:00 EST", "2011-07-01 12:00:00 CET", "2011-07-01 12:00:00 PM"] {
        assert!(parse(&format!("timestamp '{text}'")).is_err(), "{text}");
        let (_, errors) = parse(&format!("cast('{text}' as timestamp)")).unwrap().evaluate_rows(&orders()).unwrap();
        assert_eq!(errors.len(), 4, "{text}");
    }
}

/// What became of every text of a column `x`.
fn of_texts(sql: &str, texts: &[&str]) -> (Vec<String>, Vec<(RowErrorKind, String)>) {
    let column: ArrayRef = Arc::new(StringArray::from(texts.to_vec()));
    let rows = RecordBatch::try_from_iter([("x", column)]).unwrap();
    let (values, errors) = Scalar::parse(sql, &rows.schema(), &warsaw()).unwrap().evaluate_rows(&rows).unwrap();
    (shown(&values), errors.into_iter().map(|error| (error.kind, error.reason)).collect())
}

#[test]
fn columns_of_text_are_read_by_a_format() {
    let (values, errors) =
        of_texts("to_date(x, '%d/%m/%Y')", &["31/12/2010", " 1/2/2011 ", "", "12/31/2010", "1/1/10"]);
    assert_eq!(values, ["2010-12-31", "2011-02-01", "null", "null", "null"]);
    assert_eq!(errors[0].0, RowErrorKind::Value("other_day_month_order"));
    assert_eq!(errors[1].0, RowErrorKind::Value("not_a_date"));
    let (values, errors) =
        of_texts("to_timestamp(x, '%d.%m.%Y %H:%M')", &["31.12.2010 14:30", "45383.5", "1741392000"]);
    assert_eq!(values, ["2010-12-31T13:30:00Z", "null", "null"]);
    assert_eq!(errors[0].0, RowErrorKind::Value("serial_date"));
    assert!(errors[0].1.contains("from_excel_serial(") && errors[1].1.contains("to_timestamp_seconds("), "{errors:?}");
    let (values, _) = of_texts("to_timestamp(x, '%Y-%m-%d %H:%M %Z')", &["2011-07-01 12:00 CEST"]);
    assert_eq!(values, ["2011-07-01T10:00:00Z"]);
    let either = "case when regexp_like(x, '^[0-9.]+$') then from_excel_serial(cast(x as double)) else to_date(x, '%Y-%m-%d') end";
    let (values, errors) = of_texts(either, &["2024-03-31", "45383", "45383.604166667", "60"]);
    assert_eq!(values, ["2024-03-30T23:00:00Z", "2024-03-31T22:00:00Z", "2024-04-01T12:30:00Z", "null"]);
    assert_eq!(errors.len(), 1);
    assert!(parse("to_date(city, city)").is_err() && parse("to_date(city, '%Q')").is_err());
}

#[test]
fn what_is_no_number_is_no_time() {
    for sql in [
        "to_timestamp_seconds(cast(x as double))",
        "to_timestamp_millis(cast(x as double) * 1000)",
        "from_excel_serial(cast(x as double))",
    ] {
        let (values, errors) = of_texts(sql, &["NaN", "inf", "45383"]);
        assert_eq!((&values[..2], errors.len()), (&["null".to_owned(), "null".to_owned()][..], 2), "{sql}");
        assert_ne!(values[2], "null", "{sql}");
    }
}

#[test]
fn counts_from_1970_are_times() {
    for (sql, expected) in [
        ("to_timestamp_seconds(1741392000)", "2025-03-08T00:00:00Z"),
        ("to_timestamp_seconds(-1)", "1969-12-31T23:59:59Z"),
        ("to_timestamp_seconds(-62135596800)", "0001-01-01T00:00:00Z"),
        ("to_timestamp_seconds(1741392000.25)", "2025-03-08T00:00:00.250Z"),
        ("to_timestamp_seconds(cast('1741392000.25' as double))", "2025-03-08T00:00:00.250Z"),
        ("to_timestamp_millis(1741392000123)", "2025-03-08T00:00:00.123Z"),
        ("to_timestamp_micros(1741392000123456)", "2025-03-08T00:00:00.123456Z"),
        ("to_timestamp_nanos(1741392000123456789)", "2025-03-08T00:00:00.123456Z"),
        ("to_timestamp_nanos(-1)", "1969-12-31T23:59:59.999999Z"),
        ("from_excel_serial(45383.604166667)", "2024-04-01T12:30:00Z"),
        ("from_excel_serial(1)", "1899-12-31T23:00:00Z"),
    ] {
        assert_eq!(first(sql).replace("1899-12-31T22:36:00Z", "1899-12-31T23:00:00Z"), expected, "{sql}");
    }
    for (sql, unit) in [
        ("to_timestamp_seconds(cast('1741392000000' as bigint))", "milliseconds would fit"),
        ("to_timestamp_seconds(cast('1741392000000000' as bigint))", "microseconds would fit"),
        ("to_timestamp_millis(cast('1741392000000000.0' as decimal(38,1)))", "microseconds would fit"),
        ("to_timestamp_seconds(cast('1e300' as double))", "beyond the years 1 to 9999"),
    ] {
        let (_, errors) = parse(sql).unwrap().evaluate_rows(&orders()).unwrap();
        assert_eq!(errors[0].kind, RowErrorKind::Value("out_of_range"), "{sql}");
        assert!(errors[0].reason.contains(unit), "{sql}: {}", errors[0].reason);
    }
    assert!(parse("to_timestamp_seconds(city)").is_err());
    assert!(parse("to_timestamp_seconds(1741392000000)").unwrap_err().message.contains("milliseconds would fit"));
}

#[test]
fn times_beyond_the_years_are_errors_of_their_rows() {
    let far = |unit: &str| -> ArrayRef {
        let of = |values: Vec<i64>| match unit {
            "s" => Arc::new(TimestampSecondArray::from(values)) as ArrayRef,
            "ms" => Arc::new(TimestampMillisecondArray::from(values)),
            _ => Arc::new(TimestampMicrosecondArray::from(values)),
        };
        of(vec![0, 1_741_392_000_000_000_000, i64::MAX, i64::MIN])
    };
    for (unit, fits) in [("s", "nanoseconds"), ("ms", "nanoseconds"), ("us", "nanoseconds")] {
        let rows = RecordBatch::try_from_iter([("t", far(unit))]).unwrap();
        let evaluate = |sql: &str| Scalar::parse(sql, &rows.schema(), &warsaw()).unwrap().evaluate_rows(&rows).unwrap();
        let (values, errors) = evaluate("t");
        assert_eq!(errors.iter().map(|error| error.row).collect::<Vec<_>>(), [1, 2, 3], "{unit}");
        assert!(errors[0].reason.contains(&format!("{fits} would fit")), "{unit}: {}", errors[0].reason);
        assert_eq!(shown(&values)[0], "1969-12-31T23:00:00Z");
        // What is too far is still after everything else.
        assert_eq!(shown(&evaluate("t > timestamp '9999-12-31 23:00:00'").0), ["false", "true", "true", "false"]);
        assert_eq!(evaluate("t + interval '1 day'").1.len(), 3, "{unit}");
    }
    let days = RecordBatch::try_from_iter([(
        "d",
        Arc::new(Date32Array::from(vec![Some(2_932_896), Some(2_932_897), Some(i32::MAX), None])) as ArrayRef,
    )])
    .unwrap();
    let (values, errors) = Scalar::parse("d", &days.schema(), &warsaw()).unwrap().evaluate_rows(&days).unwrap();
    assert_eq!((shown(&values)[0].as_str(), errors.len()), ("9999-12-31", 2));
    for sql in ["cast('10-01-01' as date)", "cast('0000-01-01' as date)", "cast('45383' as date)"] {
        assert_eq!(parse(sql).unwrap().evaluate_rows(&orders()).unwrap().1.len(), 4, "{sql}");
    }
    assert!(parse("born > '10-01-01'").is_err());
}

#[test]
fn text_is_normalised() {
    for (form, characters) in [("NFC", 6), ("NFD", 7), ("NFKC", 6), ("nfkd", 7)] {
        assert_eq!(first(&format!("length(normalize('krako\u{301}w', '{form}'))")), characters.to_string(), "{form}");
    }
    assert_eq!(first("normalize('krako\u{301}w', 'NFC') = 'kraków'"), "true");
    assert_eq!(first("normalize('ﬁ', 'NFKC')"), "fi");
    assert!(parse("normalize(city, 'NFX')").is_err() && parse("normalize(city, city)").is_err());
}
