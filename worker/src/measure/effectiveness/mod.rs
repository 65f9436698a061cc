//! Whether the division earns its keep: metrics a segment, against all other customers.
//!
//! A metric is one file here and one line in the registry.

mod average_order_value;
mod conversion;
mod counts;
mod metric;
mod own;
mod own_metric;
mod registry;
mod repeat_rate;
mod retention;
mod revenue_per_customer;
mod rows;
mod totals;

pub(super) use own::OwnTotals;
pub use own::OwnValues;
pub use registry::METRICS;
pub use rows::{Basis, EffectivenessScope, effectiveness_rows};
pub use totals::{CustomerValues, EffectivenessStatistic, SegmentTotals};

#[cfg(test)]
mod noise_tests;
