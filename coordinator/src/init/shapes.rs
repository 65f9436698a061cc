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
    /// Amounts with a sign of their currency or with thousands set apart, and what stands before their fractions.
    Marked(char),
    Nested,
}

/// Dates or points in time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TimeShape {
    /// The strftime format of text; none where the column has a type.
    pub(super) format: Option<&'static str>,
    /// What makes a time of a number, with `{}` where the number stands.
    pub(super) of_number: Option<&'static str>,
    /// Whether there is a time of day.
    pub(super) of_day: bool,
    /// Day and month could be the other way round.
    pub(super) ambiguous: bool,
    /// First day among the samples.
    pub(super) first: Option<NaiveDate>,
    /// Last day among the samples.
    pub(super) last: Option<NaiveDate>,
}

/// Formats that are tried, more telling ones first; of two that fit, see [`time`].
const FORMATS: [&str; 31] = [
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
    "%m/%d/%Y %I:%M:%S %p",
    "%m/%d/%Y %I:%M %p",
    "%d-%m-%Y %H:%M:%S",
    "%d-%m-%Y %H:%M",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%d.%m.%y",
    "%m/%d/%y",
    "%d/%m/%y",
    "%Y%m%dT%H%M%SZ",
    "%Y%m%d%H%M%S",
    "%Y%m%d",
];

/// Guesses what the values of a column are.
pub(super) fn shape(column: &SampledColumn, decimal: char) -> Shape {
    match &column.data_type {
        None => text_shape(&present(&column.samples), decimal),
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
            let days = || samples.iter().filter_map(|text| text.get(..10)?.parse().ok());
            let (first, last) = (days().min(), days().max());
            let of_day = matches!(data_type, DataType::Timestamp(_, _));
            Shape::Time(TimeShape { format: None, of_number: None, of_day, ambiguous: false, first, last })
        }
        data_type if data_type.is_integer() => Shape::Integer,
        data_type if data_type.is_numeric() => Shape::Number,
        data_type if data_type.is_nested() => Shape::Nested,
        _ => Shape::Text,
    }
}

/// Words that stand for a value that is not known.
const MISSING: [&str; 9] = ["na", "n/a", "null", "none", "nan", "-", "?", "#n/a", "\\n"];

/// Leaves out what stands for no value, and blanks around values.
fn present(samples: &[String]) -> Vec<String> {
    let known = samples.iter().map(|sample| sample.trim());
    known.filter(|sample| !MISSING.contains(&sample.to_lowercase().as_str())).map(str::to_owned).collect()
}

/// Whether so many samples of another shape are no mistakes: one in a hundred may be wrong.
fn is_other(broken: usize, samples: usize) -> bool {
    broken * 100 > samples
}

fn text_shape(samples: &[String], decimal: char) -> Shape {
    let all = |holds: &dyn Fn(&str) -> bool| {
        let broken = samples.iter().filter(|sample| !holds(sample)).count();
        !samples.is_empty() && !is_other(broken, samples.len())
    };
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
    if all(&|text| text.starts_with(['{', '['])) {
        return Shape::Nested;
    }
    let before_fractions = if samples.iter().any(|text| comma_last(text)) { ',' } else { '.' };
    match all(&|text| is_marked(text, before_fractions)) {
        true => Shape::Marked(before_fractions),
        false => Shape::Text,
    }
}

/// Whether a comma stands before what can only be a fraction: `1.234,5` and `7,50`.
fn comma_last(text: &str) -> bool {
    let digits = |part: &str| part.bytes().take_while(u8::is_ascii_digit).count();
    let point_before = text.find('.').zip(text.rfind(',')).is_some_and(|(point, comma)| point < comma);
    let fraction = text.rsplit_once(',').map_or(0, |(_, fraction)| digits(fraction));
    point_before || (!text.contains('.') && (1..=2).contains(&fraction))
}

/// Whether a text is an amount with a sign or code of its currency or with thousands set apart.
fn is_marked(text: &str, before_fractions: char) -> bool {
    let is_code = |word: &&str| word.chars().all(char::is_alphabetic) && word.chars().count() <= 3;
    let bare: Vec<&str> = text.split_whitespace().filter(|word| !is_code(word)).collect();
    let bare = bare.join(" ");
    let bare = bare.trim_matches(|c: char| "$€£¥+- ".contains(c));
    let (whole, fraction) = bare.split_once(before_fractions).unwrap_or((bare, "0"));
    let apart = [if before_fractions == ',' { '.' } else { ',' }, ' ', '\''];
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let mut groups = whole.split(apart);
    let first = groups.next().unwrap_or_default();
    let in_groups = first.len() <= 3 || !whole.contains(apart);
    digits(first) && digits(fraction) && in_groups && groups.all(|group| group.len() == 3 && digits(group))
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
            let mut broken = 0;
            let mut times = Vec::with_capacity(samples.len());
            for sample in samples {
                match read(sample, format) {
                    Some(time) => times.push(time),
                    None => broken += 1,
                }
                if is_other(broken, samples.len()) {
                    return None;
                }
            }
            Some((format, times))
        })
        .collect();
    // One that reads more of the samples is the better evidence.
    let most = fitting.iter().map(|(_, times)| times.len()).max()?;
    let fitting: Vec<_> = fitting.into_iter().filter(|(_, times)| times.len() == most).collect();
    let rising: Vec<_> =
        fitting.iter().filter(|(_, times)| times.is_sorted() && times.first() != times.last()).collect();
    let (format, times) = rising.first().copied().or(fitting.first())?;
    let swapped = |other: &str| other != *format && day_first(other).is_some() && day_first(format).is_some();
    Some(TimeShape {
        format: Some(format),
        of_number: None,
        of_day: format.contains("%H") || format.contains("%I"),
        ambiguous: rising.len() != 1 && fitting.iter().any(|(other, _)| swapped(other)),
        first: times.iter().min().map(NaiveDateTime::date),
        last: times.iter().max().map(NaiveDateTime::date),
    })
}

/// Says whether the day comes first, of formats that begin with day or month.
pub(super) fn day_first(format: &str) -> Option<bool> {
    let first = format.get(..3)?;
    ["%d/", "%d-", "%m/", "%m-"].contains(&first).then(|| first.starts_with("%d"))
}

/// Gives the format of an ambiguous time with day and month in the other places, and the last day by it.
pub(super) fn swapped(time: &TimeShape, samples: &[String]) -> Option<TimeShape> {
    let format = time.format?;
    let other = match day_first(format)? {
        true => format.replacen("%d", "%_", 1).replacen("%m", "%d", 1).replacen("%_", "%m", 1),
        false => format.replacen("%m", "%_", 1).replacen("%d", "%m", 1).replacen("%_", "%d", 1),
    };
    let other = FORMATS.into_iter().find(|known| *known == other)?;
    let days: Vec<NaiveDate> = present(samples).iter().filter_map(|sample| Some(read(sample, other)?.date())).collect();
    let (first, last) = (days.iter().min().copied(), days.iter().max().copied());
    Some(TimeShape { format: Some(other), first, last, ..time.clone() })
}

/// Reads numbers that count from a known beginning, as columns that are named for a time have them.
pub(super) fn time_of_numbers(samples: &[String]) -> Option<TimeShape> {
    let numbers = samples.iter().map(|sample| sample.trim().parse::<f64>().ok()).collect::<Option<Vec<f64>>>()?;
    let (least, most) = numbers.iter().fold((f64::MAX, f64::MIN), |(least, most), x| (least.min(*x), most.max(*x)));
    // From 1998 to 2100: seconds, and thousands, millions and milliards of them; spreadsheets count days from 1900.
    let (made, seconds, of_day) = match (least, most) {
        (9e8.., ..4.2e9) => ("to_timestamp_seconds({})", most, true),
        (9e11.., ..4.2e12) => ("to_timestamp_millis({})", most / 1e3, true),
        (9e14.., ..4.2e15) => ("to_timestamp_micros({})", most / 1e6, true),
        (9e17.., ..4.2e18) => ("to_timestamp_nanos({})", most / 1e9, true),
        (35_796.0.., ..73_051.0) => ("from_excel_serial({})", (most.floor() - 25_569.0) * 86_400.0, true),
        _ => return None,
    };
    let last = DateTime::from_timestamp(seconds as i64, 0).map(|time| time.date_naive());
    Some(TimeShape { format: None, of_number: Some(made), of_day, ambiguous: false, first: None, last })
}

/// Reads small whole numbers that count hours or days from a beginning that the file does not tell: 2000 is taken for it.
pub(super) fn time_of_counts(name: &str, samples: &[String]) -> Option<TimeShape> {
    let numbers = samples.iter().map(|sample| sample.trim().parse::<u32>().ok()).collect::<Option<Vec<u32>>>()?;
    let most = *numbers.iter().max()?;
    let different: std::collections::BTreeSet<&u32> = numbers.iter().collect();
    if most > 100_000 || different.len() < 10 {
        return None;
    }
    let hours = name.starts_with("hour") || name == "time" && numbers.iter().all(|number| number % 6 == 0);
    let (made, seconds) = match (hours, name.starts_with("week")) {
        (true, _) => ("to_timestamp_seconds(946684800 + 3600 * {})", 3_600),
        (_, true) => ("to_timestamp_seconds(946684800 + 604800 * {})", 604_800),
        _ => ("to_timestamp_seconds(946684800 + 86400 * {})", 86_400),
    };
    let last = DateTime::from_timestamp(946_684_800 + seconds * i64::from(most), 0).map(|time| time.date_naive());
    Some(TimeShape { format: None, of_number: Some(made), of_day: true, ambiguous: true, first: None, last })
}

fn read(text: &str, format: &str) -> Option<NaiveDateTime> {
    let plausible = |time: &NaiveDateTime| (1900..=2100).contains(&chrono::Datelike::year(time));
    let time = if format.ends_with("%z") {
        DateTime::parse_from_str(text, format).ok()?.naive_utc()
    } else if format.contains("%H") || format.contains("%I") {
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
        assert_eq!(of(&["1,5"]), Shape::Marked(','));
        assert_eq!(of(&["1.234,50", "7,00 €"]), Shape::Marked(','));
        assert_eq!(of(&["$1,234.50", "-$7.00", "EUR 9"]), Shape::Marked('.'));
        assert_eq!(of(&["12 34", "7"]), Shape::Text);
        assert_eq!(of(&["K0001", "K0002"]), Shape::Text);
        assert_eq!(of(&["A1", "B2", "1,234 pieces"]), Shape::Text);
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
    fn numbers_become_times_where_they_can_be_nothing_else() {
        let times = |samples: &[&str]| {
            time_of_numbers(&samples.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>())
                .map(|time| (time.of_number.unwrap(), time.last.unwrap().to_string()))
        };
        assert_eq!(times(&["1706700000", "1706800000"]), Some(("to_timestamp_seconds({})", "2024-02-01".to_owned())));
        assert_eq!(times(&["1706700000000000"]), Some(("to_timestamp_micros({})", "2024-01-31".to_owned())));
        assert_eq!(times(&["45292", "45322.5"]), Some(("from_excel_serial({})", "2024-01-31".to_owned())));
        assert_eq!(times(&["7", "1706700000"]), None);
        let counts: Vec<String> = (0..40).map(|number| (number * 6).to_string()).collect();
        let hours = time_of_counts("time", &counts).unwrap();
        assert!(hours.of_number.unwrap().contains("3600 *") && hours.ambiguous);
        assert_eq!(hours.last.unwrap().to_string(), "2000-01-10");
        assert!(time_of_counts("day", &counts).unwrap().of_number.unwrap().contains("86400 *"));
        assert_eq!(time_of_counts("day", &counts[..3]), None);
    }

    #[test]
    fn words_for_no_value_are_none() {
        assert_eq!(shape(&column(&["12.5", "NA", " ", "3"]), '.'), Shape::Number);
        assert_eq!(shape(&column(&["NULL"]), '.'), Shape::Text);
        assert_eq!(shape(&column(&["x1", "2"]), '.'), Shape::Text);
    }

    fn column(samples: &[&str]) -> SampledColumn {
        let mut column = SampledColumn::new("x".to_owned(), None);
        samples.iter().enumerate().for_each(|(row, sample)| column.push(row, (*sample).to_owned()));
        column
    }

    #[test]
    fn the_order_of_the_file_decides_between_day_and_month() {
        assert_eq!(format(&["01/02/2024", "03/02/2024", "01/03/2024"]), ("%d/%m/%Y", false));
        assert_eq!(format(&["1/2/2024", "1/3/2024", "1/4/2024"]), ("%m/%d/%Y", true));
        assert_eq!(format(&["1/2/2024", "5/1/2024", "3/4/2024"]), ("%m/%d/%Y", true));
    }
}
