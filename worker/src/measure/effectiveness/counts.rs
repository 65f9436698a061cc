//! Totals: customers, those of them who bought, orders, revenue.

use super::{
    metric::{Cell, Comparison, Measured, Metric, TOTAL, Unit},
    totals::SegmentTotals,
};
use crate::measure::wide::{in_currency, to_f64};

/// Customers of the segment.
#[derive(Debug)]
pub(super) struct Customers;
/// Those with at least one order.
#[derive(Debug)]
pub(super) struct Active;
/// Their distinct orders with a purchase.
#[derive(Debug)]
pub(super) struct Orders;
/// Their revenue, refunds taken off.
#[derive(Debug)]
pub(super) struct Revenue;

impl Metric for Customers {
    fn name(&self) -> &'static str {
        "customers"
    }

    fn unit(&self) -> Unit {
        Unit::Customers
    }

    fn needs_purchases(&self) -> bool {
        false
    }

    fn is_total(&self) -> bool {
        true
    }

    fn measure(&self, comparison: &Comparison<'_>) -> Measured {
        total(comparison, |totals| totals.customers as f64)
    }
}

impl Metric for Active {
    fn name(&self) -> &'static str {
        "active"
    }

    fn unit(&self) -> Unit {
        Unit::Customers
    }

    fn is_total(&self) -> bool {
        true
    }

    fn measure(&self, comparison: &Comparison<'_>) -> Measured {
        total(comparison, |totals| totals.buyers as f64)
    }
}

impl Metric for Orders {
    fn name(&self) -> &'static str {
        "orders"
    }

    fn unit(&self) -> Unit {
        Unit::Orders
    }

    fn is_total(&self) -> bool {
        true
    }

    fn measure(&self, comparison: &Comparison<'_>) -> Measured {
        total(comparison, |totals| to_f64(totals.orders))
    }
}

impl Metric for Revenue {
    fn name(&self) -> &'static str {
        "revenue"
    }

    fn unit(&self) -> Unit {
        Unit::Currency
    }

    fn is_total(&self) -> bool {
        true
    }

    fn measure(&self, comparison: &Comparison<'_>) -> Measured {
        total(comparison, |totals| in_currency(to_f64(totals.net)))
    }
}

fn total(comparison: &Comparison<'_>, value: impl Fn(&SegmentTotals) -> f64) -> Measured {
    let cell = |totals| -> Cell { Ok(value(totals)) };
    Measured {
        value: cell(comparison.own),
        n: comparison.own.customers,
        interval: Err(TOTAL),
        rest: cell(comparison.rest),
        population: cell(comparison.population),
        p_value: Err(TOTAL),
    }
}
