use super::*;
use chrono_tz::Tz;
use proptest::prelude::*;

fn format(format: &str) -> TimeFormat {
    TimeFormat::compile(format).unwrap()
}

fn day(year: i32, month: u32, day: u32) -> i32 {
    NaiveDate::from_ymd_opt(year, month, day).unwrap().to_epoch_days()
}

/// Read on a clock two hours ahead of UTC, without any change.
fn instant(pattern: &str, text: &str) -> Result<i64, ValueFault> {
    format(pattern).instant(text, &mut LocalClock::new(Tz::Etc__GMTMinus2))
}

const HOUR: i64 = 3_600_000_000;
const DAY: i64 = 24 * HOUR;
const LOCAL: i64 = -2 * HOUR;

#[test]
fn common_formats_are_fast_and_others_work_too() {
    let date = day(2026, 11, 3);
    for (pattern, text) in
        [("%Y-%m-%d", "2026-11-03"), ("%Y%m%d", "20261103"), ("%d.%m.%Y", "03.11.2026"), ("%F", "2026-11-03")]
    {
        assert!(format(pattern).fixed(text).is_some(), "{pattern}");
        assert_eq!(format(pattern).date(text), Ok(date));
    }
    assert_eq!(format("%d.%m.%Y").date("3.11.2026"), Ok(date));
    assert_eq!(format("%d.%m.%Y").date("3. 11. 2026"), Ok(date));
    assert_eq!(format("%d %b %Y").date("3 Nov 2026"), Ok(date));
    assert_eq!(format("%m/%d/%y").date("11/03/26"), Ok(date));
    for text in ["2026-02-30", "2026-1", "", "03.11.2026", "2026-11-03x"] {
        assert_eq!(format("%Y-%m-%d").date(text), Err(ValueFault::NotADate), "{text}");
    }
}

#[test]
fn a_year_has_all_its_digits() {
    for (pattern, text) in [
        ("%d/%m/%Y", "01/12/10"),
        ("%d/%m/%Y", "01/12/202"),
        ("%d/%m/%Y", "01/12/20255"),
        ("%d/%m/%Y", "01/12/+2025"),
        ("%d/%m/%Y", "01/12/-2025"),
        ("%Y-%m-%d", "26-11-03"),
        ("%b %d %Y", "Nov 3 26"),
        ("%m/%d/%y", "11/03/2026"),
        ("%m/%d/%y", "11/03/6"),
        ("%G-W%V-%u", "26-W10-1"),
        ("%+", "26-11-03T10:00:00Z"),
    ] {
        assert!(format(pattern).date(text).is_err(), "{pattern} {text}");
        assert!(instant(pattern, text).is_err(), "{pattern} {text}");
    }
    assert_eq!(format("%d/%m/%Y").date("01/12/0010"), Ok(day(10, 12, 1)));
    assert_eq!(format("%d/%m/%y").date("31/12/69"), Ok(day(1969, 12, 31)));
    assert_eq!(format("%d/%m/%y").date("31/12/68"), Ok(day(2068, 12, 31)));
    assert_eq!(format("%d/%m/%C%y").date("31/12/2169"), Ok(day(2169, 12, 31)));
    assert_eq!(format("%G-W%V-%u").date("2026-W45-2"), Ok(day(2026, 11, 3)));
}

#[test]
fn a_zone_in_the_text_makes_an_instant() {
    for (pattern, text, expected) in [
        ("%Y-%m-%d %H:%M:%S", "1970-01-02 00:00:01", LOCAL + DAY + SECOND),
        ("%Y-%m-%d %H:%M", "1970-01-02 00:01", LOCAL + DAY + 60 * SECOND),
        ("%Y-%m-%d %H", "1970-01-02 01", LOCAL + DAY + HOUR),
        ("%Y-%m-%d", "1970-01-02", LOCAL + DAY),
        ("%Y-%m-%dT%H:%M:%SZ", "1970-01-02T00:00:00Z", DAY),
        ("%Y-%m-%dT%H:%M:%S%.fZ", "1970-01-02T00:00:00.25Z", DAY + 250_000),
        ("%Y-%m-%dT%H:%M:%S.000Z", "1970-01-02T00:00:00.000Z", DAY),
        ("%Y-%m-%dT%H:%M:%S%z", "1970-01-02T02:00:00+0200", DAY),
        ("%+", "1970-01-01T23:00:00-01:00", DAY),
        ("%+", "1970-01-02T00:00:00Z", DAY),
        ("%Y-%m-%dT%H:%M:%S%z", "1970-01-02T00:00:00Z", DAY),
        ("%Y-%m-%dT%H:%M:%S%:z", "1970-01-02T00:00:00Z", DAY),
        ("%Y-%m-%d %H:%M:%S %z", "1970-01-02 00:00:00 z", DAY),
        ("%Y-%m-%dT%H:%M:%S%:z", "1970-01-02T18:00:00+18:00", DAY),
        ("%Y-%m-%dT%H:%M:%S%z", "1970-01-01T06:00:00-1800", DAY),
        ("%Y-%m-%d %H:%M:%S UTC", "1970-01-02 00:00:00 UTC", DAY),
        ("%a %b %d %H:%M:%S GMT %Y", "Fri Jan 02 00:00:00 GMT 1970", DAY),
        ("%Y-%m-%d %H:%M:%S+03:00", "1970-01-02 03:00:00+03:00", DAY),
        ("%Y-%m-%d %H:%M:%S-0100", "1970-01-01 23:00:00-0100", DAY),
        ("%Y-%m-%d %H-00", "1970-01-02 00-00", LOCAL + DAY),
        ("%Y-%m-%d %H:%M %Z", "1970-01-02 00:00 UTC", DAY),
        ("%Y-%m-%d %H:%M %Z", "1970-01-02 01:00 Europe/Warsaw", DAY),
        ("%a %b %d %H:%M:%S %Z %Y", "Fri Jan 02 00:00:00 UTC 1970", DAY),
    ] {
        assert_eq!(instant(pattern, text), Ok(expected), "{pattern} {text}");
    }
    for (pattern, text) in [
        ("%Y-%m-%d %H:%M", "1970-01-02 24:01"),
        ("%Y-%m-%dT%H:%M:%S%z", "1970-01-02T00:00:00+2500"),
        ("%Y-%m-%dT%H:%M:%S%:z", "1970-01-02T00:00:00+18:01"),
        ("%Y-%m-%dT%H:%M:%S%:z", "1970-01-02T00:00:00-25:00"),
        ("%Y-%m-%dT%H:%M:%S%z", "1970-01-02T00:00:00Zulu"),
        ("%+", "1970-01-02T00:00:00+23:00"),
    ] {
        assert_eq!(instant(pattern, text), Err(ValueFault::NotATimestamp), "{pattern} {text}");
    }
    assert_eq!(instant("%Y-%m-%d %H:%M %Z", "1970-01-02 00:00 EST"), Err(ValueFault::UnknownZone));
    assert_eq!(instant("%Y-%m-%d %H:%M %Z", "1970-01-02 00:00 "), Err(ValueFault::NotATimestamp));
}

#[test]
fn seconds_count_both_ways_and_say_which_unit_would_fit() {
    for (text, expected) in [
        ("86400", DAY),
        ("-86400", -DAY),
        ("0", 0),
        ("-62135596800", -62_135_596_800 * SECOND),
        ("253402300799", 253_402_300_799 * SECOND),
    ] {
        assert_eq!(instant("%s", text), Ok(expected), "{text}");
    }
    assert_eq!(instant("%s%.f", "-1.5"), Ok(-1_500_000));
    for (text, unit) in [
        ("1741392000000", Some(TimeUnit::Milliseconds)),
        ("1741392000000000", Some(TimeUnit::Microseconds)),
        ("-1741392000000", Some(TimeUnit::Milliseconds)),
    ] {
        assert_eq!(instant("%s", text), Err(ValueFault::TimeOutOfRange(unit)), "{text}");
    }
    for text in ["-62135596801", "253402300800"] {
        let unit = Some(TimeUnit::Milliseconds);
        assert_eq!(instant("%s", text), Err(ValueFault::TimeOutOfRange(unit)), "{text}");
    }
    assert_eq!(instant("%s", "x"), Err(ValueFault::NotATimestamp));
}

#[test]
fn years_are_1_to_9999() {
    assert_eq!(format("%Y-%m-%d").date("9999-12-31"), Ok(day(9999, 12, 31)));
    assert_eq!(format("%Y-%m-%d").date("0001-01-01"), Ok(day(1, 1, 1)));
    assert_eq!(format("%Y-%m-%d").date("0000-12-31"), Err(ValueFault::TimeOutOfRange(None)));
    assert_eq!(instant("%Y-%m-%d %H:%M", "0000-12-31 23:00"), Err(ValueFault::TimeOutOfRange(None)));
    let west = &mut LocalClock::new(Tz::America__New_York);
    assert!(format("%Y-%m-%d %H:%M:%S").instant("9999-12-31 23:59:59", west).is_ok());
}

#[test]
fn what_may_have_been_meant_is_said() {
    let date = |pattern: &str, text: &str| format(pattern).date(text);
    for (pattern, text) in [
        ("%d/%m/%Y", "12/31/2025"),
        ("%m/%d/%Y", "31/12/2025"),
        ("%-d.%-m.%Y", "1.31.2025"),
        ("%D", "31/12/25"),
        ("%F", "2025-31-12"),
    ] {
        assert_eq!(date(pattern, text), Err(ValueFault::OtherOrder), "{pattern} {text}");
    }
    assert_eq!(instant("%d/%m/%Y %H:%M", "12/31/2025 10:00"), Err(ValueFault::OtherOrder));
    assert_eq!(format("%d/%m/%Y").other_order(), Some("%m/%d/%Y"));
    assert_eq!(date("%d %b %Y", "31/12/2025"), Err(ValueFault::NotADate));
    for text in ["45383", "45383.604166667", "1"] {
        assert_eq!(date("%Y-%m-%d", text), Err(ValueFault::SerialNumber), "{text}");
    }
    assert_eq!(date("%Y-%m-%d", "1741392000"), Err(ValueFault::EpochNumber(TimeUnit::Seconds)));
    assert_eq!(instant("%Y-%m-%d %H:%M", "1741392000000"), Err(ValueFault::EpochNumber(TimeUnit::Milliseconds)));
}

#[test]
fn a_wrong_format_says_what_to_write() {
    assert!(TimeFormat::compile("%Q").unwrap_err().message.contains("not a date format"));
    for zone in ["EST", "CEST", "MSK"] {
        let error = TimeFormat::compile(&format!("%Y-%m-%d %H:%M {zone}")).unwrap_err();
        assert!(error.message.contains(zone) && error.hint.contains("%Z"), "{error}");
    }
    let followed = format("%Y-%m-%d %H:%M %Z");
    let mut there = LocalClock::new(Tz::America__New_York);
    assert_eq!(followed.instant("1970-01-01 19:00 EST", &mut there), Ok(DAY));
}

proptest! {
    #[test]
    fn the_fast_path_agrees_with_the_steps(text in "[0-9]{4}-[0-9]{1,2}-[0-9]{1,2} [0-9]{2}:[0-9]{2}:[0-5][0-9]") {
        let fast = format("%Y-%m-%d %H:%M:%S");
        let slow = TimeFormat { fixed: None, ..fast.clone() };
        let mut clock = LocalClock::new(Tz::Europe__Warsaw);
        prop_assert_eq!(fast.instant(&text, &mut clock), slow.instant(&text, &mut clock));
        prop_assert_eq!(fast.date(&text), slow.date(&text));
    }
}
