//! The days of the data, how busy each is, and the clock of the shops.

use super::random::Stream;
use chrono::{Datelike, NaiveDate, Offset, TimeZone, Weekday};
use chrono_tz::Tz;

/// The zone of the shops; the job's `timezone`.
pub(super) const TIMEZONE: Tz = chrono_tz::Europe::Berlin;
/// Days of the data: 2023-01-01 to 2026-01-02.
pub(super) const DAYS: i64 = 1098;
/// The day of `as_of`, 2026-01-01: the last two days lie at or after it.
pub(super) const AS_OF_DAY: i64 = 1096;
/// `as_of` as it stands in the job file.
pub(super) const AS_OF: &str = "2026-01-01";
const FIRST_YEAR: i32 = 2023;
const SECONDS_A_DAY: i64 = 86_400;

/// How a kind of customer spreads its purchases over the year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Season {
    /// Months, weekends and a holiday peak.
    Regular,
    /// The five weeks before Christmas, hardly ever else.
    Gifts,
    /// Regular with January, July and Black Friday sales.
    Sales,
}

/// Month weights of all shops, January first.
const MONTHS: [f64; 12] = [0.85, 0.80, 0.92, 0.95, 0.98, 0.97, 0.93, 0.90, 0.98, 1.02, 1.22, 1.45];
/// Weekday weights, Monday first.
const WEEKDAYS: [f64; 7] = [0.90, 0.88, 0.92, 0.97, 1.12, 1.32, 0.89];
/// Weights of the local hours 7 to 22 on the web and in the app; shops open from 9 to 19.
const HOURS: [f64; 16] = [1.0, 2.0, 3.0, 4.0, 4.0, 5.0, 4.0, 4.0, 4.0, 5.0, 6.0, 7.0, 7.0, 8.0, 6.0, 3.0];
const OPENING: usize = 2;
const CLOSING: usize = 13;

/// A day's place in the operational time of each season, where purchases come at an even rate.
#[derive(Debug)]
pub(super) struct Calendar {
    dates: Vec<NaiveDate>,
    /// Seconds that local time is ahead of UTC from 7 in the morning of each day.
    offsets: Vec<i64>,
    seasons: [Operational; 3],
}

/// Cumulative weights, scaled so that the whole is [`DAYS`].
#[derive(Debug)]
struct Operational {
    /// Up to the start of each day, and the end.
    until: Vec<f64>,
    /// The day at each whole operational time: where a look-up starts.
    day_at: Vec<usize>,
}

impl Calendar {
    /// Computes the tables; a few thousand steps.
    pub(super) fn new() -> Self {
        let first = NaiveDate::from_ymd_opt(FIRST_YEAR, 1, 1).unwrap_or_default();
        let dates: Vec<NaiveDate> = first.iter_days().take(DAYS as usize).collect();
        let offsets = dates
            .iter()
            .map(|date| {
                // At noon: the clock changes in the night, before the first purchase of the day.
                let noon = date.and_hms_opt(12, 0, 0).unwrap_or_default();
                TIMEZONE.offset_from_utc_datetime(&noon).fix().local_minus_utc().into()
            })
            .collect();
        let seasons = [Season::Regular, Season::Gifts, Season::Sales].map(|season| Operational::new(&dates, season));
        Self { dates, offsets, seasons }
    }

    /// The date of a day of the data; days outside it are dates outside it.
    pub(super) fn date(&self, day: i64) -> NaiveDate {
        let first = self.dates.first().copied().unwrap_or_default();
        first.checked_add_signed(chrono::Duration::days(day)).unwrap_or(first)
    }

    /// The operational time at the start of a day.
    pub(super) fn operational(&self, season: Season, day: i64) -> f64 {
        let until = &self.seasons[season as usize].until;
        until[day.clamp(0, DAYS) as usize]
    }

    /// The day of an operational time, from 0 to `DAYS` − 1.
    pub(super) fn day(&self, season: Season, time: f64) -> i64 {
        let table = &self.seasons[season as usize];
        let mut day = table.day_at[(time.max(0.0) as usize).min(table.day_at.len() - 1)];
        while day + 1 < DAYS as usize && table.until[day + 1] <= time {
            day += 1;
        }
        day as i64
    }

    /// Draws a local second of the day, within opening hours for a shop.
    pub(super) fn second(&self, stream: &mut Stream, in_shop: bool) -> i64 {
        let (from, hours) = if in_shop { (OPENING, &HOURS[OPENING..CLOSING]) } else { (0, &HOURS[..]) };
        let hour = 7 + from + stream.choice(hours);
        hour as i64 * 3600 + stream.between(0, 3599)
    }

    /// Seconds since 1970-01-01 00:00 UTC of a local second of a day.
    pub(super) fn utc_seconds(&self, day: i64, second: i64) -> i64 {
        let day = day.clamp(0, DAYS - 1);
        let since_epoch = i64::from(self.date(day).to_epoch_days());
        since_epoch * SECONDS_A_DAY + second - self.offsets[day as usize]
    }

    /// The file, of `files`, that holds a day: slices of the calendar with about equally many purchases.
    pub(super) fn slice(&self, day: i64, files: u32) -> usize {
        let share = self.operational(Season::Regular, day) / DAYS as f64;
        ((share * f64::from(files)) as usize).min(files.max(1) as usize - 1)
    }
}

impl Operational {
    fn new(dates: &[NaiveDate], season: Season) -> Self {
        let weights: Vec<f64> = dates.iter().map(|date| weight(*date, season)).collect();
        let scale = weights.len() as f64 / weights.iter().sum::<f64>();
        let mut until = vec![0.0];
        let mut sum = 0.0;
        for weight in &weights {
            sum += weight;
            until.push(sum * scale);
        }
        let day_at =
            (0..weights.len()).map(|time| until.partition_point(|end| *end <= time as f64).saturating_sub(1)).collect();
        Self { until, day_at }
    }
}

fn weight(date: NaiveDate, season: Season) -> f64 {
    let weekday = WEEKDAYS[date.weekday().num_days_from_monday() as usize];
    let (month, day) = (date.month(), date.day());
    if season == Season::Gifts {
        let gift_weeks = (month == 11 && day >= 20) || (month == 12 && day <= 23);
        return if gift_weeks { weekday } else { 0.002 };
    }
    let black_friday = is_black_friday(date);
    let holiday = match (month, day) {
        (1, 1) => 0.2,
        (12, 10..=22) => 1.5,
        (12, 25) => 0.15,
        (12, 26) => 0.4,
        _ if black_friday => 2.0,
        _ => 1.0,
    };
    let sale = match (season, month, day) {
        (Season::Sales, 1, 2..) | (Season::Sales, 7, _) => 2.2,
        (Season::Sales, _, _) if black_friday => 2.5,
        _ => 1.0,
    };
    MONTHS[month as usize - 1] * weekday * holiday * sale
}

/// The fourth Friday of November (as shops here keep it) to the Monday after.
fn is_black_friday(date: NaiveDate) -> bool {
    NaiveDate::from_weekday_of_month_opt(date.year(), 11, Weekday::Fri, 4)
        .is_some_and(|friday| (0..4).contains(&(date - friday).num_days()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_calendar_ends_two_days_after_as_of() {
        let calendar = Calendar::new();
        assert_eq!(calendar.date(AS_OF_DAY).to_string(), AS_OF);
        assert_eq!(calendar.date(0).to_string(), "2023-01-01");
        assert_eq!(calendar.date(DAYS - 1).to_string(), "2026-01-02");
    }

    #[test]
    fn operational_time_and_days_are_inverse() {
        let calendar = Calendar::new();
        for season in [Season::Regular, Season::Gifts, Season::Sales] {
            for day in 0..DAYS {
                assert_eq!(calendar.day(season, calendar.operational(season, day)), day, "{season:?}");
            }
        }
    }

    #[test]
    fn gifts_are_bought_before_christmas() {
        let calendar = Calendar::new();
        let mut stream = Stream::new(1, "gifts", 0);
        let hits = (0..2000)
            .map(|_| calendar.date(calendar.day(Season::Gifts, stream.uniform() * DAYS as f64)))
            .filter(|date| date.month() >= 11)
            .count();
        assert!(hits > 1900, "{hits} of 2000");
    }

    #[test]
    fn local_time_follows_summer_time() {
        let calendar = Calendar::new();
        let at = |date: NaiveDate| {
            let day = (date - calendar.date(0)).num_days();
            chrono::DateTime::from_timestamp(calendar.utc_seconds(day, 12 * 3600), 0).unwrap().to_string()
        };
        assert_eq!(at(NaiveDate::from_ymd_opt(2024, 7, 1).unwrap()), "2024-07-01 10:00:00 UTC");
        assert_eq!(at(NaiveDate::from_ymd_opt(2024, 12, 1).unwrap()), "2024-12-01 11:00:00 UTC");
    }

    #[test]
    fn slices_hold_every_file() {
        let calendar = Calendar::new();
        let slices: Vec<usize> = (0..DAYS).map(|day| calendar.slice(day, 16)).collect();
        assert!(slices.is_sorted());
        assert_eq!((slices[0], slices[DAYS as usize - 1]), (0, 15));
        assert!((0..16).all(|file| slices.contains(&file)));
    }
}
