//! Customers with at least one order over all customers.

use super::metric::{Comparison, Measured, Metric, Unit, compare_shares};

/// A share of the customers.
#[derive(Debug)]
pub(super) struct Conversion;

impl Metric for Conversion {
    fn name(&self) -> &'static str {
        "conversion"
    }

    fn unit(&self) -> Unit {
        Unit::Share
    }

    fn measure(&self, comparison: &Comparison<'_>) -> Measured {
        compare_shares(comparison, |totals| (totals.buyers, totals.customers), "no customers")
    }
}
