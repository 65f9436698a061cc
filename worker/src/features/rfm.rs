//! The preset `rfm`: recency, frequency, monetary, tenure and average order value.

use super::{
    presets::PresetFamily,
    purchases::{Purchases, sums_to_decimal},
};
use crate::partition::divide_half_away;
use arrow::{
    array::{ArrayRef, Decimal128Array, Int32Array, Int64Array},
    datatypes::{DataType, Field},
};
use chrono::{DateTime, NaiveDate};
use chrono_tz::Tz;
use segmenter_proto::{Error, Result};
use std::sync::Arc;

/// Recency, frequency and monetary.
#[derive(Debug)]
pub struct Rfm;

impl PresetFamily for Rfm {
    fn name(&self) -> &'static str {
        "rfm"
    }

    fn fields(&self) -> Vec<Field> {
        vec![
            Field::new("recency_days", DataType::Int32, true),
            Field::new("frequency", DataType::Int64, false),
            Field::new("monetary", DataType::Decimal128(28, 4), false),
            Field::new("tenure_days", DataType::Int32, true),
            Field::new("average_order_value", DataType::Decimal128(18, 4), true),
        ]
    }

    fn compute(&self, purchases: &Purchases, as_of: NaiveDate, zone: Tz) -> Result<Vec<ArrayRef>> {
        let days = |times: &[Option<i64>]| -> Int32Array {
            times.iter().map(|time| time.and_then(|time| days_before(as_of, time, zone))).collect()
        };
        let average: Decimal128Array = purchases
            .gross
            .iter()
            .zip(&purchases.orders)
            .map(|(&gross, &orders)| (orders > 0).then(|| divide_half_away(gross, orders.into())))
            .collect();
        let average = average
            .with_precision_and_scale(18, 4)
            .and_then(|average| average.validate_decimal_precision(18).map(|()| average))
            .map_err(|error| Error::data("average_order_value does not fit decimal(18,4)").caused_by(error))?;
        Ok(vec![
            Arc::new(days(&purchases.last)),
            Arc::new(Int64Array::from(purchases.orders.clone())),
            sums_to_decimal("monetary", purchases.net.iter().copied().map(Some))?,
            Arc::new(days(&purchases.first)),
            Arc::new(average),
        ])
    }
}

/// Gives date(as_of) − date(time), the dates being those of `zone`.
fn days_before(as_of: NaiveDate, time: i64, zone: Tz) -> Option<i32> {
    let date = DateTime::from_timestamp_micros(time)?.with_timezone(&zone).date_naive();
    i32::try_from(as_of.signed_duration_since(date).num_days()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_the_zone_s_day() {
        let as_of = NaiveDate::from_ymd_opt(2026, 1, 2).unwrap();
        let late = DateTime::parse_from_rfc3339("2025-12-31T23:30:00Z").unwrap().timestamp_micros();
        assert_eq!(days_before(as_of, late, Tz::UTC), Some(2));
        assert_eq!(days_before(as_of, late, Tz::Europe__Warsaw), Some(1));
    }
}
