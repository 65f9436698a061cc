//! Customers with at least two orders over customers with at least one.

use super::metric::{Comparison, Measured, Metric, Unit, compare_shares};

/// A share of the buyers.
#[derive(Debug)]
pub(super) struct RepeatRate;

impl Metric for RepeatRate {
    fn name(&self) -> &'static str {
        "repeat_rate"
    }

    fn unit(&self) -> Unit {
        Unit::Share
    }

    fn measure(&self, comparison: &Comparison<'_>) -> Measured {
        compare_shares(comparison, |totals| (totals.repeaters, totals.buyers), "no customers with an order")
    }
}
