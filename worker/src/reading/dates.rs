//! Text to dates and points in time, by a strftime format.

use super::numbers::CellFault;
use chrono::format::{Item, Numeric, Pad, Parsed, StrftimeItems, parse};
use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use segmenter_proto::{Error, Result};

/// A strftime format, compiled; formats of fixed-width numbers alone have a fast path.
#[derive(Debug, Clone)]
pub(super) struct TimeFormat {
    pattern: String,
    items: Vec<Item<'static>>,
    fixed: Option<Vec<Token>>,
    utc: bool,
}

/// A point in time as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    /// Microseconds since 1970 on the clock of some zone.
    Local(i64),
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
    /// Compiles a format; `column` is for the message.
    ///
    /// # Errors
    ///
    /// The job's fault where it is not a strftime format.
    pub(super) fn compile(format: &str, column: &str) -> Result<Self> {
        let items = StrftimeItems::new(format).parse_to_owned().map_err(|error| {
            Error::job(format!("types.{column}: \"{format}\" is not a date format"))
                .with_hint("use strftime codes, such as %Y-%m-%d or %d.%m.%Y %H:%M:%S")
                .caused_by(error)
        })?;
        // ISO 8601 writes UTC as a Z; strftime sees a letter in it.
        let utc = format.ends_with('Z') && !format.ends_with("%Z");
        Ok(Self { pattern: format.to_owned(), fixed: tokens(&items), items, utc })
    }

    /// Gives the format as the user wrote it.
    pub(super) fn pattern(&self) -> &str {
        &self.pattern
    }

    /// Reads a date; a time of day in the format is dropped.
    pub(super) fn date(&self, text: &str) -> Result<NaiveDate, CellFault> {
        if let Some((date, _)) = self.fixed(text) {
            return Ok(date);
        }
        let parsed = self.parsed(text).ok_or(CellFault::NotADate)?;
        parsed.to_naive_date().map_err(|_| CellFault::NotADate)
    }

    /// Reads a point in time; a format without a time of day means midnight.
    pub(super) fn moment(&self, text: &str) -> Result<Moment, CellFault> {
        if let Some((date, time)) = self.fixed(text) {
            let micros = date.and_time(time).and_utc().timestamp_micros();
            return Ok(if self.utc { Moment::Instant(micros) } else { Moment::Local(micros) });
        }
        let mut parsed = self.parsed(text).ok_or(CellFault::NotATimestamp)?;
        let micros = |time: NaiveDateTime| time.and_utc().timestamp_micros();
        if parsed.timestamp().is_some() {
            let time = parsed.to_naive_datetime_with_offset(0).map_err(|_| CellFault::NotATimestamp)?;
            return Ok(Moment::Instant(micros(time)));
        }
        let offset = parsed.offset();
        let time = if parsed.hour_mod_12().is_none() {
            parsed.to_naive_date().map(|date| date.and_time(NaiveTime::MIN))
        } else {
            if parsed.minute().is_none() {
                parsed.set_minute(0).map_err(|_| CellFault::NotATimestamp)?;
            }
            parsed.to_naive_datetime_with_offset(offset.unwrap_or(0))
        };
        let local = micros(time.map_err(|_| CellFault::NotATimestamp)?);
        Ok(match offset {
            Some(seconds) => Moment::Instant(local - i64::from(seconds) * 1_000_000),
            None if self.utc => Moment::Instant(local),
            None => Moment::Local(local),
        })
    }

    fn parsed(&self, text: &str) -> Option<Parsed> {
        let mut parsed = Parsed::new();
        parse(&mut parsed, text, self.items.iter()).ok()?;
        Some(parsed)
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
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn format(format: &str) -> TimeFormat {
        TimeFormat::compile(format, "ts").unwrap()
    }

    const DAY: i64 = 86_400_000_000;

    #[test]
    fn common_formats_are_fast_and_others_work_too() {
        let date = NaiveDate::from_ymd_opt(2026, 11, 3).unwrap();
        for (pattern, text) in
            [("%Y-%m-%d", "2026-11-03"), ("%Y%m%d", "20261103"), ("%d.%m.%Y", "03.11.2026"), ("%F", "2026-11-03")]
        {
            assert!(format(pattern).fixed(text).is_some(), "{pattern}");
            assert_eq!(format(pattern).date(text), Ok(date));
        }
        assert_eq!(format("%d.%m.%Y").date("3.11.2026"), Ok(date));
        assert_eq!(format("%d %b %Y").date("3 Nov 2026"), Ok(date));
        assert_eq!(format("%m/%d/%y").date("11/03/26"), Ok(date));
        for text in ["2026-02-30", "2026-1", "", "03.11.2026", "2026-11-03x"] {
            assert_eq!(format("%Y-%m-%d").date(text), Err(CellFault::NotADate), "{text}");
        }
    }

    #[test]
    fn a_zone_in_the_text_makes_an_instant() {
        assert_eq!(format("%Y-%m-%d %H:%M:%S").moment("1970-01-02 00:00:01"), Ok(Moment::Local(DAY + 1_000_000)));
        assert_eq!(format("%Y-%m-%d %H:%M").moment("1970-01-02 00:01"), Ok(Moment::Local(DAY + 60_000_000)));
        assert_eq!(format("%Y-%m-%d %H").moment("1970-01-02 01"), Ok(Moment::Local(DAY + 3_600_000_000)));
        assert_eq!(format("%Y-%m-%d").moment("1970-01-02"), Ok(Moment::Local(DAY)));
        assert_eq!(format("%Y-%m-%dT%H:%M:%SZ").moment("1970-01-02T00:00:00Z"), Ok(Moment::Instant(DAY)));
        assert_eq!(
            format("%Y-%m-%dT%H:%M:%S%.fZ").moment("1970-01-02T00:00:00.25Z"),
            Ok(Moment::Instant(DAY + 250_000))
        );
        assert_eq!(format("%Y-%m-%dT%H:%M:%S%z").moment("1970-01-02T02:00:00+0200"), Ok(Moment::Instant(DAY)));
        assert_eq!(format("%+").moment("1970-01-01T23:00:00-01:00"), Ok(Moment::Instant(DAY)));
        assert_eq!(format("%s").moment("86400"), Ok(Moment::Instant(DAY)));
        assert_eq!(format("%Y-%m-%d %H:%M").moment("1970-01-02 24:01"), Err(CellFault::NotATimestamp));
    }

    #[test]
    fn a_wrong_format_is_the_jobs_fault() {
        let error = TimeFormat::compile("%Q", "ts").unwrap_err();
        assert_eq!(error.fault, segmenter_proto::Fault::Job);
        assert!(error.message.contains("types.ts"), "{}", error.message);
    }

    proptest! {
        #[test]
        fn the_fast_path_agrees_with_chrono(text in "[0-9]{4}-[0-9]{1,2}-[0-9]{1,2} [0-9]{2}:[0-9]{2}:[0-5][0-9]") {
            let fast = format("%Y-%m-%d %H:%M:%S");
            let slow = TimeFormat { fixed: None, ..fast.clone() };
            prop_assert_eq!(fast.moment(&text), slow.moment(&text));
            prop_assert_eq!(fast.date(&text).is_ok(), slow.date(&text).is_ok() );
        }
    }
}
