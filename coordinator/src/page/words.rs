//! How sentences of the page are put together.

use segmenter_worker::words::Words;

/// Keeps a name in one piece, whichever way its letters run.
pub(super) fn isolated(name: &str) -> String {
    format!("\u{2068}{name}\u{2069}")
}

/// Gives a name as one that somebody, or the program, has given.
pub(super) fn quoted(words: &Words, name: &str) -> String {
    words.say("quoted", [("name", isolated(name).into())])
}

/// Gives a name of a program as words.
pub(super) fn readable(name: &str) -> String {
    name.replace('_', " ")
}

/// Gives a name of the program, such as that of a metric, in the words that the language has for it.
pub(super) fn called(words: &Words, kind: &str, name: &str) -> String {
    words.named(kind, name).unwrap_or_else(|| readable(name))
}

/// Gives the name of a feature as words.
pub(super) fn feature(words: &Words, name: &str) -> String {
    words.named("feature", name).unwrap_or_else(|| readable(name))
}

/// Gives the name of a metric as words.
pub(super) fn metric(words: &Words, name: &str) -> String {
    words.named("metric", name).unwrap_or_else(|| readable(name))
}

/// Gives `a, b and c`.
pub(super) fn listed(words: &Words, items: &[String]) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => words.say("list-last", [("first", first.join(", ").into()), ("last", last.into())]),
    }
}

/// Begins with a capital letter.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Gives a share as a percentage that no line ends within.
pub(super) fn percentage(words: &Words, share: f64) -> String {
    words.percentage(share).replace(' ', "\u{a0}")
}

/// Gives a share that stands at a line of a picture.
pub(super) fn percent_tick(words: &Words, share: f64) -> String {
    words.percent(&words.number(share * 100.0))
}

/// Gives a value in its unit, as the tables name units.
pub(super) fn in_unit(words: &Words, value: f64, unit: &str, currency: Option<&str>) -> String {
    match (unit, currency) {
        ("share", _) => percentage(words, value),
        (unit, Some(currency)) if unit.starts_with("currency") => {
            format!("{}\u{a0}{currency}", words.number(value))
        }
        _ => words.number(value),
    }
}

/// Gives a value, with the interval around it where there is one.
pub(super) fn with_range(words: &Words, value: String, range: Option<[String; 2]>) -> String {
    match range {
        Some([low, high]) => {
            words.say("value-range", [("value", value.into()), ("low", low.into()), ("high", high.into())])
        }
        None => value,
    }
}

/// Gives a value that may not be known.
pub(super) fn or_dash(value: Option<String>) -> String {
    value.unwrap_or_else(|| "–".to_owned())
}

/// Says how far a spread has moved by its population stability index.
pub(super) fn moved(words: &Words, psi: f64) -> String {
    words.word(match psi {
        0.25.. => "drift-moved-a-lot",
        0.1.. => "drift-moved-somewhat",
        _ => "drift-moved-hardly",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use segmenter_proto::jobs::Language;

    #[test]
    fn sentences_are_put_together() {
        let english = Words::english();
        let names = ["a", "b", "c"].map(str::to_owned);
        let told = [&names[..0], &names[..1], &names].map(|names| listed(english, names));
        assert_eq!(told, ["", "a", "a, b and c"]);
        assert_eq!(capital("łódź"), "Łódź");
        assert_eq!(in_unit(english, 0.25, "share", None), "25.0\u{a0}%");
        assert_eq!(in_unit(english, 41.26, "currency_per_customer", Some("EUR")), "41.3\u{a0}EUR");
        let polish = Words::of(&Language::new("pl"));
        assert_eq!(in_unit(polish, 0.25, "share", None), "25,0%");
        assert_eq!(
            (quoted(polish, "x").as_str(), listed(polish, &names).as_str()),
            ("„\u{2068}x\u{2069}”", "a, b i c")
        );
    }
}
