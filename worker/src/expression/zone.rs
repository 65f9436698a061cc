//! Local times of a timezone as instants, and instants as local times.

use crate::values::LocalClock;
use arrow::array::{Array, ArrayRef, Date32Array, PrimitiveArray, TimestampMicrosecondArray};
use arrow::datatypes::{ArrowTimestampType, DataType, TimeUnit};
use chrono::{DateTime, Offset, TimeZone};
use chrono_tz::Tz;
use hashbrown::HashMap;
use std::sync::Arc;

pub(super) use crate::values::DAY;

/// Gives the type of all points in time within expressions: instants, shown in the job's timezone.
pub(crate) fn instant_type(zone: Tz) -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some(zone.name().into()))
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
    let midnight = |day: &i32| clock.to_utc(i64::from(*day).saturating_mul(DAY));
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
        if is_local { clock.to_utc(micros) } else { micros }
    };
    let converted: Vec<i64> = times.values().iter().map(convert).collect();
    Arc::new(TimestampMicrosecondArray::new(converted.into(), times.nulls().cloned()).with_timezone(zone.name()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn micros(text: &str) -> i64 {
        chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap().and_utc().timestamp_micros()
    }

    #[test]
    fn instants_and_local_times_meet() {
        let (mut there, mut back) = (InstantClock::new(Tz::Europe__Warsaw), LocalClock::new(Tz::Europe__Warsaw));
        for hour in 0..24 * 400 {
            let instant = micros("2011-01-01 00:30") + hour * 3_600_000_000;
            let local = there.local(instant).unwrap();
            // In the hour that occurs twice, the earlier one comes back.
            let is_second = there.local(instant - 3_600_000_000) == Some(local);
            assert_eq!(back.to_utc(local), instant - if is_second { 3_600_000_000 } else { 0 });
        }
    }
}
