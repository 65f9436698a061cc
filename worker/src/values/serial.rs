//! Dates as spreadsheets count them.

use super::local_time::DAY;

/// 1899-12-30 in days since 1970: the day 0 of all days from 1900-03-01 on.
const DAY_ZERO: i64 = -25_569;
/// Spreadsheets count a 1900-02-29, which there was not.
const NO_DAY: i64 = 60;
/// 9999-12-31, the last.
const LAST: i64 = 2_958_465;

/// Gives the local time that a spreadsheet shows for a serial number of its 1900 date system, in microseconds since 1970
/// and to the millisecond, which is as much as a spreadsheet keeps; none where it shows no date.
pub(crate) fn from_serial(serial: f64) -> Option<i64> {
    // The comparison is false of NaN.
    if !(1.0..(LAST + 1) as f64).contains(&serial) {
        return None;
    }
    let millis = (serial * 86_400_000.0).round() as i64;
    let day = match millis.div_euclid(86_400_000) {
        NO_DAY => return None,
        day if day < NO_DAY => day + 1,
        day => day,
    };
    Some((DAY_ZERO + day) * DAY + millis.rem_euclid(86_400_000) * 1_000)
}

/// Says whether a text looks like such a number: up to seven digits, perhaps with a fraction, and no year.
pub(super) fn looks_like_serial(text: &str) -> bool {
    let (whole, fraction) = text.split_once(['.', ',']).unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_year = whole == text && ("1800".."2200").contains(&whole) && whole.len() == 4;
    !is_year && digits(whole) && digits(fraction) && whole.parse::<i64>().is_ok_and(|day| (1..=LAST).contains(&day))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;

    fn shown(serial: f64) -> Option<String> {
        from_serial(serial).map(|micros| DateTime::from_timestamp_micros(micros).unwrap().naive_utc().to_string())
    }

    #[test]
    fn serials_are_what_a_spreadsheet_shows() {
        for (serial, time) in [
            (1.0, "1900-01-01 00:00:00"),
            (59.0, "1900-02-28 00:00:00"),
            (61.0, "1900-03-01 00:00:00"),
            (25_569.0, "1970-01-01 00:00:00"),
            (45_383.0, "2024-04-01 00:00:00"),
            (45_383.604_166_667, "2024-04-01 14:30:00"),
            (45_383.999_999_999, "2024-04-02 00:00:00"),
            (2_958_465.5, "9999-12-31 12:00:00"),
        ] {
            assert_eq!(shown(serial).as_deref(), Some(time), "{serial}");
        }
        for none in [0.5, 60.0, 60.5, -1.0, 2_958_466.0, f64::NAN, f64::INFINITY] {
            assert_eq!(shown(none), None, "{none}");
        }
    }

    #[test]
    fn a_serial_is_told_from_other_numbers() {
        for serial in ["45383", "1", "45383.604166667", "45383,5"] {
            assert!(looks_like_serial(serial), "{serial}");
        }
        for other in ["", "0", "2026", "1969", "20240131", "1741392000", "4538x", "1.", "-5", "2024-01-01"] {
            assert!(!looks_like_serial(other), "{other}");
        }
    }
}
