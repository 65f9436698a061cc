//! How sentences of the page are put together.

use crate::report::{self, number, whole};

/// Keeps a name in one piece, whichever way its letters run.
pub(super) fn isolated(name: &str) -> String {
    format!("\u{2068}{name}\u{2069}")
}

/// Gives a name as one that somebody, or the program, has given.
pub(super) fn quoted(name: &str) -> String {
    format!("“{}”", isolated(name))
}

/// Gives a name of a program as words.
pub(super) fn readable(name: &str) -> String {
    name.replace('_', " ")
}

/// Gives `a, b and c`.
pub(super) fn listed(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// Gives a number of things, as `1 row` or `4,990 rows`.
pub(super) fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{} {}", whole(count as i64), if count == 1 { one } else { many })
}

/// Begins with a capital letter.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Gives a share as a percentage that no line ends within.
pub(super) fn percentage(share: f64) -> String {
    report::percentage(share).replace(' ', "\u{a0}")
}

/// Gives a value in its unit, as the tables name units.
pub(super) fn in_unit(value: f64, unit: &str, currency: Option<&str>) -> String {
    match (unit, currency) {
        ("share", _) => percentage(value),
        (unit, Some(currency)) if unit.starts_with("currency") => format!("{}\u{a0}{currency}", number(value)),
        _ => number(value),
    }
}

/// Gives a value that may not be known.
pub(super) fn or_dash(value: Option<String>) -> String {
    value.unwrap_or_else(|| "–".to_owned())
}

/// Says how stable a cluster is by its Jaccard index, after Hennig (2007).
pub(super) fn stability(jaccard: f64) -> &'static str {
    match jaccard {
        0.85.. => "comes back almost unchanged",
        0.75.. => "comes back for the most part",
        0.6.. => "comes back in outline only",
        _ => "does not come back reliably",
    }
}

/// Says how far a spread has moved by its population stability index.
pub(super) fn moved(psi: f64) -> &'static str {
    match psi {
        0.25.. => "a lot",
        0.1.. => "somewhat",
        _ => "hardly",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_put_together() {
        let names = ["a", "b", "c"].map(str::to_owned);
        assert_eq!([listed(&[]), listed(&names[..1]), listed(&names)], ["", "a", "a, b and c"]);
        assert_eq!([counted(1, "row", "rows"), counted(1200, "row", "rows")], ["1 row", "1,200 rows"]);
        assert_eq!(capital("łódź"), "Łódź");
        assert_eq!(in_unit(0.25, "share", None), "25.0\u{a0}%");
        assert_eq!(in_unit(41.26, "currency_per_customer", Some("EUR")), "41.3\u{a0}EUR");
    }
}
