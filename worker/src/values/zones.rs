//! Time zones that a text or a format names in words.

use super::local_time::{SECOND, local_to_utc};
use chrono::{DateTime, Offset, TimeZone};
use chrono_tz::{OffsetName, Tz};

/// Says whether a word means UTC.
pub(super) fn is_utc(word: &str) -> bool {
    ["UTC", "GMT", "Z", "UT", "UCT", "Zulu"].iter().any(|known| word.eq_ignore_ascii_case(known))
}

/// Gives the instant of a local time, both in microseconds, in the zone that `word` names.
///
/// Known are UTC, offsets from it (`UTC+2`, `GMT-03:30`), names such as `Europe/Warsaw`, and abbreviations that the clock
/// of `job_zone` shows at that time: elsewhere they mean other things (CST has three meanings), or are wrong in summer.
pub(crate) fn instant_in(word: &str, local: i64, job_zone: Tz) -> Option<i64> {
    if is_utc(word) {
        return Some(local);
    }
    if let Some(seconds) = offset_from_utc(word) {
        return local.checked_sub(seconds * SECOND);
    }
    if word.contains('/')
        && let Ok(zone) = word.parse::<Tz>()
    {
        return Some(local_to_utc(local, zone));
    }
    let naive = DateTime::from_timestamp_micros(local)?.naive_utc();
    let shown = job_zone.offset_from_local_datetime(&naive);
    let shows = |offset: &<Tz as TimeZone>::Offset| offset.abbreviation().is_some_and(|name| name == word);
    let offset = [shown.earliest(), shown.latest()].into_iter().flatten().find(shows)?;
    local.checked_sub(i64::from(offset.fix().local_minus_utc()) * SECOND)
}

/// Reads `UTC+2`, `GMT-03:30`, `UTC+0200` or `+02:00` as seconds east of UTC.
pub(super) fn offset_from_utc(word: &str) -> Option<i64> {
    let offset = word.strip_prefix("UTC").or_else(|| word.strip_prefix("GMT")).unwrap_or(word);
    let sign = match offset.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let digits = &offset[1..];
    let (hours, minutes) = match digits.split_once(':') {
        Some(parts) => parts,
        None if digits.len() > 2 => digits.split_at_checked(digits.len() - 2)?,
        None => (digits, "00"),
    };
    let number = |text: &str, most: i64| {
        let digits = (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<i64>().ok().filter(|value| digits && *value <= most)
    };
    Some(sign * (number(hours, 15)? * 3_600 + number(minutes, 59)? * 60))
}

/// Says whether a word of a format looks like a zone's abbreviation, such as EST, CEST or MSK.
pub(super) fn looks_like_zone(word: &str) -> bool {
    (3..=5).contains(&word.len())
        && word.bytes().all(|byte| byte.is_ascii_uppercase())
        && (word.ends_with('T') || ["MSK", "WIB", "WITA", "EEST", "WEST"].contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveDateTime;

    fn micros(text: &str) -> i64 {
        NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap().and_utc().timestamp_micros()
    }

    #[test]
    fn words_mean_one_zone_or_none() {
        let warsaw = Tz::Europe__Warsaw;
        for (local, word, utc) in [
            ("2025-07-01 12:00", "UTC", "2025-07-01 12:00"),
            ("2025-07-01 12:00", "gmt", "2025-07-01 12:00"),
            ("2025-07-01 12:00", "GMT+2", "2025-07-01 10:00"),
            ("2025-07-01 12:00", "UTC-03:30", "2025-07-01 15:30"),
            ("2025-07-01 12:00", "+0530", "2025-07-01 06:30"),
            ("2025-07-01 12:00", "America/New_York", "2025-07-01 16:00"),
            ("2025-07-01 12:00", "CEST", "2025-07-01 10:00"),
            ("2025-01-01 12:00", "CET", "2025-01-01 11:00"),
            // Shown twice: the word tells which.
            ("2025-10-26 02:30", "CEST", "2025-10-26 00:30"),
            ("2025-10-26 02:30", "CET", "2025-10-26 01:30"),
        ] {
            assert_eq!(instant_in(word, micros(local), warsaw), Some(micros(utc)), "{local} {word}");
        }
        for word in ["EST", "CET", "IST", "Europe/Warszawa", "", "UTC+99", "GMT+", "UTC+2:75"] {
            assert_eq!(instant_in(word, micros("2025-07-01 12:00"), warsaw), None, "{word}");
        }
        assert_eq!(
            instant_in("EST", micros("2025-01-01 12:00"), Tz::America__New_York),
            Some(micros("2025-01-01 17:00"))
        );
    }
}
