//! Ids that are taken as they are, and look as if something had gone wrong with them before.

use arrow::array::{Array, StringArray};
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

/// Gives an id without what cannot be seen at its ends.
pub fn without_unseen_ends(id: &str) -> &str {
    id.trim_matches(is_unseen)
}

/// What is odd about an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Odd {
    /// A blank at an end or an invisible character anywhere: another id than the one that looks the same.
    Unseen,
    /// A word that stands for no value.
    WordForNull,
    /// A number as spreadsheets show or keep it: `1.23457E+11`, or zeros from the 16th digit on, too many for chance.
    Rounded,
    /// A number with zeros from the 16th digit on, which may be chance: a tenth of all of 16 digits end in one.
    Zeros,
}

/// Finds the ids of a column that are odd, with their rows.
pub(super) fn odd_ids(ids: &StringArray) -> impl Iterator<Item = (usize, Odd)> {
    // One look over all text of the batch spares one a letter of each id.
    let offsets = ids.value_offsets();
    let text = match (offsets.first(), offsets.last()) {
        (Some(&start), Some(&end)) => &ids.value_data()[start as usize..end as usize],
        _ => &[],
    };
    let plain = is_plain(text);
    let looked_at = offsets.windows(2).enumerate().filter(move |(_, ends)| {
        let id = &ids.value_data()[ends[0] as usize..ends[1] as usize];
        may_be_odd(id) || !(plain || is_plain(id))
    });
    looked_at.filter(|(row, _)| ids.is_valid(*row)).filter_map(|(row, _)| Some((row, Odd::of(ids.value(row))?)))
}

/// Says whether text is of visible ASCII alone; no early end, so that many bytes are looked at at once.
fn is_plain(text: &[u8]) -> bool {
    text.iter().fold(true, |plain, byte| plain & byte.is_ascii_graphic())
}

/// Says whether an id of plain letters, digits and signs has to be looked at: its length and first two bytes answer for nearly all.
fn may_be_odd(id: &[u8]) -> bool {
    const fn table(bytes: &[u8]) -> [bool; 256] {
        let mut table = [false; 256];
        let mut at = 0;
        while at < bytes.len() {
            table[bytes[at] as usize] = true;
            at += 1;
        }
        table
    }
    const FIRST_OF_WORDS: [bool; 256] = table(b"numNUM(<[#\\-?");
    const SECOND_OF_ROUNDED: [bool; 256] = table(b".,Ee");
    match id {
        [first, second, ..] => {
            FIRST_OF_WORDS[usize::from(*first)] || SECOND_OF_ROUNDED[usize::from(*second)] || id.len() > KEPT
        }
        [only] => FIRST_OF_WORDS[usize::from(*only)],
        [] => false,
    }
}

impl Odd {
    /// Finds what is odd about an id, if anything is.
    fn of(id: &str) -> Option<Self> {
        let unseen = |character| character != ' ' && is_unseen(character);
        // Most that are looked at are plain all the same, and what is unseen is known from long tables.
        if !is_plain(id.as_bytes()) && (id.trim().len() < id.len() || id.chars().any(unseen)) {
            return Some(Self::Unseen);
        }
        if is_word_for_null(id) {
            return Some(Self::WordForNull);
        }
        match ends_in_zeros(id) {
            true if id.ends_with(NO_CHANCE) => Some(Self::Rounded),
            true => Some(Self::Zeros),
            false => is_rounded(id).then_some(Self::Rounded),
        }
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
    id.len() <= LONGEST && WORDS_FOR_NULL.iter().any(|word| id.eq_ignore_ascii_case(word))
}

/// Digits that a spreadsheet keeps.
const KEPT: usize = 15;
/// So many zeros end one of ten thousand numbers.
const NO_CHANCE: &str = "0000";

fn ends_in_zeros(id: &str) -> bool {
    id.len() > KEPT && digits(id) && id[KEPT..].bytes().all(|byte| byte == b'0')
}

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_rounded(id: &str) -> bool {
    // A single digit before the point, as a spreadsheet writes it, so that a product 12E+3 is none.
    let Some((mantissa, exponent)) = id.split_once("E+").or_else(|| id.split_once("e+")) else { return false };
    let (whole, fraction) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, "0"));
    whole.len() == 1 && digits(whole) && digits(fraction) && digits(exponent)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is found of an id among plain ones, and beside one of other letters.
    fn found(id: &str) -> [Option<Odd>; 2] {
        ["a", "é"].map(|other| {
            let ids = StringArray::from(vec![Some(other), None, Some(id), Some("")]);
            let found: Vec<(usize, Odd)> = odd_ids(&ids.slice(1, 3)).collect();
            assert!(found.len() <= 1 && found.iter().all(|(row, _)| *row == 1), "{found:?}");
            found.first().map(|(_, odd)| *odd)
        })
    }

    #[test]
    fn every_word_for_null_is_looked_at() {
        for word in WORDS_FOR_NULL {
            assert_eq!(found(&word.to_uppercase()), [Some(Odd::WordForNull); 2], "{word}");
        }
    }

    #[test]
    fn odd_ids_are_told() {
        for (odd, ids) in [
            (Odd::Unseen, vec!["a ", " a", "\ta", "a\u{a0}", "a\u{3000}", "\u{200b}a", "a\u{feff}", "a\u{ad}b"]),
            (Odd::Unseen, vec!["C\0", "a\u{202e}b", "a\tb", "a\u{a0}b"]),
            (
                Odd::WordForNull,
                vec!["NULL", "null", "NA", "n/a", "N/A", "None", "nan", "NaN", "undefined", "#N/A", "\\N"],
            ),
            (Odd::Rounded, vec!["1.23457E+11", "1,23457E+11", "4.5e+12", "1E+05"]),
            (Odd::Rounded, vec!["4000123412340000", "12345678901234500000"]),
            (Odd::Zeros, vec!["4000123412341230", "4000123412341000", "12345678901234500"]),
        ] {
            for id in ids {
                assert_eq!(found(id), [Some(odd); 2], "{id:?}");
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
            assert_eq!(found(plain), [None; 2], "{plain:?}");
        }
    }
}
