//! What is known of a feature by its name: those of presets, and whatever is called like them.

use segmenter_worker::words::Words;

/// Asks for a feature by its name, else by its name without what tells its window: `recency_days_90d` is a `recency_days`.
pub(super) fn by_name<T>(feature: &str, find: impl Fn(&str) -> Option<T>) -> Option<T> {
    let without_window = feature.rmatch_indices('_').find_map(|(at, _)| {
        let tells_window = feature[at + 1..].starts_with(|first: char| first.is_ascii_digit());
        tells_window.then(|| &feature[..at])
    });
    find(feature).or_else(|| find(without_window?))
}

/// Gives the name of a feature as words.
pub(super) fn readable(words: &Words, feature: &str) -> String {
    words.named("feature", feature).unwrap_or_else(|| feature.replace('_', " "))
}

/// How a level answers the question that its feature asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    Yes,
    No,
    /// It says something by itself.
    Word,
    /// It says something only beside the name of its feature, such as a number.
    Sign,
}

/// Says how a level answers.
pub(super) fn answer(level: &str) -> Answer {
    let small = level.trim().to_lowercase();
    match small.as_str() {
        "true" | "yes" | "y" | "t" | "tak" => Answer::Yes,
        "false" | "no" | "n" | "f" | "nie" => Answer::No,
        // One or two letters, or nothing but digits and signs.
        text if text.chars().filter(|letter| letter.is_alphabetic()).count() < 3 => Answer::Sign,
        _ => Answer::Word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_in_a_name_is_passed_over() {
        let known = |name: &str| ["recency_days", "store_share"].contains(&name).then(|| name.to_owned());
        let of = |feature| by_name(feature, known);
        for feature in ["recency_days", "recency_days_90d", "recency_days_365d"] {
            assert_eq!(of(feature).as_deref(), Some("recency_days"));
        }
        assert_eq!(of("store_share_1y").as_deref(), Some("store_share"));
        for other in ["recency", "recency_days_of_returns", "days", "_1y"] {
            assert_eq!(of(other), None, "{other}");
        }
    }

    #[test]
    fn levels_that_say_nothing_alone_need_their_feature() {
        let told = ["Yes", "no", "fiber", "Month-to-month", "12", "A1", "Kraków", "3-4"].map(answer);
        let [yes, no, word, sign] = [Answer::Yes, Answer::No, Answer::Word, Answer::Sign];
        assert_eq!(told, [yes, no, word, word, sign, sign, word, sign]);
    }
}
