//! Durations as they are typed: `500ms`, `60s`, `10m`, `2h`.

use std::time::Duration;

/// Units with their milliseconds, the largest first.
const UNITS: [(&str, u64); 4] = [("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];

/// Reads a duration: a whole number with ms, s, m or h. Nought is a duration.
///
/// # Errors
/// What was expected, for clap.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("expected a duration such as 500ms, 60s, 10m or 2h, found {text:?}");
    let digits = text.len() - text.trim_start_matches(|character: char| character.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    let (_, milliseconds) = UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(wrong)?;
    let number: u64 = number.parse().map_err(|_| wrong())?;
    number.checked_mul(*milliseconds).map(Duration::from_millis).ok_or_else(wrong)
}

/// Writes a duration as it would be typed, in the largest unit that divides it; what is below a millisecond is cut off.
pub fn format_duration(duration: Duration) -> String {
    let milliseconds = duration.as_millis();
    if milliseconds == 0 {
        return "0s".to_owned();
    }
    let unit = UNITS.iter().find(|(_, size)| milliseconds.is_multiple_of(u128::from(*size)));
    let (name, size) = unit.copied().unwrap_or(("ms", 1));
    format!("{}{name}", milliseconds / u128::from(size))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_people_write_and_writes_it_back() {
        for (text, milliseconds) in
            [("500ms", 500), ("60s", 60_000), ("90s", 90_000), ("10m", 600_000), ("2h", 7_200_000), ("0s", 0)]
        {
            assert_eq!(parse_duration(text), Ok(Duration::from_millis(milliseconds)), "{text}");
            let again = parse_duration(&format_duration(Duration::from_millis(milliseconds)));
            assert_eq!(again, Ok(Duration::from_millis(milliseconds)), "{text}");
        }
        assert_eq!(format_duration(Duration::from_secs(60)), "1m");
        assert_eq!(format_duration(Duration::from_millis(1500)), "1500ms");
        assert_eq!(format_duration(Duration::from_micros(1)), "0s");
    }

    #[test]
    fn refuses_what_is_no_duration() {
        for text in
            ["", "60", "s", "-1s", "1.5s", "1 s", "1d", "1S", "1ss", "99999999999999999999s", "9999999999999999h"]
        {
            assert!(parse_duration(text).is_err(), "{text}");
        }
    }
}
