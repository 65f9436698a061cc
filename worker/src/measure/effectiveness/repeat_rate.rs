//! Customers with at least two orders over customers with at least one.

use super::{
    metric::{Cell, Comparison, Measured, Metric, Unit, Why},
    totals::SegmentTotals,
};
use crate::measure::inference::{proportions_p_value, wilson_interval};

/// A proportion; Wilson's interval, z test against the rest with the pooled share.
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
        let (own, rest) = (comparison.own, comparison.rest);
        let p_value = rate(own).and_then(|_| {
            rate(rest).map_err(Why::outside)?;
            proportions_p_value(own.repeaters, own.buyers, rest.repeaters, rest.buyers)
                .ok_or(Why::Own("all rates are 0, or all are 1"))
        });
        Measured {
            value: rate(own),
            n: own.buyers,
            interval: rate(own).map(|_| wilson_interval(own.repeaters, own.buyers)),
            rest: rate(rest).map_err(Why::outside),
            population: rate(comparison.population),
            p_value,
        }
    }
}

fn rate(totals: &SegmentTotals) -> Cell {
    if totals.buyers == 0 {
        return Err(Why::Own("no customers with an order"));
    }
    Ok(totals.repeaters as f64 / totals.buyers as f64)
}
