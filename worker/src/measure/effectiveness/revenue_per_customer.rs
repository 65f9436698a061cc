//! Net revenue a customer, zeros included: ΣR / N.

use super::{
    metric::{Cell, Comparison, Measured, Metric, TOO_LARGE, Unit, Why, compare_estimates},
    totals::SegmentTotals,
};
use crate::measure::{
    inference::Estimate,
    wide::{centred, in_currency, to_f64},
};
use arrow::datatypes::i256;

/// Mean net revenue; Student's interval, Welch's t test against the rest.
#[derive(Debug)]
pub(super) struct RevenuePerCustomer;

impl Metric for RevenuePerCustomer {
    fn name(&self) -> &'static str {
        "revenue_per_customer"
    }

    fn unit(&self) -> Unit {
        Unit::CurrencyPerCustomer
    }

    fn measure(&self, comparison: &Comparison<'_>) -> Measured {
        let (own, rest) = (estimate(comparison.own), estimate(comparison.rest));
        compare_estimates(own, rest, mean, comparison, comparison.own.customers)
    }
}

fn mean(totals: &SegmentTotals) -> Cell {
    if totals.customers == 0 {
        return Err(Why::Own("no customers"));
    }
    Ok(in_currency(to_f64(totals.net)) / totals.customers as f64)
}

fn estimate(totals: &SegmentTotals) -> Cell<Estimate> {
    let value = mean(totals)?;
    if totals.customers < 2 {
        return Err(Why::Own("fewer than two customers"));
    }
    let count = i256::from_i128(i128::from(totals.customers));
    let n = totals.customers as f64;
    // n·Σx² − (Σx)² = n·(n − 1)·s², and the squared standard error is s²/n.
    let centred = centred(count, totals.net_squared, totals.net, totals.net).ok_or(TOO_LARGE)?;
    let variance = in_currency(in_currency(centred)) / (n * n * (n - 1.0));
    Ok(Estimate { value, variance, df: n - 1.0 })
}
