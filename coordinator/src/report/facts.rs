//! What is said of a segment's place in one feature, as people say it: `last bought 12 days ago (all: 92)`.

use super::vocabulary::{Answer, answer, by_name, readable};
use segmenter_worker::words::Words;

/// What a mean of a feature, or the share of a level, is like in a segment and among all.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fact<'a> {
    /// The feature's name.
    pub(crate) feature: &'a str,
    /// The level; none of a number.
    pub(crate) level: Option<&'a str>,
    /// The mean, or the share that has the level.
    pub(crate) value: f64,
    /// The same of all.
    pub(crate) of_all: f64,
}

/// How numbers are told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Telling<'a> {
    /// The language.
    pub(crate) words: &'a Words,
    /// The currency of the job; none: amounts are numbers.
    pub(crate) currency: Option<&'a str>,
    /// Whether levels are kept in one piece, whichever way their letters run: a page does so, a terminal cannot.
    pub(crate) isolates: bool,
}

impl Telling<'_> {
    /// Says a fact.
    pub(crate) fn fact(&self, fact: Fact<'_>) -> String {
        let (told, all) = match fact.level {
            None => self.number(fact),
            Some(level) => self.level(fact, level),
        };
        self.words.say("fact-beside", [("fact", told.into()), ("all", all.into())])
    }

    /// Gives what is said of a number, and the number of all as it is told.
    fn number(&self, Fact { feature, value, of_all, .. }: Fact<'_>) -> (String, String) {
        let Self { words, .. } = self;
        let told = |form: &dyn Fn(f64) -> String| [value, of_all].map(form);
        // Of a feature that is known by its name, its message says what its numbers are.
        let known = by_name(feature, |name| {
            let (money, share) = (|value| self.money(value), |value| words.percentage(value));
            let [[of_money, all_money], [of_share, all_share], [of_count, all_count]] =
                [told(&money), told(&share), told(&|value| words.number(value))];
            let said = |text: Option<String>, all: String| text.map(|text| (text, all));
            said(words.say_named("fact-money", name, [("value", of_money.into())]), all_money)
                .or_else(|| said(words.say_named("fact-share", name, [("value", of_share.into())]), all_share))
                .or_else(|| {
                    // Of one there is one.
                    let one = (of_count == "1").then(|| words.named("fact-one", name)).flatten();
                    let count = one.or_else(|| words.say_named("fact-count", name, [("value", of_count.into())]));
                    said(count, all_count)
                })
        });
        known.unwrap_or_else(|| {
            let is_share = feature.ends_with("_share") || feature.ends_with("_rate");
            let [own, all] = match is_share && (0.0..=1.0).contains(&of_all) {
                true => told(&|value| words.percentage(value)),
                false => told(&|value| words.number(value)),
            };
            (words.say("fact-number", [("feature", readable(words, feature).into()), ("value", own.into())]), all)
        })
    }

    /// Gives what is said of a level, and the share of all as it is told.
    fn level(&self, Fact { feature, value, of_all, .. }: Fact<'_>, level: &str) -> (String, String) {
        let words = self.words;
        let text = readable(words, feature);
        let [share, all] = [value, of_all].map(|share| words.percentage(share));
        let thing = ["is ", "has "].iter().find_map(|prefix| text.strip_prefix(prefix)).unwrap_or(&text);
        let told = match answer(level) {
            Answer::Yes => words.say("fact-yes", [("feature", thing.into()), ("share", share.into())]),
            Answer::No => words.say("fact-no", [("feature", thing.into()), ("share", share.into())]),
            _ => {
                let level = if self.isolates { format!("\u{2068}{level}\u{2069}") } else { level.to_owned() };
                let told = [("feature", text.as_str().into()), ("level", level.into()), ("share", share.into())];
                words.say("fact-level", told)
            }
        };
        (told, all)
    }

    fn money(&self, value: f64) -> String {
        let number = self.words.number(value);
        match self.currency {
            Some(currency) => format!("{number}\u{a0}{currency}"),
            None => number,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use segmenter_proto::jobs::Language;

    fn told(language: &str, feature: &str, level: Option<&str>, value: f64, of_all: f64) -> String {
        let telling = Telling { words: Words::of(&Language::new(language)), currency: Some("EUR"), isolates: false };
        telling.fact(Fact { feature, level, value, of_all })
    }

    #[test]
    fn features_of_presets_are_told_as_people_say_it() {
        for (feature, value, all, expected) in [
            ("recency_days", 12.2, 92.0, "last bought 12.2 days ago (all: 92)"),
            ("frequency_1y", 14.25, 4.28, "14.2 orders (all: 4.28)"),
            ("frequency", 1.0, 4.28, "1 order (all: 4.28)"),
            ("monetary", 8120.4, 1930.2, "8,120\u{a0}EUR in all (all: 1,930\u{a0}EUR)"),
            ("promo_share", 0.62, 0.181, "62.0 % of purchases on promotion (all: 18.1 %)"),
            ("shoe_size", 44.0, 40.5, "shoe size 44 (all: 40.5)"),
            ("sock_share", 0.25, 0.5, "sock share 25.0 % (all: 50.0 %)"),
            ("burn_rate", 25.0, 50.0, "burn rate 25 (all: 50)"),
        ] {
            assert_eq!(told("en", feature, None, value, all), expected);
        }
        assert_eq!(
            told("pl", "monetary", None, 8120.4, 1930.2),
            "8\u{a0}120\u{a0}EUR łącznie (wszyscy: 1\u{a0}930\u{a0}EUR)"
        );
    }

    #[test]
    fn levels_are_told_with_their_share() {
        for (feature, level, expected) in [
            ("is_member", "true", "62.0 % member (all: 18.1 %)"),
            ("partner", "No", "62.0 % not partner (all: 18.1 %)"),
            ("internet", "fiber", "internet fiber 62.0 % (all: 18.1 %)"),
        ] {
            assert_eq!(told("en", feature, Some(level), 0.62, 0.181), expected);
        }
    }
}
