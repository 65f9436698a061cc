//! Whether a text names an id.

use serde_json::Value;

/// Says whether a text names an id as a word of its own: `12` is in `12,9.90`, and neither in `112` nor in `12-B`, which are other people.
pub fn names_id(text: &str, id: &str) -> bool {
    let is_apart = |next: Option<char>| next.is_none_or(|next| !next.is_alphanumeric() && !"-_.@+".contains(next));
    text.match_indices(id).any(|(at, found)| {
        is_apart(text[..at].chars().next_back()) && is_apart(text[at + found.len()..].chars().next())
    })
}

/// Says whether the text of a row names an id, however JSON may have written it.
pub(super) fn row_names_id(row: &str, id: &str) -> bool {
    names_id(row, id)
        || (row.contains('\\') && serde_json::from_str::<Value>(row).is_ok_and(|value| value_names_id(&value, id)))
}

fn value_names_id(value: &Value, id: &str) -> bool {
    match value {
        Value::String(text) => names_id(text, id),
        Value::Array(values) => values.iter().any(|value| value_names_id(value, id)),
        Value::Object(values) => values.values().any(|value| value_names_id(value, id)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_of_whom_it_names_and_not_of_whom_it_names_in_part() {
        assert!(names_id("12,9.90", "12") && names_id("{\"id\":\"12\"}", "12") && names_id("x;12", "12"));
        for other in ["112,9.90", "12-B,9.90", "a@12.example", "5,12.50", "A_12"] {
            assert!(!names_id(other, "12"), "{other}");
        }
        assert!(names_id("112,12", "12"), "any place counts");
    }

    #[test]
    fn an_id_that_json_has_escaped_is_found() {
        assert!(
            row_names_id("{\"a\":[{\"id\":\"\\u0043\\u0031\"}]}", "C1") && !row_names_id("{\"id\":\"\\u0043\"}", "C1")
        );
        assert!(row_names_id("{\"id\":\"a\\\"b\"}", "a\"b") && row_names_id("a;\\;C1", "C1"));
    }
}
