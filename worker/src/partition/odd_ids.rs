//! Ids that are taken as they are, and look as if something had gone wrong with them before.

use icu_properties::{CodePointSetData, CodePointSetDataBorrowed, props::DefaultIgnorableCodePoint};

/// Says whether a character leaves no mark: blanks, controls, and what Unicode says to show nothing for.
fn is_unseen(character: char) -> bool {
    const IGNORABLE: CodePointSetDataBorrowed<'static> = CodePointSetData::new::<DefaultIgnorableCodePoint>();
    // The empty pattern of Braille is a symbol to Unicode.
    character.is_whitespace() || character.is_control() || IGNORABLE.contains(character) || character == '\u{2800}'
}

/// Says whether there is anything to see in an id.
pub(super) fn has_visible(id: &str) -> bool {
    // Nearly all ids begin with a plain letter or digit.
    id.as_bytes().first().is_some_and(u8::is_ascii_graphic) || id.chars().any(|character| !is_unseen(character))
}

/// What is odd about an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Odd {
    /// A blank at an end or an invisible character anywhere: another id than the one that looks the same.
    Unseen,
    /// A word that stands for no value.
    WordForNull,
    /// A number as spreadsheets round it: `1.23457E+11`, or zeros from the 16th digit on.
    Rounded,
}

impl Odd {
    /// Finds what is odd about an id, if anything is.
    pub(super) fn of(id: &str) -> Option<Self> {
        if id.bytes().all(|byte| byte.is_ascii_graphic()) {
            return if is_word_for_null(id) {
                Some(Self::WordForNull)
            } else {
                is_rounded(id).then_some(Self::Rounded)
            };
        }
        if id.trim().len() < id.len() || id.chars().any(|character| character != ' ' && is_unseen(character)) {
            return Some(Self::Unseen);
        }
        is_word_for_null(id).then_some(Self::WordForNull)
    }
}

/// Words that programs and people write where there is no value, in any case.
const WORDS_FOR_NULL: [&str; 24] = [
    "null",
    "(null)",
    "<null>",
    "[null]",
    "#null!",
    "na",
    "n/a",
    "n.a.",
    "#n/a",
    "<na>",
    "none",
    "(none)",
    "nan",
    "nat",
    "nil",
    "undefined",
    "unknown",
    "missing",
    "(blank)",
    "#ref!",
    "#value!",
    "\\n",
    "-",
    "?",
];

fn is_word_for_null(id: &str) -> bool {
    const LONGEST: usize = 9;
    // Asked of every id, so the first byte alone answers for most.
    let may_be = id.as_bytes().first().is_some_and(|first| b"numNUM(<[#\\-?".contains(first));
    may_be && id.len() <= LONGEST && WORDS_FOR_NULL.iter().any(|word| id.eq_ignore_ascii_case(word))
}

/// Digits that a spreadsheet keeps.
const KEPT: usize = 15;

fn is_rounded(id: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if id.len() > KEPT && digits(id) {
        return id[KEPT..].bytes().all(|byte| byte == b'0');
    }
    // A single digit before the point, as a spreadsheet writes it, so that a product 12E+3 is none. Asked of every id, so the second byte
    // alone answers for most.
    if !id.as_bytes().get(1).is_some_and(|second| b".,Ee".contains(second)) {
        return false;
    }
    let Some((mantissa, exponent)) = id.split_once("E+").or_else(|| id.split_once("e+")) else { return false };
    let (whole, fraction) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, "0"));
    whole.len() == 1 && digits(whole) && digits(fraction) && digits(exponent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_ids_are_told() {
        for (odd, ids) in [
            (Odd::Unseen, vec!["a ", " a", "\ta", "a\u{a0}", "a\u{3000}", "\u{200b}a", "a\u{feff}", "a\u{ad}b"]),
            (Odd::Unseen, vec!["C\0", "a\u{202e}b", "a\tb", "a\u{a0}b"]),
            (
                Odd::WordForNull,
                vec!["NULL", "null", "NA", "n/a", "N/A", "None", "nan", "NaN", "undefined", "#N/A", "\\N"],
            ),
            (
                Odd::Rounded,
                vec!["1.23457E+11", "1,23457E+11", "4.5e+12", "1E+05", "4000123412341000", "12345678901234500000"],
            ),
        ] {
            for id in ids {
                assert_eq!(Odd::of(id), Some(odd), "{id:?}");
            }
        }
        for plain in [
            "a",
            "C1",
            "00017",
            "Anna@Example.com",
            "a b",
            "Nora",
            "123456789012345",
            "1234567890123456",
            "E+5",
            "12E+3",
            "名前",
        ] {
            assert_eq!(Odd::of(plain), None, "{plain:?}");
        }
    }
}
