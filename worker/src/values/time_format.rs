//! Text to dates and points in time, by a strftime format.

use super::fault::ValueFault;
use super::local_time::{LocalClock, SECOND};
use super::serial::looks_like_serial;
use super::time_range::{TimeUnit, date_in_range, time_in_range};
use super::time_steps::{Read, Step, literal_zone, steps};
use super::zones::instant_in;
use chrono::format::{Item, Numeric, Pad, StrftimeItems};
use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime};

/// A strftime format, compiled; formats of fixed-width numbers alone have a fast path.
#[derive(Debug, Clone)]
pub struct TimeFormat {
    pattern: String,
    steps: Vec<Step>,
    fixed: Option<Vec<Token>>,
    /// Seconds east of UTC, where the format itself says so: `Z`, `UTC`, `+02:00`.
    offset: Option<i64>,
    /// The same format with day and month the other way round.
    swapped: Option<Box<TimeFormat>>,
}

/// Why a format is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct FormatError {
    /// What is wrong; lower case, no full stop.
    pub message: String,
    /// What to write instead.
    pub hint: &'static str,
}

/// A point in time as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Moment<'a> {
    /// Microseconds since 1970 on the clock of some zone.
    Local(i64),
    /// The same, on the clock of a zone that is named.
    In(i64, &'a str),
    /// Microseconds since 1970 in UTC.
    Instant(i64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    Digits(usize, usize),
    Literal(u8),
}

/// Year, month, day, hour, minute, second: positions of [`Token::Digits`].
const FIELDS: usize = 6;

impl TimeFormat {
    /// Compiles a format.
    ///
    /// # Errors
    ///
    /// Where it is not a strftime format, or names a zone by letters that have no one meaning.
    pub fn compile(format: &str) -> Result<Self, FormatError> {
        let mut compiled = Self::of(format)?;
        compiled.swapped = with_day_and_month_swapped(format).and_then(|other| Self::of(&other).ok()).map(Box::new);
        Ok(compiled)
    }

    fn of(format: &str) -> Result<Self, FormatError> {
        let items = StrftimeItems::new(format).parse_to_owned().map_err(|_| FormatError {
            message: format!("\"{format}\" is not a date format"),
            hint: "use strftime codes, such as %Y-%m-%d or %d.%m.%Y %H:%M:%S",
        })?;
        let offset = literal_zone(&items).map_err(|word| FormatError {
            message: format!("\"{format}\" names the zone {word}, whose letters have no one meaning"),
            hint: "write %Z in its place, and set `timezone` to where it is used, such as America/New_York",
        })?;
        Ok(Self { pattern: format.to_owned(), fixed: tokens(&items), steps: steps(items), offset, swapped: None })
    }

    /// Gives the format as the user wrote it.
    pub fn pattern(&self) -> &str {
        &self.pattern
    }

    /// Gives the format with day and month the other way round, where it has both as numbers.
    pub fn other_order(&self) -> Option<&str> {
        self.swapped.as_deref().map(Self::pattern)
    }

    /// Reads a date, in days since 1970; a time of day in the format is dropped.
    pub(crate) fn date(&self, text: &str) -> Result<i32, ValueFault> {
        let date = match self.fixed(text) {
            Some((date, _)) => date,
            None => self
                .read(text)
                .and_then(|read| read.parsed.to_naive_date().ok())
                .ok_or_else(|| self.explained(text, ValueFault::NotADate))?,
        };
        let day = date.num_days_from_ce() - EPOCH;
        if date_in_range(day) { Ok(day) } else { Err(ValueFault::TimeOutOfRange(None)) }
    }

    /// Reads a point in time, in microseconds since 1970 UTC; without a zone it is local to `clock`, without a time of
    /// day midnight.
    pub(crate) fn instant(&self, text: &str, clock: &mut LocalClock) -> Result<i64, ValueFault> {
        let instant = match self.moment(text)? {
            Moment::Instant(instant) => instant,
            Moment::Local(local) => match self.offset {
                Some(seconds) => local - seconds * SECOND,
                None => clock.to_utc(local),
            },
            Moment::In(local, zone) => instant_in(zone, local, clock.timezone()).ok_or(ValueFault::UnknownZone)?,
        };
        if time_in_range(instant) { Ok(instant) } else { Err(ValueFault::TimeOutOfRange(None)) }
    }

    fn moment<'a>(&self, text: &'a str) -> Result<Moment<'a>, ValueFault> {
        let micros = |time: NaiveDateTime| time.and_utc().timestamp_micros();
        if let Some((date, time)) = self.fixed(text) {
            return in_years(date).map(|()| Moment::Local(micros(date.and_time(time))));
        }
        let wrong = || self.explained(text, ValueFault::NotATimestamp);
        let Read { mut parsed, zone, seconds } = self.read(text).ok_or_else(wrong)?;
        if let Some(seconds) = seconds {
            return seconds.micros(parsed.nanosecond()).map(Moment::Instant);
        }
        let offset = parsed.offset();
        let time = if parsed.hour_mod_12().is_none() {
            parsed.to_naive_date().map(|date| date.and_time(NaiveTime::MIN))
        } else {
            if parsed.minute().is_none() {
                parsed.set_minute(0).map_err(|_| wrong())?;
            }
            parsed.to_naive_datetime_with_offset(offset.unwrap_or(0))
        };
        let time = time.map_err(|_| wrong())?;
        in_years(time.date())?;
        let local = micros(time);
        Ok(match (offset, zone) {
            (Some(seconds), _) => Moment::Instant(local - i64::from(seconds) * SECOND),
            (None, Some(zone)) => Moment::In(local, zone),
            (None, None) => Moment::Local(local),
        })
    }

    fn read<'a>(&self, text: &'a str) -> Option<Read<'a>> {
        let mut read = Read::default();
        let rest = self.steps.iter().try_fold(text, |rest, step| step.take(rest, &mut read))?;
        (rest.is_empty() && read.has_offset_of_a_clock()).then_some(read)
    }

    /// Says more closely why a text cannot be read.
    fn explained(&self, text: &str, fault: ValueFault) -> ValueFault {
        let reads = |format: &Self| format.fixed(text).is_some() || format.moment(text).is_ok();
        if self.swapped.as_deref().is_some_and(reads) {
            return ValueFault::OtherOrder;
        }
        number_of_time(text).unwrap_or(fault)
    }

    /// Reads text that has every number in its full width; none where it has not, or says no real date.
    fn fixed(&self, text: &str) -> Option<(NaiveDate, NaiveTime)> {
        let mut rest = text.as_bytes();
        let mut fields = [0_u32; FIELDS];
        for token in self.fixed.as_ref()? {
            match *token {
                Token::Literal(byte) => rest = rest.strip_prefix(&[byte])?,
                Token::Digits(field, width) => {
                    let (digits, after) = rest.split_at_checked(width)?;
                    let mut value = 0;
                    for digit in digits {
                        if !digit.is_ascii_digit() {
                            return None;
                        }
                        value = value * 10 + u32::from(digit - b'0');
                    }
                    fields[field] = value;
                    rest = after;
                }
            }
        }
        let [year, month, day, hour, minute, second] = fields;
        let date = NaiveDate::from_ymd_opt(year as i32, month, day)?;
        let time = NaiveTime::from_hms_opt(hour, minute, second)?;
        rest.is_empty().then_some((date, time))
    }
}

/// Days from the common era's first to 1970-01-01.
const EPOCH: i32 = 719_163;

/// Says which number a text is that others write for a time: a serial number of a spreadsheet, or a count from 1970.
pub(crate) fn number_of_time(text: &str) -> Option<ValueFault> {
    if looks_like_serial(text) {
        return Some(ValueFault::SerialNumber);
    }
    let digits = text.strip_prefix('-').unwrap_or(text);
    let whole = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse::<i64>().ok().filter(|_| whole)?;
    TimeUnit::of_recent(number.into()).map(ValueFault::EpochNumber)
}

fn in_years(date: NaiveDate) -> Result<(), ValueFault> {
    if date_in_range(date.num_days_from_ce() - EPOCH) { Ok(()) } else { Err(ValueFault::TimeOutOfRange(None)) }
}

/// Gives a format with day and month exchanged, where it writes each once and as a number.
fn with_day_and_month_swapped(format: &str) -> Option<String> {
    let format = format.replace("%D", "%m/%d/%y").replace("%F", "%Y-%m-%d");
    let once = |codes: &[&'static str]| {
        let found = codes.iter().copied().find(|code| format.contains(code))?;
        (format.matches(found).count() == 1).then_some(found)
    };
    let (day, month) = (once(&["%d", "%-d", "%e"])?, once(&["%m", "%-m"])?);
    Some(format.replace(day, "\0").replace(month, day).replace('\0', month))
}

/// Gives the fast form of a format that names a whole date, in numbers of fixed width.
fn tokens(items: &[Item<'static>]) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    for item in items {
        let number = match item {
            Item::Numeric(number, Pad::Zero) => number,
            Item::Literal(text) | Item::Space(text) => {
                tokens.extend(text.bytes().map(Token::Literal));
                continue;
            }
            Item::OwnedLiteral(text) | Item::OwnedSpace(text) => {
                tokens.extend(text.bytes().map(Token::Literal));
                continue;
            }
            _ => return None,
        };
        tokens.push(match number {
            Numeric::Year => Token::Digits(0, 4),
            Numeric::Month => Token::Digits(1, 2),
            Numeric::Day => Token::Digits(2, 2),
            Numeric::Hour => Token::Digits(3, 2),
            Numeric::Minute => Token::Digits(4, 2),
            Numeric::Second => Token::Digits(5, 2),
            _ => return None,
        });
    }
    let named =
        |field| tokens.iter().filter(|token| matches!(token, Token::Digits(known, _) if *known == field)).count();
    ((0..3).all(|field| named(field) == 1) && (3..FIELDS).all(|field| named(field) <= 1)).then_some(tokens)
}

#[cfg(test)]
#[path = "time_format_tests.rs"]
mod tests;
