//! The years that times may lie in, and the unit that a number beyond them may be in.

use super::local_time::DAY;

/// 0001-01-01 and 10000-01-01 in days since 1970.
const FIRST_DAY: i64 = -719_162;
const END_DAY: i64 = 2_932_897;

/// Says whether a day, counted from 1970-01-01, lies in the years 1 to 9999.
pub(crate) fn date_in_range(day: i32) -> bool {
    (FIRST_DAY..END_DAY).contains(&i64::from(day))
}

/// Says whether an instant that a clock showed, in microseconds since 1970, lies in the years 1 to 9999 of some zone: clocks differ by
/// less than a day.
pub(crate) fn time_in_range(micros: i64) -> bool {
    ((FIRST_DAY - 1) * DAY..(END_DAY + 1) * DAY).contains(&micros)
}

/// What a number counts from 1970-01-01 00:00 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum TimeUnit {
    Seconds,
    Milliseconds,
    Microseconds,
    Nanoseconds,
}

impl TimeUnit {
    /// From coarse to fine.
    const ALL: [Self; 4] = [Self::Seconds, Self::Milliseconds, Self::Microseconds, Self::Nanoseconds];

    /// Names it in a sentence.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Seconds => "seconds",
            Self::Milliseconds => "milliseconds",
            Self::Microseconds => "microseconds",
            Self::Nanoseconds => "nanoseconds",
        }
    }

    /// Gives the function of expressions that reads numbers in it.
    pub(crate) fn function(self) -> &'static str {
        match self {
            Self::Seconds => "to_timestamp_seconds",
            Self::Milliseconds => "to_timestamp_millis",
            Self::Microseconds => "to_timestamp_micros",
            Self::Nanoseconds => "to_timestamp_nanos",
        }
    }

    /// Gives how many there are in a second.
    pub(crate) fn per_second(self) -> i128 {
        match self {
            Self::Seconds => 1,
            Self::Milliseconds => 1_000,
            Self::Microseconds => 1_000_000,
            Self::Nanoseconds => 1_000_000_000,
        }
    }

    /// Gives a number of this unit in microseconds since 1970, parts of one cut off; none beyond the years 1 to 9999 of UTC, from which it
    /// counts.
    pub(crate) fn micros(self, number: i128) -> Option<i64> {
        let micros = number.checked_mul(1_000_000)?.div_euclid(self.per_second());
        i64::try_from(micros).ok().filter(|micros| (FIRST_DAY * DAY..END_DAY * DAY).contains(micros))
    }

    /// Gives the unit in which `number` would be a time, where it is none in this one.
    pub(crate) fn that_fits(self, number: i128) -> Option<Self> {
        Self::ALL.into_iter().find(|unit| *unit != self && unit.micros(number).is_some())
    }

    /// Gives the unit in which `number` is a time from 2001 on, as numbers of nine digits and less are not.
    pub(crate) fn of_recent(number: i128) -> Option<Self> {
        const RECENT: std::ops::Range<i128> = 1_000_000_000..10_000_000_000;
        Self::ALL.into_iter().find(|unit| RECENT.contains(&number.div_euclid(unit.per_second())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveDate;

    #[test]
    fn the_bounds_are_the_first_and_the_last_day() {
        let day = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap().to_epoch_days();
        assert!(date_in_range(day(1, 1, 1)) && date_in_range(day(9999, 12, 31)));
        assert!(!date_in_range(day(0, 12, 31)) && !date_in_range(day(10_000, 1, 1)) && !date_in_range(i32::MAX));
        let micros = |year, month, of_month| i64::from(day(year, month, of_month)) * DAY;
        // Local times west and east of UTC.
        assert!(time_in_range(micros(10_000, 1, 1) + DAY / 2) && time_in_range(micros(1, 1, 1) - DAY / 2));
        assert!(!time_in_range(micros(10_000, 1, 2)) && !time_in_range(i64::MAX) && !time_in_range(i64::MIN));
    }

    #[test]
    fn the_unit_that_fits_is_named() {
        use TimeUnit::{Microseconds, Milliseconds, Nanoseconds, Seconds};
        assert_eq!(Seconds.micros(-1), Some(-1_000_000));
        for (unit, scale) in [(Seconds, 1), (Milliseconds, 1_000), (Microseconds, 1_000_000)] {
            let (first, end) = (-62_135_596_800 * scale, 253_402_300_800 * scale);
            assert_eq!(unit.micros(first), Some(FIRST_DAY * DAY), "0001-01-01 00:00:00");
            assert!(unit.micros(end - 1).is_some(), "9999-12-31 23:59:59");
            assert_eq!((unit.micros(first - 1), unit.micros(end)), (None, None), "{unit:?}");
        }
        for (number, unit) in [
            (1_741_392_000_000, Milliseconds),
            (1_741_392_000_000_000, Microseconds),
            (i128::from(i64::MAX), Nanoseconds),
        ] {
            assert_eq!((Seconds.micros(number), Seconds.that_fits(number)), (None, Some(unit)), "{number}");
        }
        assert_eq!(Milliseconds.that_fits(1_741_392_000_000_000_000), Some(Nanoseconds));
        assert_eq!(Seconds.that_fits(i128::MAX), None);
        assert_eq!(TimeUnit::of_recent(1_741_392_000_000), Some(Milliseconds));
        assert_eq!((TimeUnit::of_recent(45_383), TimeUnit::of_recent(20_240_131)), (None, None));
    }
}
