//! Telephone numbers in the form of ITU-T E.164: the digits with their calling code.

use super::countries::Country;

/// Digits of a number with its calling code: more than 15 are none, and fewer than 8 are short numbers that hold within a country alone.
const DIGITS: std::ops::RangeInclusive<usize> = 8..=15;

/// Gives the digits of a number with the calling code in front; none of what is no number, or of one without a calling code where no country is given.
///
/// A number with `+`, or with `00` (011 in North America) in front, has its calling code. Another one is one of `country`: without what is dialled only
/// within it, and of a length that its numbers have, or with the country's calling code in front and then of such a length.
pub fn phone_digits(text: &str, country: Option<&Country>) -> Option<String> {
    let text = text.trim();
    let text = text.strip_prefix("tel:").unwrap_or(text);
    let (is_plus, rest) = match text.strip_prefix(['+', '\u{ff0b}']) {
        // The zero in brackets is dialled within the country only.
        Some(rest) => (true, rest.replace("(0)", "")),
        None => (false, text.to_owned()),
    };
    let mut digits = String::new();
    for letter in rest.chars() {
        match letter {
            '0'..='9' => digits.push(letter),
            ' ' | '-' | '.' | '/' | '(' | ')' | '\u{a0}' | '\u{202f}' | '\u{2010}'..='\u{2015}' => {}
            _ => return None,
        }
    }
    let digits = match is_plus {
        true => digits,
        false => with_calling_code(&digits, country)?,
    };
    (DIGITS.contains(&digits.len()) && !digits.starts_with('0')).then_some(digits)
}

fn with_calling_code(digits: &str, country: Option<&Country>) -> Option<String> {
    const NORTH_AMERICA: &str = "1";
    if let Some(rest) = digits.strip_prefix("00") {
        return Some(rest.to_owned());
    }
    let Country { calling_code, trunk, digits: (least, most), .. } = country?;
    if *calling_code == NORTH_AMERICA
        && let Some(rest) = digits.strip_prefix("011")
    {
        return Some(rest.to_owned());
    }
    let fits = |number: &str| (*least..=*most).contains(&number.len());
    let within = digits.strip_prefix(trunk).unwrap_or(digits);
    if fits(within) {
        return Some(format!("{calling_code}{within}"));
    }
    digits.strip_prefix(calling_code).filter(|rest| fits(rest)).map(|_| digits.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::countries::country;
    use super::*;

    fn digits(text: &str, code: &str) -> Option<String> {
        phone_digits(text, country(code))
    }

    #[test]
    fn one_number_has_one_form_however_it_is_written() {
        for written in [
            "600 100 200",
            "600-100-200",
            "+48 600 100 200",
            "0048600100200",
            "48600100200",
            "tel:+48600100200",
            " (600) 100.200 ",
        ] {
            assert_eq!(digits(written, "PL").as_deref(), Some("48600100200"), "{written}");
        }
        assert_eq!(digits("020 7946 0958", "GB").as_deref(), Some("442079460958"));
        assert_eq!(digits("+44 (0) 20 7946 0958", "PL").as_deref(), Some("442079460958"));
        assert_eq!(digits("06 1 234 5678", "HU").as_deref(), Some("3612345678"));
        assert_eq!(digits("06 1234 5678", "IT").as_deref(), Some("390612345678"), "an Italian zero stays");
        assert_eq!(digits("(415) 555-2671", "US").as_deref(), Some("14155552671"));
        assert_eq!(digits("011 48 600100200", "US").as_deref(), Some("48600100200"));
    }

    #[test]
    fn what_is_no_number_or_of_no_known_country_has_none() {
        for wrong in ["", "12345", "600100200 ext 5", "call me", "+0600100200", "6001002001", "+1234567890123456"] {
            assert_eq!(digits(wrong, "PL"), None, "{wrong}");
        }
        assert_eq!(phone_digits("600100200", None), None, "the country is not guessed");
        assert_eq!(phone_digits("+48600100200", None).as_deref(), Some("48600100200"));
    }
}
