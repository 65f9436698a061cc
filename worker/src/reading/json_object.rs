//! Takes values out of one line of JSON as text, with numbers as they are written.

use serde::de::IgnoredAny;
use serde_json::Deserializer;
use std::borrow::Cow;

/// Calls `take` with each key of the object in `line` and the text of its value: strings unescaped, numbers and booleans
/// as written, nested values as JSON, null as none.
///
/// # Errors
///
/// Says at which byte the line is not one JSON object.
pub(super) fn for_each_value<'a>(
    line: &'a str,
    mut take: impl FnMut(&str, &dyn Fn() -> Option<Cow<'a, str>>),
) -> Result<(), usize> {
    let mut at = expect(line, 0, b'{')?;
    let mut after = skip_blanks(line, at);
    if line.as_bytes().get(after) == Some(&b'}') {
        return end(line, after + 1);
    }
    loop {
        let key = skip_blanks(line, after);
        if line.as_bytes().get(key) != Some(&b'"') {
            return Err(key);
        }
        at = value_end(line, key)?;
        let name = unescaped(&line[key..at]).ok_or(key)?;
        let value = skip_blanks(line, expect(line, at, b':')?);
        at = value_end(line, value)?;
        let raw = &line[value..at];
        take(&name, &|| text(raw));
        after = skip_blanks(line, at);
        match line.as_bytes().get(after) {
            Some(b',') => after += 1,
            Some(b'}') => return end(line, after + 1),
            _ => return Err(after),
        }
    }
}

/// Gives the text of a valid JSON value.
fn text(raw: &str) -> Option<Cow<'_, str>> {
    match raw.as_bytes().first() {
        Some(b'"') => unescaped(raw),
        Some(b'n') => None,
        _ => Some(Cow::Borrowed(raw)),
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
    use proptest::prelude::*;

    fn values(line: &str) -> Result<Vec<(String, Option<String>)>, usize> {
        let mut found = Vec::new();
        for_each_value(line, |key, value| found.push((key.to_owned(), value().map(Cow::into_owned))))?;
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
        ] {
            assert!(values(line).is_err(), "{line}");
        }
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
