//! All metrics, in the order of the table.

use super::{
    average_order_value::AverageOrderValue,
    counts::{Customers, Orders, Revenue},
    metric::Metric,
    repeat_rate::RepeatRate,
    revenue_per_customer::RevenuePerCustomer,
};

/// Names of all metrics, in the order of the table.
pub const METRICS: [&str; 6] =
    ["customers", "orders", "revenue", "revenue_per_customer", "average_order_value", "repeat_rate"];

pub(super) const REGISTRY: [&dyn Metric; METRICS.len()] =
    [&Customers, &Orders, &Revenue, &RevenuePerCustomer, &AverageOrderValue, &RepeatRate];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_those_of_the_metrics() {
        assert_eq!(REGISTRY.map(|metric| metric.name()), METRICS);
    }
}
