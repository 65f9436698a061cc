//! Sizes of memory as they are typed: `256M`, `8G`.

/// Reads a size in bytes: a whole number with K, M, G or T (powers of 1024; `MB` and `MiB` mean the same), or bytes without a unit.
pub fn parse_size(text: &str) -> Result<u64, String> {
    let wrong = || format!("expected a size such as 256M or 8G, found {text:?}");
    let digits = text.len() - text.trim_start_matches(|character: char| character.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    let power = match unit.to_ascii_uppercase().trim_end_matches('B').trim_end_matches('I') {
        "" if unit.is_empty() || unit.eq_ignore_ascii_case("b") => 0,
        "K" => 1,
        "M" => 2,
        "G" => 3,
        "T" => 4,
        _ => return Err(wrong()),
    };
    let number: u64 = number.parse().map_err(|_| wrong())?;
    let bytes = number.checked_mul(1024_u64.pow(power)).ok_or_else(wrong)?;
    if bytes == 0 { Err(wrong()) } else { Ok(bytes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_people_write() {
        for (text, bytes) in [
            ("1", 1),
            ("10b", 10),
            ("256M", 256 << 20),
            ("256mb", 256 << 20),
            ("256MiB", 256 << 20),
            ("8G", 8 << 30),
            ("1T", 1 << 40),
        ] {
            assert_eq!(parse_size(text), Ok(bytes), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_size() {
        for text in ["", "G", "0", "0G", "-1G", "1.5G", "8 G", "8X", "8GG", "8IB", "99999999999T"] {
            assert!(parse_size(text).is_err(), "{text}");
        }
    }
}
