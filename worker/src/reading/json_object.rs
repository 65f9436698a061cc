//! Takes values out of one line of JSON as text, with numbers as they are written.

use serde::de::IgnoredAny;
use serde_json::Deserializer;
use std::borrow::Cow;

/// A valid JSON value as it is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct JsonValue<'a>(&'a str);

impl<'a> JsonValue<'a> {
    /// Gives its text: strings unescaped, numbers and booleans as written, nested values as JSON, null as none. A whole number has no
    /// fraction, as writers add one to numbers that were floats: 7.0 is 7.
    pub(super) fn text(self) -> Option<Cow<'a, str>> {
        match self.0.as_bytes().first() {
            Some(b'"') => unescaped(self.0),
            Some(b'n') => None,
            Some(b'-' | b'0'..=b'9') => Some(whole(self.0)),
            _ => Some(Cow::Borrowed(self.0)),
        }
    }

    /// Says whether it is true, false, an array or an object.
    pub(super) fn is_no_text(self) -> bool {
        matches!(self.0.as_bytes().first(), Some(b't' | b'f' | b'[' | b'{'))
    }
}

/// Writes a number that is whole without fraction and exponent; others, and those beyond 2⁵³ with an exponent, stay.
fn whole(number: &str) -> Cow<'_, str> {
    const INEXACT_FROM: f64 = 9_007_199_254_740_992.0;
    if number.contains(['e', 'E']) {
        let value = number.parse::<f64>().ok().filter(|value| value.fract() == 0.0 && value.abs() < INEXACT_FROM);
        return value.map_or(Cow::Borrowed(number), |value| Cow::Owned((value as i64).to_string()));
    }
    match number.split_once('.') {
        Some((whole, fraction)) if fraction.bytes().all(|digit| digit == b'0') => Cow::Borrowed(whole),
        _ => Cow::Borrowed(number),
    }
}

/// Why a line is not one JSON object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NotAnObject {
    /// The byte, from 0.
    pub(super) at: usize,
    /// What was expected there.
    pub(super) expected: &'static str,
}

const OBJECT: &str = "one JSON object";
const CHARACTERS: &str = "whole characters, and not one half of a surrogate pair";

/// Calls `take` with each key of the object in `line` and its value.
///
/// # Errors
///
/// Says at which byte the line is not one JSON object; half a surrogate pair is no character and makes it none.
pub(super) fn for_each_value<'a>(line: &'a str, mut take: impl FnMut(&str, JsonValue<'a>)) -> Result<(), NotAnObject> {
    let not_so = |at| NotAnObject { at, expected: OBJECT };
    // Without such an escape there can be no surrogate, and the check costs nothing.
    let has_escapes = line.contains("\\u");
    let mut at = expect(line, 0, b'{').map_err(not_so)?;
    let mut after = skip_blanks(line, at);
    if line.as_bytes().get(after) == Some(&b'}') {
        return end(line, after + 1).map_err(not_so);
    }
    loop {
        let key = skip_blanks(line, after);
        if line.as_bytes().get(key) != Some(&b'"') {
            return Err(not_so(key));
        }
        at = value_end(line, key).map_err(not_so)?;
        let name = unescaped(&line[key..at]).ok_or(NotAnObject { at: key, expected: CHARACTERS })?;
        let value = skip_blanks(line, expect(line, at, b':').map_err(not_so)?);
        at = value_end(line, value).map_err(not_so)?;
        let raw = &line[value..at];
        if has_escapes && raw.contains("\\u") && serde_json::from_str::<serde_json::Value>(raw).is_err() {
            return Err(NotAnObject { at: value, expected: CHARACTERS });
        }
        take(&name, JsonValue(raw));
        after = skip_blanks(line, at);
        match line.as_bytes().get(after) {
            Some(b',') => after += 1,
            Some(b'}') => return end(line, after + 1).map_err(not_so),
            _ => return Err(not_so(after)),
        }
    }
}

/// Gives the content of a valid JSON string.
fn unescaped(raw: &str) -> Option<Cow<'_, str>> {
    let inner = raw.strip_prefix('"')?.strip_suffix('"')?;
    if inner.contains('\\') { serde_json::from_str(raw).ok().map(Cow::Owned) } else { Some(Cow::Borrowed(inner)) }
}

/// Checks the value at `from` and gives its end.
fn value_end(line: &str, from: usize) -> Result<usize, usize> {
    let mut values = Deserializer::from_str(&line[from..]).into_iter::<IgnoredAny>();
    match values.next() {
        Some(Ok(_)) => Ok(from + values.byte_offset()),
        _ => Err(from),
    }
}

fn expect(line: &str, from: usize, byte: u8) -> Result<usize, usize> {
    let at = skip_blanks(line, from);
    if line.as_bytes().get(at) == Some(&byte) { Ok(at + 1) } else { Err(at) }
}

fn end(line: &str, from: usize) -> Result<(), usize> {
    let at = skip_blanks(line, from);
    if at == line.len() { Ok(()) } else { Err(at) }
}

fn skip_blanks(line: &str, from: usize) -> usize {
    let blanks = line.as_bytes()[from..].iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'));
    from + blanks.count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_number_has_no_fraction() {
        for (written, text) in [
            ("7.0", "7"),
            ("-7.00", "-7"),
            ("7e2", "700"),
            ("7.5e1", "75"),
            ("7.50", "7.50"),
            ("7.5e0", "7.5e0"),
            ("9007199254740993.0", "9007199254740993"),
            ("1e16", "1e16"),
            ("0", "0"),
        ] {
            assert_eq!(whole(written), text, "{written}");
        }
    }
    use proptest::prelude::*;

    fn values(line: &str) -> Result<Vec<(String, Option<String>)>, NotAnObject> {
        let mut found = Vec::new();
        for_each_value(line, |key, value| found.push((key.to_owned(), value.text().map(Cow::into_owned))))?;
        Ok(found)
    }

    #[test]
    fn numbers_keep_their_digits_and_nested_values_are_json() {
        let line = r#" {"a":1.10, "b" : "x\n\u017c\"" ,"c":null,"d":{"e":[1, 2]},"f":true,"g":12345678901234567890123, "":"" } "#;
        let expected = [
            ("a", Some("1.10")),
            ("b", Some("x\nż\"")),
            ("c", None),
            ("d", Some("{\"e\":[1, 2]}")),
            ("f", Some("true")),
            ("g", Some("12345678901234567890123")),
            ("", Some("")),
        ];
        let expected: Vec<_> =
            expected.iter().map(|(key, value)| ((*key).to_owned(), value.map(str::to_owned))).collect();
        assert_eq!(values(line), Ok(expected));
        assert_eq!(values("{}"), Ok(Vec::new()));
        assert_eq!(values(r#"{"a":"\ud83d\ude00"}"#), Ok(vec![("a".to_owned(), Some("😀".to_owned()))]));
    }

    #[test]
    fn what_is_not_one_object_is_refused() {
        for line in [
            "",
            "[1]",
            "{",
            r#"{"a":1"#,
            r#"{"a":1}x"#,
            r#"{"a" 1}"#,
            r#"{a:1}"#,
            r#"{"a":01}"#,
            r#"{"a":1,}"#,
            r#"{"a":"\x"}"#,
            r#"{"a":nul}"#,
            r#"{"a":"\ud83d"}"#,
            r#"{"a":"\uDE00\ud83d"}"#,
            r#"{"\ud83d":1}"#,
        ] {
            assert!(values(line).is_err(), "{line}");
        }
    }

    #[test]
    fn half_a_surrogate_pair_is_no_character() {
        for line in [
            r#"{"a":"\ud83d"}"#,
            r#"{"a":1,"b":"x\ude00y"}"#,
            r#"{"a":{"b":["\ud83d\ud83d"]}}"#,
            r#"{"a\ud83d":1}"#,
            r#"{"a":"\ude00\ud83d"}"#,
        ] {
            assert_eq!(values(line).unwrap_err().expected, CHARACTERS, "{line}");
        }
        let whole = values(r#"{"a":"\ud83d\ude00","b":"\\ud83d"}"#).unwrap();
        assert_eq!((whole[0].1.as_deref(), whole[1].1.as_deref()), (Some("😀"), Some("\\ud83d")));
    }

    #[test]
    fn what_is_no_text_is_told() {
        let mut found = Vec::new();
        let line = r#"{"a":true,"b":false,"c":[1],"d":{},"e":"true","f":1,"g":null}"#;
        for_each_value(line, |key, value| found.extend(value.is_no_text().then(|| key.to_owned()))).unwrap();
        assert_eq!(found, ["a", "b", "c", "d"]);
    }

    proptest! {
        #[test]
        fn agrees_with_serde(text in "\\PC{0,12}", number in any::<f64>(), key in "\\PC{0,5}") {
            prop_assume!(number.is_finite() && key != "n");
            let object = serde_json::json!({ key.clone(): text, "n": number });
            let line = object.to_string();
            let found = values(&line).unwrap();
            prop_assert_eq!(&found[0], &(key, Some(text)));
            prop_assert_eq!(found[1].1.as_ref().unwrap().parse::<f64>().unwrap().to_bits(), number.to_bits());
        }
    }
}
