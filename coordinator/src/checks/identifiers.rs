use std::ops::Range;

/// Gives the names in an SQL expression with their bytes, quoted ones without their quotes; texts in single quotes are none.
///
/// This is no parser: it finds words that may name a segmentation. The expression itself is checked with the engine's parser.
pub(crate) fn identifiers(sql: &str) -> Vec<(&str, Range<usize>)> {
    let mut found = Vec::new();
    let mut rest = 0;
    while let Some(first) = sql[rest..].chars().next() {
        let start = rest;
        rest += match first {
            '\'' | '"' => {
                let end = sql[start + 1..].find(first).map_or(sql.len(), |offset| start + 1 + offset);
                if first == '"' {
                    found.push((&sql[start + 1..end], start..(end + 1).min(sql.len())));
                }
                (end + 1).min(sql.len()) - start
            }
            letter if letter.is_alphabetic() || letter == '_' => {
                let length = sql[start..].find(|letter: char| !(letter.is_alphanumeric() || letter == '_'));
                let end = length.map_or(sql.len(), |length| start + length);
                found.push((&sql[start..end], start..end));
                end - start
            }
            digit if digit.is_ascii_digit() => {
                let length = sql[start..].find(|letter: char| !(letter.is_alphanumeric() || letter == '_'));
                length.unwrap_or(sql.len() - start)
            }
            other => other.len_utf8(),
        };
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_names_and_no_texts() {
        let sql = "value = 'it''s tiers' and \"Total Flights\" > 1e5 or żółw='";
        let names: Vec<&str> = identifiers(sql).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["value", "and", "Total Flights", "or", "żółw"]);
        for (name, within) in identifiers(sql) {
            assert!(sql[within].contains(name));
        }
    }
}
