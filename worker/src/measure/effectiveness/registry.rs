//! All metrics, in the order of the table.

use super::{
    average_order_value::AverageOrderValue,
    conversion::Conversion,
    counts::{Active, Customers, Orders, Revenue},
    metric::Metric,
    repeat_rate::RepeatRate,
    retention::{Churn, Retention},
    revenue_per_customer::RevenuePerCustomer,
};

/// Names of all metrics, in the order of the table.
pub const METRICS: [&str; 10] = [
    "customers",
    "active",
    "orders",
    "revenue",
    "revenue_per_customer",
    "average_order_value",
    "conversion",
    "repeat_rate",
    "retention",
    "churn",
];

pub(super) const REGISTRY: [&dyn Metric; METRICS.len()] = [
    &Customers,
    &Active,
    &Orders,
    &Revenue,
    &RevenuePerCustomer,
    &AverageOrderValue,
    &Conversion,
    &RepeatRate,
    &Retention,
    &Churn,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_those_of_the_metrics() {
        assert_eq!(REGISTRY.map(|metric| metric.name()), METRICS);
    }
}
