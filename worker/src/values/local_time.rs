//! Local clock time to instants.

use arrow::array::{Array, ArrayRef, AsArray, TimestampMicrosecondArray};
use arrow::datatypes::{DataType, Date32Type, TimeUnit, TimestampMicrosecondType};
use chrono::{DateTime, MappedLocalTime, NaiveDateTime, Offset, TimeZone};
use chrono_tz::{GapInfo, Tz};
use hashbrown::HashMap;
use segmenter_proto::{Error, Result};

pub(super) const SECOND: i64 = 1_000_000;
const HOUR: i64 = 3_600 * SECOND;
/// Microseconds of a day.
pub(crate) const DAY: i64 = 24 * HOUR;

/// Reads an IANA name such as `Europe/Warsaw`.
///
/// # Errors
///
/// The job's fault where there is no such zone.
pub fn parse_timezone(name: &str) -> Result<Tz> {
    name.parse().map_err(|error| {
        Error::job(format!("timezone \"{name}\" is not known"))
            .with_hint("an IANA name such as Europe/Warsaw or UTC is expected")
            .caused_by(std::io::Error::other(format!("{error}")))
    })
}

/// Gives the instant of a local clock time, both in microseconds since 1970.
///
/// A time that the clock shows twice is the earlier instant; one that it skips is shifted forward by the gap. Outside
/// the years that the calendar covers (±262,000) the time is taken as UTC.
pub fn local_to_utc(micros_local: i64, timezone: Tz) -> i64 {
    let Some(local) = DateTime::from_timestamp_micros(micros_local).map(|time| time.naive_utc()) else {
        return micros_local;
    };
    micros_local.saturating_sub(offset(&local, timezone))
}

/// Gives the offset from UTC, in microseconds, that a local clock time has.
fn offset(local: &NaiveDateTime, timezone: Tz) -> i64 {
    let seconds = match timezone.offset_from_local_datetime(local) {
        MappedLocalTime::Single(offset) => offset.fix().local_minus_utc(),
        // The larger offset gives the earlier instant.
        MappedLocalTime::Ambiguous(a, b) => a.fix().local_minus_utc().max(b.fix().local_minus_utc()),
        MappedLocalTime::None => GapInfo::new(local, &timezone)
            .and_then(|gap| gap.begin)
            .map_or(0, |(_, before)| before.fix().local_minus_utc()),
    };
    i64::from(seconds) * SECOND
}

/// Turns local clock times into instants, remembering the days on which the offset does not change.
#[derive(Debug, Clone)]
pub struct LocalClock {
    timezone: Tz,
    utc: bool,
    last: Option<(i64, i64)>,
    days: HashMap<i64, Option<i64>>,
}

impl LocalClock {
    /// Makes the clock of a zone.
    pub fn new(timezone: Tz) -> Self {
        let utc = matches!(timezone, Tz::UTC | Tz::Etc__UTC | Tz::Zulu | Tz::Etc__Zulu | Tz::UCT | Tz::Etc__UCT);
        Self { timezone, utc, last: None, days: HashMap::new() }
    }

    /// Gives the zone whose clock it is.
    pub fn timezone(&self) -> Tz {
        self.timezone
    }

    /// Gives the instant of a local clock time, as [`local_to_utc`].
    pub fn to_utc(&mut self, micros_local: i64) -> i64 {
        if self.utc {
            return micros_local;
        }
        let day = micros_local.div_euclid(DAY);
        if let Some((_, offset)) = self.last.filter(|(last, _)| *last == day) {
            return micros_local.saturating_sub(offset);
        }
        let timezone = self.timezone;
        match self.days.entry(day).or_insert_with(|| constant_offset(day, timezone)) {
            Some(offset) => {
                self.last = Some((day, *offset));
                micros_local.saturating_sub(*offset)
            }
            None => local_to_utc(micros_local, timezone),
        }
    }
}

/// Gives the offset of a local day if it is the same at every full hour; none on a day on which clocks change.
fn constant_offset(day: i64, timezone: Tz) -> Option<i64> {
    let start = day.checked_mul(DAY)?;
    let at = |hour: i64| {
        let local = DateTime::from_timestamp_micros(start.checked_add(hour * HOUR)?)?.naive_utc();
        timezone.offset_from_local_datetime(&local).single().map(|offset| offset.fix().local_minus_utc())
    };
    let first = at(0)?;
    (1..=24).all(|hour| at(hour) == Some(first)).then_some(i64::from(first) * SECOND)
}

/// Gives dates or instants, as expressions give them, as instants in microseconds UTC: dates are their local midnight.
///
/// # Errors
///
/// The data's fault where the column is neither.
pub fn normalise_time(array: &ArrayRef, timezone: Tz) -> Result<TimestampMicrosecondArray> {
    let instants: TimestampMicrosecondArray = match array.data_type() {
        DataType::Null => TimestampMicrosecondArray::new_null(array.len()),
        DataType::Date32 => {
            let mut clock = LocalClock::new(timezone);
            let days = array.as_primitive::<Date32Type>();
            let midnights = days.values().iter().map(|day| clock.to_utc(i64::from(*day).saturating_mul(DAY)));
            TimestampMicrosecondArray::new(midnights.collect(), days.nulls().cloned())
        }
        DataType::Timestamp(TimeUnit::Microsecond, Some(_)) => array.as_primitive::<TimestampMicrosecondType>().clone(),
        other => return Err(Error::data(format!("expected a date or a timestamp, found {other}"))),
    };
    Ok(instants.with_timezone("UTC"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{Date32Array, Int32Array};
    use chrono::NaiveDate;
    use proptest::prelude::*;
    use std::sync::Arc;

    fn micros(text: &str) -> i64 {
        NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").unwrap().and_utc().timestamp_micros()
    }

    #[test]
    fn twice_is_the_earlier_and_skipped_is_later() {
        let warsaw = parse_timezone("Europe/Warsaw").unwrap();
        let to_utc = |text| local_to_utc(micros(text), warsaw);
        assert_eq!(to_utc("2026-01-15 12:00:00"), micros("2026-01-15 11:00:00"));
        assert_eq!(to_utc("2026-07-15 12:00:00"), micros("2026-07-15 10:00:00"));
        assert_eq!(to_utc("2026-10-25 02:30:00"), micros("2026-10-25 00:30:00"), "shown twice");
        assert_eq!(to_utc("2026-03-29 02:30:00"), micros("2026-03-29 01:30:00"), "skipped: 03:30 summer time");
        let apia = parse_timezone("Pacific/Apia").unwrap();
        assert_eq!(local_to_utc(micros("2011-12-30 12:00:00"), apia), micros("2011-12-30 22:00:00"), "a skipped day");
        let sao_paulo = parse_timezone("America/Sao_Paulo").unwrap();
        let midnight = local_to_utc(micros("2018-11-04 00:00:00"), sao_paulo);
        assert_eq!(midnight, micros("2018-11-04 03:00:00"), "a skipped midnight");
        assert!(parse_timezone("Europe/Warszawa").is_err());
    }

    #[test]
    fn days_begin_at_local_midnight() {
        let warsaw: Tz = "Europe/Warsaw".parse().unwrap();
        let days = NaiveDate::from_ymd_opt(2026, 7, 1).unwrap().to_epoch_days();
        let dates: ArrayRef = Arc::new(Date32Array::from(vec![Some(days), None]));
        let instants = normalise_time(&dates, warsaw).unwrap();
        assert_eq!(instants.value(0), micros("2026-06-30 22:00:00"));
        assert!(instants.is_null(1));
        assert_eq!(instants.data_type(), &DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())));
        let there: ArrayRef = Arc::new(TimestampMicrosecondArray::from(vec![-1]).with_timezone("Europe/Warsaw"));
        assert_eq!(normalise_time(&there, warsaw).unwrap().value(0), -1);
        let number: ArrayRef = Arc::new(Int32Array::from(vec![1]));
        assert!(normalise_time(&number, Tz::UTC).unwrap_err().message.contains("Int32"));
    }

    proptest! {
        #[test]
        fn the_remembering_clock_agrees_with_the_plain_one(
            times in proptest::collection::vec(-2_000_000_000_i64..4_000_000_000, 1..50),
            zone in proptest::sample::select(vec!["Europe/Warsaw", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca"]),
        ) {
            let zone: Tz = zone.parse().unwrap();
            let mut clock = LocalClock::new(zone);
            for time in times {
                prop_assert_eq!(clock.to_utc(time * SECOND), local_to_utc(time * SECOND, zone));
            }
        }
    }
}
