//! Whether the division earns its keep: metrics a segment, against all other customers.
//!
//! A metric is one file here and one line in the registry.

mod average_order_value;
mod counts;
mod metric;
mod registry;
mod repeat_rate;
mod revenue_per_customer;
mod rows;
mod totals;
mod wide;

pub use registry::METRICS;
pub use rows::{EffectivenessScope, effectiveness_rows};
pub use totals::{CustomerValues, EffectivenessStatistic, SegmentTotals};
