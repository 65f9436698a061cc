//! The parts of a strftime format that are read one after the other.
//!
//! Most are chrono's. Ours are those where it is too kind: a year has its digits, a zone's name means something.

use super::fault::ValueFault;
use super::time_range::TimeUnit;
use super::zones::{is_utc, looks_like_zone, offset_from_utc};
use chrono::format::{Fixed, Item, Numeric, Parsed, parse_and_remainder};

/// A part of a format.
#[derive(Debug, Clone)]
pub(super) enum Step {
    /// What chrono reads as we mean it.
    Items(Vec<Item<'static>>),
    /// A year of exactly so many digits.
    Year(Numeric, usize),
    /// The last two digits of a year: 69 to 99 are 1969 to 1999, 00 to 68 are 2000 to 2068, as POSIX has it.
    ShortYear,
    /// A time that begins with a year of four digits.
    Rfc3339(Vec<Item<'static>>),
    /// The name of a zone.
    Zone,
    /// An offset from UTC, or `Z`.
    Offset(Vec<Item<'static>>),
    /// Seconds since 1970, before it with a minus.
    Seconds,
}

/// Seconds that no clock is farther from UTC.
const MOST_OFFSET: i32 = 18 * 3_600;

/// What was read.
#[derive(Debug, Default)]
pub(super) struct Read<'a> {
    pub(super) parsed: Parsed,
    pub(super) zone: Option<&'a str>,
    pub(super) seconds: Option<Seconds>,
}

/// Seconds since 1970 as written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seconds {
    negative: bool,
    whole: i64,
}

impl Seconds {
    /// Gives them with a fraction in microseconds since 1970.
    pub(super) fn micros(self, nanoseconds: Option<u32>) -> Result<i64, ValueFault> {
        let sign = if self.negative { -1 } else { 1 };
        let nanos = i128::from(self.whole) * 1_000_000_000 + i128::from(nanoseconds.unwrap_or_default());
        let whole = i128::from(self.whole) * sign;
        let fits = || ValueFault::TimeOutOfRange(TimeUnit::Seconds.that_fits(whole));
        TimeUnit::Nanoseconds.micros(nanos * sign).ok_or_else(fits)
    }
}

impl Read<'_> {
    /// Says whether the offset that was read, if one was, is one that a clock may have.
    pub(super) fn has_offset_of_a_clock(&self) -> bool {
        self.parsed.offset().is_none_or(|seconds| seconds.abs() <= MOST_OFFSET)
    }
}

impl Step {
    /// Takes this part off the start of `text` and gives the rest.
    pub(super) fn take<'a>(&self, text: &'a str, read: &mut Read<'a>) -> Option<&'a str> {
        match self {
            Self::Items(items) => parse_and_remainder(&mut read.parsed, text, items.iter()).ok(),
            Self::ShortYear => {
                let (number, rest) = digits(text, 2)?;
                read.parsed.set_year(if number < 69 { 2000 + number } else { 1900 + number }).ok()?;
                Some(rest)
            }
            Self::Year(year, width) => {
                let (number, rest) = digits(text, *width)?;
                let set = match year {
                    Numeric::IsoYear => Parsed::set_isoyear,
                    Numeric::IsoYearMod100 => Parsed::set_isoyear_mod_100,
                    Numeric::YearMod100 => Parsed::set_year_mod_100,
                    _ => Parsed::set_year,
                };
                set(&mut read.parsed, number).ok()?;
                Some(rest)
            }
            Self::Rfc3339(items) => {
                let year = text.as_bytes().get(..4)?;
                (year.iter().all(u8::is_ascii_digit) && text.as_bytes().get(4) == Some(&b'-')).then_some(())?;
                parse_and_remainder(&mut read.parsed, text, items.iter()).ok()
            }
            Self::Zone => {
                let text = text.trim_start();
                let end = text.find(char::is_whitespace).unwrap_or(text.len());
                let (zone, rest) = text.split_at(end);
                read.zone = Some(zone).filter(|zone| !zone.is_empty());
                read.zone.map(|_| rest)
            }
            Self::Offset(items) => match text.trim_start().strip_prefix(['Z', 'z']) {
                Some(rest) => read.parsed.set_offset(0).ok().map(|_| rest),
                None => parse_and_remainder(&mut read.parsed, text, items.iter()).ok(),
            },
            Self::Seconds => {
                let text = text.trim_start();
                let (negative, digits) = match text.strip_prefix('-') {
                    Some(digits) => (true, digits),
                    None => (false, text),
                };
                let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
                let whole = digits[..end].parse().ok()?;
                read.seconds = Some(Seconds { negative, whole });
                Some(&digits[end..])
            }
        }
    }
}

/// Takes a number of exactly so many digits off a text; blanks before it do not count, as before every number.
fn digits(text: &str, width: usize) -> Option<(i64, &str)> {
    let (number, rest) = text.trim_start().split_at_checked(width)?;
    let digits = number.bytes().all(|byte| byte.is_ascii_digit());
    Some((number.parse().ok().filter(|_| digits)?, rest))
}

/// Cuts a format into steps.
pub(super) fn steps(items: Vec<Item<'static>>) -> Vec<Step> {
    let has_century = items.iter().any(|item| matches!(item, Item::Numeric(Numeric::YearDiv100, _)));
    let mut steps = Vec::new();
    for item in items {
        match item {
            Item::Numeric(year @ (Numeric::Year | Numeric::IsoYear), _) => steps.push(Step::Year(year, 4)),
            Item::Numeric(Numeric::YearMod100, _) if !has_century => steps.push(Step::ShortYear),
            Item::Numeric(year @ (Numeric::YearMod100 | Numeric::IsoYearMod100), _) => steps.push(Step::Year(year, 2)),
            Item::Numeric(Numeric::Timestamp, _) => steps.push(Step::Seconds),
            Item::Fixed(Fixed::RFC3339) => steps.push(Step::Rfc3339(vec![item])),
            Item::Fixed(Fixed::TimezoneName) => steps.push(Step::Zone),
            Item::Fixed(
                Fixed::TimezoneOffset
                | Fixed::TimezoneOffsetColon
                | Fixed::TimezoneOffsetDoubleColon
                | Fixed::TimezoneOffsetTripleColon,
            ) => steps.push(Step::Offset(vec![item])),
            item => match steps.last_mut() {
                Some(Step::Items(items)) => items.push(item),
                _ => steps.push(Step::Items(vec![item])),
            },
        }
    }
    steps
}

/// Gives the offset, in seconds east of UTC, that the format's own letters name: `Z`, `UTC`, `+02:00`.
///
/// # Errors
///
/// Gives letters that look like a zone and have no one meaning.
pub(super) fn literal_zone(items: &[Item<'static>]) -> Result<Option<i64>, String> {
    let mut after_time = false;
    let mut offset = None;
    for item in items {
        let text: &str = match item {
            Item::Numeric(Numeric::Hour | Numeric::Hour12, _) => {
                after_time = true;
                continue;
            }
            Item::Literal(text) => text,
            Item::OwnedLiteral(text) => text,
            _ => continue,
        };
        // `+02` and `-0500`, but not the minutes of `%H-00`.
        let signed = text.starts_with('+') || text.len() >= 5;
        if after_time && signed && text.starts_with(['+', '-']) {
            offset = offset_from_utc(text).or(offset);
            continue;
        }
        for word in text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()) {
            if is_utc(word) {
                offset = Some(0);
            } else if looks_like_zone(word) {
                return Err(word.to_owned());
            }
        }
    }
    Ok(offset)
}
