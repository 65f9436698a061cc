//! Durations as they are typed: `500ms`, `60s`, `10m`, `2h`, `1m 30s`.

use std::time::Duration;

/// Reads a duration: whole numbers with units. Nought is a duration.
///
/// # Errors
/// What was expected, for clap.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text)
        .map_err(|_| format!("expected a duration such as 500ms, 60s, 10m or 2h, found {text:?}"))
}

/// Writes a duration as it would be typed; what is below a millisecond is cut off.
pub fn format_duration(duration: Duration) -> String {
    let whole = Duration::new(duration.as_secs(), duration.subsec_millis() * 1_000_000);
    humantime::format_duration(whole).to_string()
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
        assert_eq!(format_duration(Duration::from_millis(90_500)), "1m 30s 500ms");
        assert_eq!(format_duration(Duration::from_micros(1)), "0s");
    }

    #[test]
    fn refuses_what_is_no_duration() {
        for text in ["", "60", "s", "-1s", "1S", "1ss", "99999999999999999999s", "9999999999999999999h"] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
    }
}
