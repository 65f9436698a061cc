//! Numbers as people read them.

/// Gives a whole number with thousands separators.
pub(crate) fn whole(value: i64) -> String {
    let digits = value.unsigned_abs().to_string();
    let grouped = grouped(&digits);
    if value < 0 { format!("-{grouped}") } else { grouped }
}

/// Gives a number with three digits that matter, and thousands separators.
pub(crate) fn number(value: f64) -> String {
    let magnitude = value.abs();
    if !value.is_finite() || magnitude >= 1e15 || (magnitude > 0.0 && magnitude < 1e-4) {
        return format!("{value:.2e}");
    }
    // From where rounding would bring in another digit: 9.996 is 10, not 10.00.
    let decimals = match magnitude {
        99.95.. => 0,
        9.995.. => 1,
        0.9995.. => 2,
        0.09995.. => 3,
        _ => 4,
    };
    let text = format!("{magnitude:.decimals$}");
    let (integer, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let fraction = fraction.trim_end_matches('0');
    let mut text = grouped(integer);
    if !fraction.is_empty() {
        text = format!("{text}.{fraction}");
    }
    if value < 0.0 && text != "0" { format!("-{text}") } else { text }
}

/// Gives a share as a percentage with one decimal.
pub(crate) fn percentage(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

fn grouped(digits: &str) -> String {
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped() {
        assert_eq!([0, 7, 999, 1000, -1000, 1_234_567].map(whole), ["0", "7", "999", "1,000", "-1,000", "1,234,567"]);
    }

    #[test]
    fn three_digits_matter() {
        for (value, text) in [
            (8_911_407.904, "8,911,408"),
            (1930.4, "1,930"),
            (99.96, "100"),
            (92.44, "92.4"),
            (12.0, "12"),
            (9.996, "10"),
            (4.276, "4.28"),
            (0.5, "0.5"),
            (0.99996, "1"),
            (0.0342, "0.0342"),
            (-0.00001, "-1.00e-5"),
            (-3.5, "-3.5"),
            (0.0, "0"),
            (-0.0, "0"),
            (2e18, "2.00e18"),
        ] {
            assert_eq!(number(value), text);
        }
        assert_eq!(percentage(0.27754), "27.8 %");
    }
}
