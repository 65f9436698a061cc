//! Gross purchases over orders: ΣG / ΣO, refunds not taken off.

use super::{
    metric::{Cell, Comparison, Measured, Metric, TOO_LARGE, Unit, Why, compare_estimates},
    totals::SegmentTotals,
};
use crate::measure::{
    inference::Estimate,
    wide::{in_currency, to_f64},
};
use arrow::datatypes::i256;

/// A ratio of two sums over customers, since a customer's orders are no independent draws: its squared standard error is
/// the linearised one (the delta method; Cochran 1977, Sampling Techniques, 6.4), with which Student's interval and Welch's test
/// are taken over the customers with an order.
#[derive(Debug)]
pub(super) struct AverageOrderValue;

impl Metric for AverageOrderValue {
    fn name(&self) -> &'static str {
        "average_order_value"
    }

    fn unit(&self) -> Unit {
        Unit::CurrencyPerOrder
    }

    fn measure(&self, comparison: &Comparison<'_>) -> Measured {
        let (own, rest) = (estimate(comparison.own), estimate(comparison.rest));
        let orders = comparison.own.orders.to_i128().and_then(|orders| u64::try_from(orders).ok());
        compare_estimates(own, rest, ratio, comparison, orders.unwrap_or(u64::MAX))
    }
}

fn ratio(totals: &SegmentTotals) -> Cell {
    if totals.orders == i256::ZERO {
        return Err(Why::Own("no orders"));
    }
    Ok(in_currency(to_f64(totals.gross)) / to_f64(totals.orders))
}

fn estimate(totals: &SegmentTotals) -> Cell<Estimate> {
    let value = ratio(totals)?;
    if totals.buyers < 2 {
        return Err(Why::Own("fewer than two customers with an order"));
    }
    let residuals = residual_squares(totals).ok_or(TOO_LARGE)?;
    let (n, orders) = (totals.buyers as f64, to_f64(totals.orders));
    // With z = g − r·o, whose mean is 0: n·s²(z) / (ΣO)², and s²(z) = Σz² / (n − 1).
    let variance = in_currency(in_currency(residuals)) / (orders * orders) * (n / (n - 1.0)) / (orders * orders);
    Ok(Estimate { value, variance, df: n - 1.0 })
}

/// Σ(g·ΣO − o·ΣG)², which is (ΣO)²·Σz², exactly: (ΣO)²·Σg² − 2·ΣG·ΣO·Σgo + (ΣG)²·Σo².
fn residual_squares(totals: &SegmentTotals) -> Option<f64> {
    let (orders, gross) = (totals.orders, totals.gross);
    let twice = i256::from_i128(2);
    let squares = orders.checked_mul(orders)?.checked_mul(totals.gross_squared)?;
    let cross = twice.checked_mul(gross.checked_mul(orders)?)?.checked_mul(totals.gross_orders)?;
    let orders_squares = gross.checked_mul(gross)?.checked_mul(totals.orders_squared)?;
    squares.checked_sub(cross)?.checked_add(orders_squares).map(to_f64)
}
