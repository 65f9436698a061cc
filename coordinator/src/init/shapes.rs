//! What the values of a column are, guessed from its type or its samples.

use super::sample::SampledColumn;
use arrow::datatypes::DataType;
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime};

/// What the values of a column are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Shape {
    Text,
    Bool,
    Integer,
    /// Numbers, some with a fraction.
    Number,
    Time(TimeShape),
    Nested,
}

/// Dates or points in time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TimeShape {
    /// The strftime format of text; none where the column has a type.
    pub(super) format: Option<&'static str>,
    /// Whether there is a time of day.
    pub(super) of_day: bool,
    /// Day and month could be the other way round.
    pub(super) ambiguous: bool,
    /// Last day among the samples.
    pub(super) last: Option<NaiveDate>,
}

/// Formats that are tried, more telling ones first; of two that fit, see [`time`].
const FORMATS: [&str; 22] = [
    "%Y-%m-%dT%H:%M:%S%.fZ",
    "%Y-%m-%dT%H:%M:%S%.f%z",
    "%Y-%m-%d %H:%M:%S%.f%z",
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y",
    "%m/%d/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M",
    "%d/%m/%Y %H:%M",
    "%m/%d/%Y",
    "%d/%m/%Y",
    "%d-%m-%Y",
    "%Y%m%d%H%M%S",
    "%Y%m%d",
];

/// Guesses what the values of a column are.
pub(super) fn shape(column: &SampledColumn, decimal: char) -> Shape {
    match &column.data_type {
        None => text_shape(&column.samples, decimal),
        Some(DataType::Dictionary(_, values)) => typed_shape(values, &column.samples),
        Some(data_type) => typed_shape(data_type, &column.samples),
    }
}

fn typed_shape(data_type: &DataType, samples: &[String]) -> Shape {
    match data_type {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => {
            // Text in a typed file is text, but for dates: those are cast in SQL.
            time(samples).map_or(Shape::Text, Shape::Time)
        }
        DataType::Boolean => Shape::Bool,
        DataType::Date32 | DataType::Date64 | DataType::Timestamp(_, _) => {
            let last = samples.iter().filter_map(|text| text.get(..10)?.parse().ok()).max();
            let of_day = matches!(data_type, DataType::Timestamp(_, _));
            Shape::Time(TimeShape { format: None, of_day, ambiguous: false, last })
        }
        data_type if data_type.is_integer() => Shape::Integer,
        data_type if data_type.is_numeric() => Shape::Number,
        data_type if data_type.is_nested() => Shape::Nested,
        _ => Shape::Text,
    }
}

fn text_shape(samples: &[String], decimal: char) -> Shape {
    let all = |holds: &dyn Fn(&str) -> bool| !samples.is_empty() && samples.iter().all(|sample| holds(sample));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = |text: &str| text.strip_prefix(['-', '+']).unwrap_or(text).to_owned();
    if let Some(time) = time(samples) {
        return Shape::Time(time);
    }
    if all(&|text| digits(&unsigned(text)) && unsigned(text).len() <= 18) {
        // Leading zeros belong to a number that is a name.
        let is_name = samples.iter().any(|text| text.len() > 1 && text.starts_with('0'));
        return if is_name { Shape::Text } else { Shape::Integer };
    }
    if all(&|text| {
        let text = unsigned(text);
        let (whole, fraction) = text.split_once(decimal).unwrap_or((&text, "0"));
        (digits(whole) || whole.is_empty()) && digits(fraction)
    }) {
        return Shape::Number;
    }
    if all(&|text| ["true", "false", "yes", "no", "y", "n", "t", "f"].contains(&text.to_ascii_lowercase().as_str())) {
        return Shape::Bool;
    }
    if all(&|text| text.starts_with(['{', '['])) { Shape::Nested } else { Shape::Text }
}

/// Finds the format of dates: of several, one under which the samples rise (files are mostly in the order of time), else
/// the first.
fn time(samples: &[String]) -> Option<TimeShape> {
    if samples.is_empty() {
        return None;
    }
    let fitting: Vec<(&'static str, Vec<NaiveDateTime>)> = FORMATS
        .into_iter()
        .filter_map(|format| {
            let times = samples.iter().map(|sample| read(sample, format)).collect::<Option<Vec<_>>>()?;
            Some((format, times))
        })
        .collect();
    let rising: Vec<_> =
        fitting.iter().filter(|(_, times)| times.is_sorted() && times.first() != times.last()).collect();
    let (format, times) = rising.first().copied().or(fitting.first())?;
    let swapped = |other: &str| other != *format && other.starts_with("%d/") | other.starts_with("%m/");
    Some(TimeShape {
        format: Some(format),
        of_day: format.contains("%H"),
        ambiguous: rising.len() != 1 && fitting.iter().any(|(other, _)| swapped(other)),
        last: times.iter().max().map(NaiveDateTime::date),
    })
}

fn read(text: &str, format: &str) -> Option<NaiveDateTime> {
    let plausible = |time: &NaiveDateTime| (1900..=2100).contains(&chrono::Datelike::year(time));
    let time = if format.ends_with("%z") {
        DateTime::parse_from_str(text, format).ok()?.naive_utc()
    } else if format.contains("%H") {
        NaiveDateTime::parse_from_str(text, format).ok()?
    } else {
        // Eight digits, not a shorter number that happens to parse.
        let whole = format != "%Y%m%d" || text.len() == 8;
        whole.then(|| NaiveDate::parse_from_str(text, format).ok())??.and_time(NaiveTime::MIN)
    };
    Some(time).filter(plausible)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(samples: &[&str]) -> Shape {
        text_shape(&samples.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>(), '.')
    }

    fn format(samples: &[&str]) -> (&'static str, bool) {
        match of(samples) {
            Shape::Time(time) => (time.format.unwrap(), time.ambiguous),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn numbers_names_and_flags_are_told_apart() {
        assert_eq!(of(&["1", "-20"]), Shape::Integer);
        assert_eq!(of(&["1", "2.50", ".5"]), Shape::Number);
        assert_eq!(of(&["007", "12"]), Shape::Text);
        assert_eq!(of(&["1,5"]), Shape::Text);
        assert_eq!(of(&["Y", "n"]), Shape::Bool);
        assert_eq!(of(&["{\"a\":1}"]), Shape::Nested);
        assert_eq!(of(&["20241301", "20240101"]), Shape::Integer);
        assert_eq!(of(&[]), Shape::Text);
    }

    #[test]
    fn common_formats_of_time_are_found() {
        for (sample, expected) in [
            ("2024-01-31", "%Y-%m-%d"),
            ("2024-01-31 10:20", "%Y-%m-%d %H:%M"),
            ("2024-01-31 10:20:30.5", "%Y-%m-%d %H:%M:%S%.f"),
            ("2024-01-31T10:20:30Z", "%Y-%m-%dT%H:%M:%S%.fZ"),
            ("2024-01-31T10:20:30+02:00", "%Y-%m-%dT%H:%M:%S%.f%z"),
            ("20240131", "%Y%m%d"),
            ("31.01.2024 10:20", "%d.%m.%Y %H:%M"),
            ("31/1/2024", "%d/%m/%Y"),
            ("1/31/2024 8:05", "%m/%d/%Y %H:%M"),
        ] {
            assert_eq!(format(&[sample]), (expected, false), "{sample}");
        }
    }

    #[test]
    fn the_order_of_the_file_decides_between_day_and_month() {
        assert_eq!(format(&["01/02/2024", "03/02/2024", "01/03/2024"]), ("%d/%m/%Y", false));
        assert_eq!(format(&["1/2/2024", "1/3/2024", "1/4/2024"]), ("%m/%d/%Y", true));
        assert_eq!(format(&["1/2/2024", "5/1/2024", "3/4/2024"]), ("%m/%d/%Y", true));
    }
}
