//! Numbers as people read them.

/// What stands in numbers.
#[derive(Debug, Clone, Default)]
pub(super) struct Marks {
    decimal: String,
    group: String,
}

impl Marks {
    pub(super) fn new(decimal: &str, group: &str) -> Self {
        Self { decimal: decimal.to_owned(), group: group.to_owned() }
    }

    /// Gives a whole number with its digits in groups of three.
    pub(super) fn whole(&self, value: i64) -> String {
        let grouped = self.grouped(&value.unsigned_abs().to_string());
        if value < 0 { format!("-{grouped}") } else { grouped }
    }

    /// Gives a number with three digits that matter, its whole part in groups of three.
    pub(super) fn number(&self, value: f64) -> String {
        let magnitude = value.abs();
        if !value.is_finite() || magnitude >= 1e15 || (magnitude > 0.0 && magnitude < 1e-4) {
            return self.swapped(&format!("{value:.2e}"));
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
        let mut text = self.grouped(integer);
        if !fraction.is_empty() {
            text = format!("{text}{}{fraction}", self.decimal);
        }
        if value < 0.0 && text != "0" { format!("-{text}") } else { text }
    }

    /// Gives a number that is written with a point, and without groups.
    pub(super) fn swapped(&self, number: &str) -> String {
        number.replace('.', &self.decimal)
    }

    fn grouped(&self, digits: &str) -> String {
        let mut text = String::with_capacity(digits.len() + digits.len() / 3 * self.group.len());
        for (position, digit) in digits.chars().enumerate() {
            if position > 0 && (digits.len() - position).is_multiple_of(3) {
                text.push_str(&self.group);
            }
            text.push(digit);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_grouped() {
        let marks = Marks::new(".", ",");
        let told = [0, 7, 999, 1000, -1000, 1_234_567].map(|value| marks.whole(value));
        assert_eq!(told, ["0", "7", "999", "1,000", "-1,000", "1,234,567"]);
        assert_eq!(Marks::new(",", "\u{a0}").whole(-1_234_567), "-1\u{a0}234\u{a0}567");
    }

    #[test]
    fn three_digits_matter() {
        let (marks, polish) = (Marks::new(".", ","), Marks::new(",", "\u{a0}"));
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
            assert_eq!(marks.number(value), text);
            assert_eq!(polish.number(value), text.replace(',', "\u{a0}").replace('.', ","));
        }
    }
}
