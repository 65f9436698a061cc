//! Who comes back: of the customers with an order in the window before, those with one in the outcome window, and the others.

use super::{
    metric::{Comparison, Measured, Metric, Unit, compare_shares},
    totals::SegmentTotals,
};

/// The share of those who were active before that is active again.
#[derive(Debug)]
pub(super) struct Retention;
/// The share of those who were active before that is not.
#[derive(Debug)]
pub(super) struct Churn;

const NOBODY: &str = "no customers with an order in the window before";

impl Metric for Retention {
    fn name(&self) -> &'static str {
        "retention"
    }

    fn unit(&self) -> Unit {
        Unit::Share
    }

    fn needs_outcome(&self) -> bool {
        true
    }

    fn measure(&self, comparison: &Comparison<'_>) -> Measured {
        compare_shares(comparison, |totals| (totals.active_again, totals.active_before), NOBODY)
    }
}

impl Metric for Churn {
    fn name(&self) -> &'static str {
        "churn"
    }

    fn unit(&self) -> Unit {
        Unit::Share
    }

    fn needs_outcome(&self) -> bool {
        true
    }

    fn measure(&self, comparison: &Comparison<'_>) -> Measured {
        let gone = |totals: &SegmentTotals| totals.active_before - totals.active_again;
        compare_shares(comparison, |totals| (gone(totals), totals.active_before), NOBODY)
    }
}
