//! Claims in words.

use crate::{measure::drivers::written, words::Words};

/// Gives a share in words.
pub(super) fn percent(words: &Words, share: f64) -> String {
    words.percent(&words.fixed(share * 100.0, 0))
}

/// Gives a ratio in words.
pub(super) fn times(words: &Words, ratio: f64) -> String {
    words.fixed(ratio, 1)
}

/// Gives a name of the program as sentences have it.
pub(super) fn called(words: &Words, feature: &str) -> String {
    words.translated("feature", feature).unwrap_or_else(|| feature.to_owned())
}

/// Says how a share compares with that of all customers.
pub(super) fn beside_all(words: &Words, share: f64, baseline: f64) -> String {
    let (own, all) = (percent(words, share), percent(words, baseline));
    if baseline <= 0.0 {
        return words.say("persona-shares-beside-none", [("share", own.into()), ("all", all.into())]);
    }
    let times = times(words, share / baseline);
    words.say("persona-shares", [("share", own.into()), ("all", all.into()), ("times", times.into())])
}

/// Says what a number is compared with, and of how many that is true.
pub(super) fn compared(words: &Words, feature: &str, is_up_to: bool, value: f64, shares: String) -> String {
    let id = if is_up_to { "persona-at-most" } else { "persona-above" };
    let value = words.written(&written(value));
    words.say(id, [("feature", called(words, feature).into()), ("value", value.into()), ("shares", shares.into())])
}
