//! What stands in a text that would be a number without it.

use super::fault::Place;

/// A mark in a text that would be a number without it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark {
    kind: Kind,
    /// What stands before fractions otherwise.
    decimal: char,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// As spreadsheets write before a text that looks like a formula, and as the Swiss separate thousands.
    Apostrophe,
    /// A comma or a point between groups of three digits.
    Thousands(char),
    /// A blank between groups of three digits.
    Blank,
    /// The other decimal mark.
    Decimal(char),
    /// Letters or a sign of a currency, or per cent.
    Unit,
    /// A minus behind the number, brackets around it, or a dash for a minus.
    Minus,
}

impl Mark {
    /// Finds the mark that keeps `text` from being a number with `decimal` before its fraction.
    pub(super) fn of(text: &str, decimal: u8) -> Option<Self> {
        let decimal = char::from(decimal);
        kind(text, decimal).map(|kind| Self { kind, decimal })
    }

    /// Gives what was found, and the SQL that reads it as `to`.
    pub(super) fn found(self, place: Place, to: &str) -> String {
        let column = place.column();
        let by = |text: String| place.reads(&format!("cast({text} as {to})"));
        let without = |marks: &str| match self.decimal {
            '.' => by(format!("translate({column}, '{marks}', '')")),
            other => by(format!("translate({column}, '{other}{marks}', '.')")),
        };
        let as_it_is = match self.decimal {
            '.' => column.to_string(),
            other => format!("replace({column}, '{other}', '.')"),
        };
        let kept = |kept: &str| {
            let digits = format!("regexp_replace({column}, '[^0-9{}{kept}]', '', 'g')", self.decimal);
            match self.decimal {
                '.' => digits,
                other => format!("replace({digits}, '{other}', '.')"),
            }
        };
        // Other rows may have a power of ten, of which only the digits must not stay: 1e2 would become 12.
        let digits = || {
            by(format!(
                "case when regexp_like({column}, '[0-9][eE][+-]?[0-9]') then {as_it_is} else {} end",
                kept("+-")
            ))
        };
        match self.kind {
            Kind::Apostrophe => format!("an apostrophe: {}", without("''’`′")),
            Kind::Thousands(mark) if mark == self.decimal => {
                format!("a separator of thousands ({mark:?}): {}", by(format!("replace({column}, '{mark}', '')")))
            }
            Kind::Thousands(mark) => format!("a separator of thousands ({mark:?}): {}", without(&mark.to_string())),
            Kind::Blank => format!("a blank as separator of thousands: {}", digits()),
            Kind::Decimal(mark) => {
                // Rows that have the right mark already must not lose it: 5.00 would become 500.
                let decimal = self.decimal;
                let by = by(format!(
                    "case when {column} like '%{mark}%' then translate({column}, '{mark}{decimal}', '.') else {as_it_is} end"
                ));
                let set = if place.is_csv() { "set csv.decimal where all rows have it, or " } else { "" };
                format!("{mark:?} as decimal mark: {set}{by}")
            }
            Kind::Unit => format!("letters or the sign of a currency: {}", digits()),
            Kind::Minus => {
                let by = by(format!(
                    "case when regexp_like({column}, '^[(−–—]|-$') then '-' || {} else {as_it_is} end",
                    kept("")
                ));
                format!("a minus that is written in another way: {by}")
            }
        }
    }
}

fn kind(text: &str, decimal: char) -> Option<Kind> {
    let other = if decimal == ',' { '.' } else { ',' };
    if !text.chars().any(|c| c.is_ascii_digit()) {
        return None;
    }
    if text.contains(['\'', '\u{2019}', '`', '\u{2032}']) {
        return Some(Kind::Apostrophe);
    }
    let unsigned = text.trim_start_matches(['-', '+']);
    if unsigned.contains(other) {
        return Some(match in_groups(unsigned, other, decimal) {
            true => Kind::Thousands(other),
            false => Kind::Decimal(other),
        });
    }
    if unsigned.matches(decimal).count() > 1 {
        return Some(Kind::Thousands(decimal));
    }
    if text.starts_with('(') || text.ends_with('-') || text.starts_with(['\u{2212}', '\u{2013}', '\u{2014}']) {
        return Some(Kind::Minus);
    }
    let blank = |c: char| c.is_whitespace();
    let of_number = |c: char| blank(c) || c.is_ascii_digit() || "+-".contains(c) || c == decimal;
    if text.contains(blank) && text.chars().all(of_number) {
        return Some(Kind::Blank);
    }
    let unit = |c: char| c.is_alphabetic() || "%‰$€£¥₹₽₺₩₴₪฿".contains(c);
    text.contains(unit).then_some(Kind::Unit)
}

/// Says whether `mark` stands only before groups of three digits, all before `decimal`.
fn in_groups(text: &str, mark: char, decimal: char) -> bool {
    let (whole, fraction) = text.split_once(decimal).unwrap_or((text, ""));
    if fraction.contains(mark) {
        return false;
    }
    let mut groups = whole.split(mark);
    let first = groups.next().unwrap_or_default();
    let digits = |group: &str| group.bytes().all(|byte| byte.is_ascii_digit());
    // 1,234 may be either; three digits behind a mark are more often thousands.
    (1..=3).contains(&first.len())
        && digits(first)
        && groups.all(|group| digits(group) && (2..=3).contains(&group.len()))
        && whole.rsplit(mark).next().is_some_and(|last| last.len() == 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_mark_is_told() {
        for (text, mark) in [
            ("'-70.00", Some(Kind::Apostrophe)),
            ("1\u{2019}234.50", Some(Kind::Apostrophe)),
            ("1,234.50", Some(Kind::Thousands(','))),
            ("-1,234,567", Some(Kind::Thousands(','))),
            ("12,34,567.00", Some(Kind::Thousands(','))),
            ("1.234.567", Some(Kind::Thousands('.'))),
            ("1,5", Some(Kind::Decimal(','))),
            ("1.234,50", Some(Kind::Decimal(','))),
            ("1 234.50", Some(Kind::Blank)),
            ("1\u{a0}234", Some(Kind::Blank)),
            ("€ 5.00", Some(Kind::Unit)),
            ("5.00 PLN", Some(Kind::Unit)),
            ("5.00-", Some(Kind::Minus)),
            ("(5.00)", Some(Kind::Minus)),
            ("\u{2212}5", Some(Kind::Minus)),
            ("abc", None),
            ("--1", None),
        ] {
            assert_eq!(kind(text, '.'), mark, "{text}");
        }
        assert_eq!(kind("1.234,50", ','), Some(Kind::Thousands('.')));
        assert_eq!(kind("1234.5", ','), Some(Kind::Decimal('.')));
    }
}
