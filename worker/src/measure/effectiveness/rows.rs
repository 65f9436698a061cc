//! From the merged statistic to the rows of `effectiveness.parquet`.

use super::{
    metric::{Cell, Comparison, Measured, Metric, Why},
    registry::REGISTRY,
    totals::{EffectivenessStatistic, SegmentTotals},
};
use crate::{
    measure::{
        groups::apart_from_all,
        inference::{INTERVAL_LEVEL, benjamini_hochberg},
    },
    results::EffectivenessRow,
};
use chrono::NaiveDate;
use segmenter_proto::{Error, Result};

/// Which segmentation is measured, and over what.
#[derive(Debug, Clone, Copy)]
pub struct EffectivenessScope<'a> {
    /// Name of the segmentation.
    pub segmentation: &'a str,
    /// Keys of the segments, in the order of the labels.
    pub segment_keys: &'a [String],
    /// Whether a customer can be in several of them.
    pub overlapping: bool,
    /// First day of the window; none: all history.
    pub window_start: Option<NaiveDate>,
    /// The day before which the window ends: `as_of`.
    pub window_end: NaiveDate,
    /// ISO 4217 code of every amount.
    pub currency: &'a str,
}

/// Gives the rows of one segmentation, by segment and metric, on the basis `in_sample`.
///
/// The rest are all customers of the segmentation who are not in the segment, `out_of_scope` and `no_purchases` among them. On this basis
/// the segments were made from the very values that are compared: p- and q-values describe, they do not prove.
///
/// # Errors
/// A bug where the statistic has other segments than the scope.
pub fn effectiveness_rows(
    scope: &EffectivenessScope<'_>,
    statistic: &EffectivenessStatistic,
) -> Result<Vec<EffectivenessRow>> {
    let (by_segment, all) = apart_from_all(&statistic.by_segment, scope.overlapping)?;
    if by_segment.len() != scope.segment_keys.len() {
        return Err(Error::bug(format!("effectiveness of segmentation {} has other segments", scope.segmentation)));
    }
    let population = all.cloned().unwrap_or_else(|| {
        let mut population = SegmentTotals::default();
        by_segment.iter().for_each(|totals| population.merge(totals));
        population
    });
    let mut rows = Vec::new();
    for (key, own) in scope.segment_keys.iter().zip(by_segment) {
        let rest = population.without(own);
        let comparison = Comparison { own, rest: &rest, population: &population };
        rows.extend(REGISTRY.iter().map(|metric| row(scope, key, *metric, metric.measure(&comparison))));
    }
    let tested: Vec<f64> = rows.iter().filter_map(|row| row.p_value).collect();
    let mut q_values = benjamini_hochberg(&tested).into_iter();
    for row in rows.iter_mut().filter(|row| row.p_value.is_some()) {
        row.q_value = q_values.next();
    }
    Ok(rows)
}

fn row(scope: &EffectivenessScope<'_>, key: &str, metric: &dyn Metric, measured: Measured) -> EffectivenessRow {
    let lift = match (measured.value, measured.rest) {
        (Ok(value), Ok(rest)) if rest > 0.0 => Ok(value / rest),
        (Ok(_), Ok(_)) => Err(Why::Own("the rest's value is not above 0")),
        (Err(why), _) | (_, Err(why)) => Err(why),
    };
    EffectivenessRow {
        segmentation: scope.segmentation.to_owned(),
        segment_key: key.to_owned(),
        metric: metric.name().to_owned(),
        basis: "in_sample".to_owned(),
        window_start: scope.window_start,
        window_end: scope.window_end,
        unit: metric.unit().as_str().to_owned(),
        currency: metric.unit().is_money().then(|| scope.currency.to_owned()),
        value: measured.value.ok(),
        n: i64::try_from(measured.n).unwrap_or(i64::MAX),
        ci_low: measured.interval.ok().map(|(low, _)| low),
        ci_high: measured.interval.ok().map(|(_, high)| high),
        ci_level: measured.interval.ok().map(|_| INTERVAL_LEVEL),
        rest_value: measured.rest.ok(),
        population_value: measured.population.ok(),
        lift: lift.ok(),
        p_value: measured.p_value.ok(),
        q_value: None,
        reason: reason(&measured, lift),
    }
}

/// Gives why cells are null, as `cells: why; cells: why`, in the order of the columns.
fn reason(measured: &Measured, lift: Cell) -> Option<String> {
    let cells = [
        ("value", measured.value.err()),
        ("ci", measured.interval.err()),
        ("rest_value", measured.rest.err()),
        ("population_value", measured.population.err()),
        ("lift", lift.err()),
        ("p_value, q_value", measured.p_value.err()),
    ];
    let mut by_why: Vec<(Why, Vec<&str>)> = Vec::new();
    for (cell, why) in cells {
        let Some(why) = why else { continue };
        match by_why.iter_mut().find(|(known, _)| *known == why) {
            Some((_, named)) => named.push(cell),
            None => by_why.push((why, vec![cell])),
        }
    }
    let parts: Vec<String> = by_why.iter().map(|(why, cells)| format!("{}: {why}", cells.join(", "))).collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::{effectiveness::CustomerValues, groups::Groups};
    use arrow::buffer::BooleanBuffer;
    use proptest::prelude::*;

    const MONEY: i128 = 10_000;

    fn measured(
        labels: &[u32],
        segments: usize,
        orders: &[i64],
        gross: &[i128],
        net: &[i128],
    ) -> Vec<EffectivenessRow> {
        let values = CustomerValues { orders, gross, net };
        let groups = Groups::apart(labels, segments).unwrap();
        let statistic = EffectivenessStatistic::of_shard(&groups, &values).unwrap();
        let travelled = EffectivenessStatistic::from_message(&statistic.to_message()).unwrap();
        assert_eq!(travelled, statistic);
        let keys: Vec<String> = (1..=segments).map(|segment| format!("c{segment:02}")).collect();
        let scope = EffectivenessScope {
            segmentation: "behaviour",
            segment_keys: &keys,
            overlapping: false,
            window_start: None,
            window_end: NaiveDate::from_ymd_opt(2026, 11, 21).unwrap(),
            currency: "PLN",
        };
        effectiveness_rows(&scope, &travelled).unwrap()
    }

    fn find<'a>(rows: &'a [EffectivenessRow], key: &str, metric: &str) -> &'a EffectivenessRow {
        rows.iter().find(|row| row.segment_key == key && row.metric == metric).unwrap()
    }

    fn close(value: Option<f64>, expected: f64) -> bool {
        value.is_some_and(|value| (value - expected).abs() < 1e-9)
    }

    /// Segment 1: four customers with 1, 2, 3, 0 orders; segment 2: three with 1, 1, 4.
    fn example() -> Vec<EffectivenessRow> {
        let gross = [10, 30, 65, 0, 20, 40, 60].map(|amount| amount * MONEY);
        let net = [10, 30, 60, 0, 20, 40, 60].map(|amount| amount * MONEY);
        measured(&[0, 0, 0, 0, 1, 1, 1], 2, &[1, 2, 3, 0, 1, 1, 4], &gross, &net)
    }

    #[test]
    fn values_are_those_of_hand_arithmetic() {
        let rows = example();
        assert_eq!(rows.len(), 12);
        for (metric, value, n, rest, population) in [
            ("customers", 4.0, 4, 3.0, 7.0),
            ("orders", 6.0, 4, 6.0, 12.0),
            ("revenue", 100.0, 4, 120.0, 220.0),
            ("revenue_per_customer", 25.0, 4, 40.0, 220.0 / 7.0),
            ("average_order_value", 17.5, 6, 20.0, 225.0 / 12.0),
            ("repeat_rate", 2.0 / 3.0, 3, 1.0 / 3.0, 0.5),
        ] {
            let row = find(&rows, "c01", metric);
            assert!(close(row.value, value) && close(row.rest_value, rest), "{row:?}");
            assert!(close(row.population_value, population) && close(row.lift, value / rest), "{row:?}");
            assert_eq!((row.n, row.currency.is_some()), (n, row.unit.starts_with("currency")), "{row:?}");
        }
    }

    #[test]
    fn the_mean_has_welchs_test_and_students_interval() {
        let rows = example();
        let row = find(&rows, "c01", "revenue_per_customer");
        // 10, 30, 60, 0: s² = 2100/3 = 700, se = √175 = 13.2287566, t(0.975, 3) = 3.182446305.
        assert!(close(row.ci_low, 25.0 - 3.182_446_305_284_263 * 175.0_f64.sqrt()), "{row:?}");
        // 20, 40, 60: s² = 400; t = −15 / √(175 + 400/3), df = 308.33² / (175²/3 + 133.33²/2) = 4.9787.
        let own = crate::measure::inference::Estimate { value: 25.0, variance: 175.0, df: 3.0 };
        let rest = crate::measure::inference::Estimate { value: 40.0, variance: 400.0 / 3.0, df: 2.0 };
        let p = crate::measure::inference::welch_p_value(&own, &rest).unwrap();
        assert!(close(row.p_value, p) && (0.43..0.44).contains(&p), "{p}");
        assert_eq!(row.ci_level, Some(0.95));
    }

    #[test]
    fn the_order_value_has_the_linearised_error() {
        let rows = example();
        let row = find(&rows, "c01", "average_order_value");
        // r = 17.5; z = 10 − 17.5, 30 − 35, 65 − 52.5 = −7.5, −5, 12.5; Σz² = 237.5; se² = 3·118.75/36, t(0.975, 2).
        let half = 4.302_652_729_749_464 * (3.0 * 118.75 / 36.0_f64).sqrt();
        assert!(close(row.ci_low, 17.5 - half) && close(row.ci_high, 17.5 + half), "{row:?}");
        assert!(row.p_value.is_some() && row.q_value >= row.p_value);
        // A customer without orders says nothing about the value of an order.
        let without = measured(&[0, 0, 0], 1, &[1, 2, 3], &[10, 30, 65].map(|v| v * MONEY), &[0; 3]);
        assert_eq!(find(&without, "c01", "average_order_value").ci_low, row.ci_low);
    }

    #[test]
    fn of_segments_that_overlap_the_rest_is_who_is_not_in_it() {
        let members: [&[bool]; 2] = [&[true, true, false, false], &[false, true, true, false]];
        let groups = Groups::Overlapping(members.iter().map(|who| BooleanBuffer::from(*who)).collect());
        let net = [10, 20, 40, 80].map(|amount| amount * MONEY);
        let values = CustomerValues { orders: &[1, 1, 2, 0], gross: &net, net: &net };
        let statistic = EffectivenessStatistic::of_shard(&groups, &values).unwrap();
        let keys = ["big", "new"].map(str::to_owned);
        let scope = EffectivenessScope {
            segmentation: "targets",
            segment_keys: &keys,
            overlapping: true,
            window_start: None,
            window_end: NaiveDate::from_ymd_opt(2026, 11, 21).unwrap(),
            currency: "PLN",
        };
        let rows = effectiveness_rows(&scope, &statistic).unwrap();
        assert_eq!(rows.len(), 12);
        for (key, value, rest) in [("big", 30.0, 120.0), ("new", 60.0, 90.0)] {
            let row = find(&rows, key, "revenue");
            assert_eq!((row.value, row.rest_value, row.population_value), (Some(value), Some(rest), Some(150.0)));
        }
        let row = find(&rows, "big", "repeat_rate");
        assert_eq!((row.value, row.rest_value, row.n), (Some(0.0), Some(1.0), 2));
    }

    #[test]
    fn every_null_has_its_reason() {
        let rows = measured(&[1, 1, 2], 3, &[0, 0, 1], &[0, 0, MONEY], &[0, 0, MONEY]);
        let empty = find(&rows, "c01", "revenue_per_customer");
        assert_eq!(empty.reason.as_deref(), Some("value, ci, lift, p_value, q_value: no customers"));
        assert_eq!((empty.value, empty.n), (None, 0));
        let idle = find(&rows, "c02", "repeat_rate");
        assert_eq!(idle.reason.as_deref(), Some("value, ci, lift, p_value, q_value: no customers with an order"));
        let one = find(&rows, "c03", "revenue_per_customer");
        assert_eq!(
            one.reason.as_deref(),
            Some("ci, p_value, q_value: fewer than two customers; lift: the rest's value is not above 0")
        );
        let alone = find(&rows, "c03", "repeat_rate");
        assert_eq!(
            alone.reason.as_deref(),
            Some("rest_value, lift, p_value, q_value: no customers with an order outside the segment")
        );
        let count = find(&rows, "c03", "customers");
        assert_eq!(count.reason.as_deref(), Some("ci, p_value, q_value: a total has no interval and no test"));
        for row in &rows {
            let cells =
                [row.value, row.ci_low, row.rest_value, row.population_value, row.lift, row.p_value, row.q_value];
            assert_eq!(row.reason.is_some(), cells.iter().any(Option::is_none), "{row:?}");
            assert_eq!(row.p_value.is_some(), row.q_value.is_some());
        }
    }

    #[test]
    fn the_largest_money_is_measured_and_more_is_refused() {
        let largest = 10_i128.pow(28) - 1;
        let rows = measured(&[0, 0, 1, 1], 2, &[1, 2, 1, 1], &[largest; 4], &[largest, 0, -largest, 5]);
        assert_eq!(find(&rows, "c01", "revenue").value, Some(largest as f64 / 1e4));
        let values = CustomerValues { orders: &[1], gross: &[largest + 1], net: &[0] };
        assert!(EffectivenessStatistic::of_shard(&Groups::apart(&[0], 1).unwrap(), &values).is_err());
    }

    proptest! {
        #[test]
        fn any_cut_into_shards_and_any_order_give_the_same_statistic(
            customers in proptest::collection::vec((0_u32..4, 0_i64..9, -1_000_000_000_i128..1_000_000_000), 1..60),
            shards in 1_usize..6,
        ) {
            let part = |wanted: Option<usize>| {
                let chosen: Vec<_> = customers
                    .iter()
                    .enumerate()
                    .filter(|(row, _)| wanted.is_none_or(|shard| row * 5 % shards == shard))
                    .map(|(_, customer)| *customer)
                    .collect();
                let labels: Vec<u32> = chosen.iter().map(|(label, ..)| *label).collect();
                let orders: Vec<i64> = chosen.iter().map(|(_, orders, _)| *orders).collect();
                let net: Vec<i128> = chosen.iter().map(|(.., net)| *net).collect();
                let gross: Vec<i128> = net.iter().map(|net| net.abs()).collect();
                let values = CustomerValues { orders: &orders, gross: &gross, net: &net };
                EffectivenessStatistic::of_shard(&Groups::apart(&labels, 4).unwrap(), &values).unwrap()
            };
            let mut merged = part(Some(shards - 1));
            for shard in (0..shards - 1).rev() {
                merged.merge(&part(Some(shard))).unwrap();
            }
            prop_assert_eq!(merged, part(None));
        }
    }
}
