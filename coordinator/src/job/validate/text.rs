use chrono::format::{Item, StrftimeItems};
use chrono::{DateTime, NaiveDate, NaiveDateTime};
use segmenter_proto::jobs::TextType;
use segmenter_worker::values::TimeFormat;
use std::fmt::Write;

/// More days than this before `as_of` can only be a slip: about 270 years.
const MOST_DAYS: i64 = 100_000;

/// The types that a text column may have, for a message.
pub(super) const TEXT_TYPES: &str = "text, bool, int, double, decimal(p,s), date(FORMAT) or timestamp(FORMAT)";

/// Reads a window such as `365d`.
pub(super) fn window_days(text: &str) -> Option<u32> {
    let days: u32 = text.strip_suffix('d').filter(|digits| all_digits(digits))?.parse().ok()?;
    (1..=MOST_DAYS).contains(&i64::from(days)).then_some(days)
}

/// Reads days from `as_of` such as `-1095d` or `+3d`.
pub(super) fn offset_days(text: &str) -> Option<i64> {
    let signed = text.strip_suffix('d')?;
    let digits = signed.strip_prefix(['-', '+']).unwrap_or(signed);
    let days: i64 = Some(digits).filter(|digits| all_digits(digits))?.parse().ok()?;
    let days = if signed.starts_with('-') { -days } else { days };
    (-MOST_DAYS..=MOST_DAYS).contains(&days).then_some(days)
}

/// Reads a date such as `2026-11-21`.
pub(super) fn date(text: &str) -> Option<NaiveDate> {
    let well_formed = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|_| well_formed)
}

/// Reads a column's type; the error says what was expected.
pub(super) fn text_type(text: &str) -> Result<TextType, String> {
    let (name, argument) = match text.split_once('(') {
        None => (text, None),
        Some((name, rest)) => (name, Some(rest.strip_suffix(')').ok_or("`)` at the end")?)),
    };
    match (name.trim(), argument) {
        ("text", None) => Ok(TextType::Text),
        ("bool", None) => Ok(TextType::Bool),
        ("int", None) => Ok(TextType::Int),
        ("double", None) => Ok(TextType::Double),
        ("decimal", Some(argument)) => decimal(argument),
        ("decimal", None) => Err("precision and scale, such as decimal(18,2)".to_owned()),
        ("date" | "timestamp", Some(format)) if is_format(format) && meaning(format).is_err() => {
            Err(meaning(format).err().unwrap_or_default())
        }
        ("date", Some(format)) if reads_dates(format) => Ok(TextType::Date(format.to_owned())),
        ("date", _) => Err("strftime codes for year, month and day, such as date(%Y-%m-%d)".to_owned()),
        ("timestamp", Some(format)) if reads_times(format) => Ok(TextType::Timestamp(format.to_owned())),
        ("timestamp", _) => Err("strftime codes for date and time, such as timestamp(%Y-%m-%d %H:%M:%S)".to_owned()),
        _ => Err(TEXT_TYPES.to_owned()),
    }
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn decimal(argument: &str) -> Result<TextType, String> {
    let parsed = argument
        .split_once(',')
        .and_then(|(precision, scale)| Some((precision.trim().parse::<u8>().ok()?, scale.trim().parse::<i8>().ok()?)));
    match parsed {
        Some((precision @ 1..=38, scale)) if scale >= 0 && i16::from(scale) <= i16::from(precision) => {
            Ok(TextType::Decimal(precision, scale))
        }
        _ => Err("a precision from 1 to 38 and a scale from 0 to the precision, such as decimal(18,2)".to_owned()),
    }
}

/// A format is right if what it writes of a date can be read back.
fn reads_dates(format: &str) -> bool {
    let Some(sample) = sample() else { return false };
    let mut written = String::new();
    is_format(format)
        && write!(written, "{}", sample.date().format(format)).is_ok()
        && NaiveDate::parse_from_str(&written, format) == Ok(sample.date())
}

/// A format is right if what it writes of a point in time can be read back, with a zone in it or without. One of a date
/// alone means the beginning of that day.
fn reads_times(format: &str) -> bool {
    if reads_dates(format) {
        return true;
    }
    let Some(sample) = sample() else { return false };
    let mut written = String::new();
    is_format(format)
        && write!(written, "{}", sample.and_utc().fixed_offset().format(format)).is_ok()
        && (NaiveDateTime::parse_from_str(&written, format) == Ok(sample)
            || DateTime::parse_from_str(&written, format) == Ok(sample.and_utc().fixed_offset()))
}

/// Says what to write for a format that names a zone by letters without one meaning.
fn meaning(format: &str) -> Result<(), String> {
    TimeFormat::compile(format).map(drop).map_err(|error| format!("{}, since {}", error.hint, error.message))
}

fn is_format(format: &str) -> bool {
    StrftimeItems::new(format).all(|item| item != Item::Error)
}

/// 2021-11-23 14:00:00: no two of its parts are equal, and it has none below the hour, which a format may leave out.
fn sample() -> Option<NaiveDateTime> {
    NaiveDate::from_ymd_opt(2021, 11, 23)?.and_hms_opt(14, 0, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_days() {
        assert_eq!(window_days("365d"), Some(365));
        for wrong in ["0d", "365", "-3d", "+3d", "12m", "1.5d", "d", "4294967296d", "999999d"] {
            assert_eq!(window_days(wrong), None, "{wrong}");
        }
        assert_eq!(offset_days("-1095d"), Some(-1095));
        assert_eq!(offset_days("+3d"), Some(3));
        assert_eq!(offset_days("0d"), Some(0));
        for wrong in ["--3d", "3", "d", "-d", "99999999999999999999d"] {
            assert_eq!(offset_days(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn reads_dates_only_as_written_in_the_contract() {
        assert_eq!(date("2026-11-21"), NaiveDate::from_ymd_opt(2026, 11, 21));
        for wrong in ["2026-02-30", "2026-1-1", "21.11.2026", "+2026-11-2", "yesterday"] {
            assert_eq!(date(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn reads_types() {
        assert_eq!(text_type("decimal(18,2)"), Ok(TextType::Decimal(18, 2)));
        assert_eq!(text_type("decimal(18, 2)"), Ok(TextType::Decimal(18, 2)));
        assert_eq!(text_type("timestamp(%d.%m.%Y %H:%M)"), Ok(TextType::Timestamp("%d.%m.%Y %H:%M".into())));
        assert_eq!(text_type("date(%Y%m%d)"), Ok(TextType::Date("%Y%m%d".into())));
        for format in ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%z", "%+", "%s", "%m/%d/%y %I:%M %p"] {
            assert!(text_type(&format!("timestamp({format})")).is_ok(), "{format}");
        }
        let zone = text_type("timestamp(%Y-%m-%d %H:%M EST)").unwrap_err();
        assert!(zone.contains("EST") && zone.starts_with("write %Z in its place"), "{zone}");
        assert!(
            text_type("timestamp(%Y-%m-%d %H:%M %Z)").is_ok() && text_type("timestamp(%Y-%m-%d %H:%M UTC)").is_ok()
        );
        for wrong in [
            "string",
            "decimal",
            "decimal(39,2)",
            "decimal(5,6)",
            "decimal(5,-1)",
            "date",
            "date(%Y)",
            "date(%Y-%m-%d %H)",
        ] {
            assert!(text_type(wrong).is_err(), "{wrong}");
        }
        for wrong in ["timestamp", "timestamp(%Y-%m)", "timestamp(%Q)", "timestamp(%Y-%m-%d %H:%M"] {
            assert!(text_type(wrong).is_err(), "{wrong}");
        }
    }
}
