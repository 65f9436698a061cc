//! Numbers as people read them in English.

use segmenter_worker::words::Words;

/// Gives a whole number with thousands separators.
pub(crate) fn whole(value: i64) -> String {
    Words::english().whole(value)
}

/// Gives a number with three digits that matter, and thousands separators.
pub(crate) fn number(value: f64) -> String {
    Words::english().number(value)
}

/// Gives a share as a percentage with one decimal.
pub(crate) fn percentage(share: f64) -> String {
    Words::english().percentage(share)
}
