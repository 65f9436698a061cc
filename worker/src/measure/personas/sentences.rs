//! Claims in words.

use crate::measure::drivers::written;

/// Gives a share in words.
pub(super) fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

/// Says how a share compares with that of all customers.
pub(super) fn beside_all(share: f64, baseline: f64) -> String {
    match baseline > 0.0 {
        true => format!(
            "{} of them, {} of all customers: {:.1} times as many",
            percent(share),
            percent(baseline),
            share / baseline
        ),
        false => format!("{} of them, {} of all customers", percent(share), percent(baseline)),
    }
}

/// Gives what a number is compared with, in words.
pub(super) fn compared(feature: &str, is_up_to: bool, value: f64) -> String {
    let words = if is_up_to { "at most" } else { "above" };
    format!("{feature} {words} {}", written(value))
}
