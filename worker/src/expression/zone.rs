//! Local times of a timezone as instants.
//!
//! The rule, where clocks change: a time that occurs twice is the earlier of the two; a time that is skipped is moved on
//! by the length of the gap, as if the clock had not been changed yet.

use arrow::array::{Array, ArrayRef, Date32Array, PrimitiveArray, TimestampMicrosecondArray};
use arrow::datatypes::{ArrowTimestampType, DataType, TimeUnit};
use chrono::{DateTime, Duration, NaiveDateTime, Offset, TimeZone};
use chrono_tz::Tz;
use hashbrown::HashMap;
use std::sync::Arc;

/// Microseconds of a day.
pub(super) const DAY: i64 = 86_400_000_000;

/// Gives the type of all points in time within expressions: instants, shown in the job's timezone.
pub(super) fn instant_type(zone: Tz) -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some(zone.name().into()))
}

/// Turns local times of one timezone into instants; both in microseconds from 1970-01-01 00:00.
#[derive(Debug)]
pub struct LocalClock {
    zone: Tz,
    /// The offset of days on which it does not change.
    offsets: HashMap<i64, Option<i64>>,
}

impl LocalClock {
    /// Makes a clock of `zone`.
    pub fn new(zone: Tz) -> Self {
        Self { zone, offsets: HashMap::new() }
    }

    /// Gives the instant of the local time `local`; none beyond the years that dates can have.
    pub fn instant(&mut self, local: i64) -> Option<i64> {
        if self.zone == Tz::UTC {
            return Some(local);
        }
        let day = local.div_euclid(DAY);
        let offset = match self.offsets.get(&day) {
            Some(offset) => *offset,
            None => {
                let start = day.checked_mul(DAY)?;
                let (first, last) = (self.look_up(start)?, self.look_up(start.checked_add(DAY - 1)?)?);
                let offset = (first == last).then_some(first);
                self.offsets.insert(day, offset);
                offset
            }
        };
        local.checked_sub(match offset {
            Some(offset) => offset,
            None => self.look_up(local)?,
        })
    }

    /// Gives the offset from UTC of a local time, in microseconds.
    fn look_up(&self, local: i64) -> Option<i64> {
        let naive = DateTime::from_timestamp_micros(local)?.naive_utc();
        let seconds = match self.zone.offset_from_local_datetime(&naive).earliest() {
            Some(offset) => offset.fix().local_minus_utc(),
            None => self.offset_before_gap(naive)?,
        };
        Some(i64::from(seconds) * 1_000_000)
    }

    fn offset_before_gap(&self, naive: NaiveDateTime) -> Option<i32> {
        // A gap is an hour or so (a day, where the date line was crossed); the day before has the old offset.
        let before = naive.checked_sub_signed(Duration::hours(25))?;
        Some(self.zone.offset_from_local_datetime(&before).earliest()?.fix().local_minus_utc())
    }
}

/// Turns instants into local times of one timezone; both in microseconds from 1970-01-01 00:00.
#[derive(Debug)]
pub(super) struct InstantClock {
    zone: Tz,
    /// The offset of days (in UTC) on which it does not change.
    offsets: HashMap<i64, Option<i64>>,
}

impl InstantClock {
    pub(super) fn new(zone: Tz) -> Self {
        Self { zone, offsets: HashMap::new() }
    }

    /// Gives the local time of an instant; none beyond the years that dates can have.
    pub(super) fn local(&mut self, instant: i64) -> Option<i64> {
        let day = instant.div_euclid(DAY);
        let offset = match self.offsets.get(&day) {
            Some(offset) => *offset,
            None => {
                let start = day.checked_mul(DAY)?;
                let (first, last) = (self.look_up(start)?, self.look_up(start.checked_add(DAY - 1)?)?);
                let offset = (first == last).then_some(first);
                self.offsets.insert(day, offset);
                offset
            }
        };
        instant.checked_add(match offset {
            Some(offset) => offset,
            None => self.look_up(instant)?,
        })
    }

    /// Gives the offset from UTC at an instant, in microseconds.
    fn look_up(&self, instant: i64) -> Option<i64> {
        let utc = DateTime::from_timestamp_micros(instant)?.naive_utc();
        Some(i64::from(self.zone.offset_from_utc_datetime(&utc).fix().local_minus_utc()) * 1_000_000)
    }
}

/// Gives local midnight of each day as instants of type [`instant_type`].
pub(super) fn midnights(days: &Date32Array, zone: Tz) -> ArrayRef {
    let mut clock = LocalClock::new(zone);
    let midnight = |day: &i32| {
        let local = i64::from(*day).saturating_mul(DAY);
        clock.instant(local).unwrap_or(local)
    };
    let instants: Vec<i64> = days.values().iter().map(midnight).collect();
    Arc::new(TimestampMicrosecondArray::new(instants.into(), days.nulls().cloned()).with_timezone(zone.name()))
}

/// Gives points in time of any unit as instants of type [`instant_type`], without a copy where they are already; those
/// without a zone are local times. What microseconds cannot hold is the first or last time that they can: beyond the years
/// that a result may lie in, and before or after all others in a comparison.
pub(super) fn instants<T: ArrowTimestampType>(times: &PrimitiveArray<T>, zone: Tz) -> ArrayRef {
    let is_local = times.timezone().is_none();
    if (!is_local || zone == Tz::UTC)
        && let Some(same_unit) = (times as &dyn Array).as_any().downcast_ref::<TimestampMicrosecondArray>()
    {
        return Arc::new(same_unit.clone().with_timezone(zone.name()));
    }
    let to_micros = |time: i64| match T::UNIT {
        TimeUnit::Second => time.saturating_mul(1_000_000),
        TimeUnit::Millisecond => time.saturating_mul(1_000),
        TimeUnit::Microsecond => time,
        TimeUnit::Nanosecond => time.div_euclid(1_000),
    };
    let mut clock = LocalClock::new(zone);
    let convert = |time: &i64| {
        let micros = to_micros(*time);
        if is_local { clock.instant(micros).unwrap_or(micros) } else { micros }
    };
    let converted: Vec<i64> = times.values().iter().map(convert).collect();
    Arc::new(TimestampMicrosecondArray::new(converted.into(), times.nulls().cloned()).with_timezone(zone.name()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn micros(text: &str) -> i64 {
        NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap().and_utc().timestamp_micros()
    }

    #[test]
    fn a_skipped_time_moves_on_and_a_repeated_one_is_the_earlier() {
        let mut clock = LocalClock::new(Tz::Europe__Warsaw);
        assert_eq!(clock.instant(micros("2011-03-27 01:59")), Some(micros("2011-03-27 00:59")));
        assert_eq!(clock.instant(micros("2011-03-27 02:30")), Some(micros("2011-03-27 01:30")));
        assert_eq!(clock.instant(micros("2011-03-27 03:00")), Some(micros("2011-03-27 01:00")));
        assert_eq!(clock.instant(micros("2011-10-30 02:30")), Some(micros("2011-10-30 00:30")));
        assert_eq!(clock.instant(micros("2011-10-30 03:00")), Some(micros("2011-10-30 02:00")));
        assert_eq!(clock.instant(micros("2011-07-01 12:00")), Some(micros("2011-07-01 10:00")));
    }

    #[test]
    fn instants_and_local_times_meet() {
        let (mut there, mut back) = (InstantClock::new(Tz::Europe__Warsaw), LocalClock::new(Tz::Europe__Warsaw));
        for hour in 0..24 * 400 {
            let instant = micros("2011-01-01 00:30") + hour * 3_600_000_000;
            let local = there.local(instant).unwrap();
            // In the hour that occurs twice, the earlier one comes back.
            let is_second = there.local(instant - 3_600_000_000) == Some(local);
            assert_eq!(back.instant(local), Some(instant - if is_second { 3_600_000_000 } else { 0 }));
        }
    }

    #[test]
    fn midnight_exists_even_where_clocks_skip_it() {
        let mut clock = LocalClock::new(Tz::America__Sao_Paulo);
        assert_eq!(clock.instant(micros("2018-11-04 00:00")), Some(micros("2018-11-04 03:00")));
    }
}
