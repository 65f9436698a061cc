use super::*;
use crate::measure::{
    effectiveness::{CustomerValues, OwnValues},
    groups::Groups,
};
use arrow::{array::Float64Array, buffer::BooleanBuffer};
use proptest::prelude::*;
use segmenter_proto::jobs::{MetricKind, MetricUnit};

const MONEY: i128 = 10_000;

fn measured(labels: &[u32], segments: usize, orders: &[i64], gross: &[i128], net: &[i128]) -> Vec<EffectivenessRow> {
    let values = CustomerValues { orders, gross, net, orders_before: None, reachable: None };
    measured_on(OVER, labels, segments, &values)
}

/// An outcome window of 90 days that is over.
const OVER: Basis = Basis::Outcome { end: day(2027, 2, 19), newest: Some(day(2027, 2, 18)) };

const fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

fn measured_on(basis: Basis, labels: &[u32], segments: usize, values: &CustomerValues<'_>) -> Vec<EffectivenessRow> {
    let groups = Groups::apart(labels, segments).unwrap();
    let statistic = EffectivenessStatistic::of_shard(&groups, values, &[]).unwrap();
    let travelled = EffectivenessStatistic::from_message(&statistic.to_message()).unwrap();
    assert_eq!(travelled, statistic);
    // The fourth segment are those out of scope.
    let key = |segment: usize| if segment == 4 { "out_of_scope".to_owned() } else { format!("c{segment:02}") };
    let keys: Vec<String> = (1..=segments).map(key).collect();
    let scope = EffectivenessScope {
        segmentation: "behaviour",
        segment_keys: &keys,
        overlapping: false,
        basis,
        as_of: day(2026, 11, 21),
        currency: Some("PLN"),
        has_purchases: true,
        own: &[],
        level: 0.95,
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
    assert_eq!(rows.len(), 20);
    for (metric, value, n, rest, population) in [
        ("customers", 4.0, 4, 3.0, 7.0),
        ("active", 3.0, 4, 3.0, 6.0),
        ("orders", 6.0, 4, 6.0, 12.0),
        ("revenue", 100.0, 4, 120.0, 220.0),
        ("revenue_per_customer", 25.0, 4, 40.0, 220.0 / 7.0),
        ("average_order_value", 17.5, 6, 20.0, 225.0 / 12.0),
        ("conversion", 0.75, 4, 1.0, 6.0 / 7.0),
        ("repeat_rate", 2.0 / 3.0, 3, 1.0 / 3.0, 0.5),
    ] {
        let row = find(&rows, "c01", metric);
        assert!(close(row.value, value) && close(row.rest_value, rest), "{row:?}");
        assert!(close(row.population_value, population), "{row:?}");
        match ["customers", "active", "orders", "revenue"].contains(&metric) {
            true => assert_eq!((row.lift, row.index), (None, None), "a total grows with the segment"),
            false => assert!(close(row.lift, value / rest) && close(row.index, value / population), "{row:?}"),
        }
        assert_eq!((row.window_start, row.window_end), (Some(day(2026, 11, 21)), day(2027, 2, 19)));
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
    let values = CustomerValues { orders: &[1, 1, 2, 0], gross: &net, net: &net, orders_before: None, reachable: None };
    let own = Float64Array::from(vec![1.0, 2.0, 4.0, 8.0]);
    let own = [OwnValues { value: &own, per: None }];
    let statistic = EffectivenessStatistic::of_shard(&groups, &values, &own).unwrap();
    let metric =
        OwnMetric { name: "own".to_owned(), kind: MetricKind::Total, query: String::new(), unit: MetricUnit::Value };
    let keys = ["big", "new"].map(str::to_owned);
    let scope = EffectivenessScope {
        segmentation: "targets",
        segment_keys: &keys,
        overlapping: true,
        basis: OVER,
        as_of: day(2026, 11, 21),
        currency: Some("PLN"),
        has_purchases: true,
        own: std::slice::from_ref(&metric),
        level: 0.95,
    };
    let rows = effectiveness_rows(&scope, &statistic).unwrap();
    assert_eq!(rows.len(), 22);
    for (key, value, rest) in [("big", 30.0, 120.0), ("new", 60.0, 90.0)] {
        let row = find(&rows, key, "revenue");
        assert_eq!((row.value, row.rest_value, row.population_value), (Some(value), Some(rest), Some(150.0)));
    }
    let row = find(&rows, "big", "repeat_rate");
    assert_eq!((row.value, row.rest_value, row.n), (Some(0.0), Some(1.0), 2));
    let row = find(&rows, "new", "own");
    assert_eq!((row.value, row.rest_value, row.population_value), (Some(6.0), Some(9.0), Some(15.0)));
}

#[test]
fn who_was_active_before_comes_back_or_is_gone() {
    let values = CustomerValues {
        orders: &[1, 0, 2, 0, 1],
        gross: &[MONEY; 5],
        net: &[MONEY; 5],
        orders_before: Some(&[1, 3, 0, 0, 1]),
        reachable: None,
    };
    let rows = measured_on(OVER, &[0, 0, 0, 0, 1], 2, &values);
    for (metric, value, n, rest) in [("retention", 0.5, 2, 1.0), ("churn", 0.5, 2, 0.0)] {
        let row = find(&rows, "c01", metric);
        assert!(close(row.value, value) && close(row.rest_value, rest) && row.n == n, "{row:?}");
    }
    let in_sample = measured_on(Basis::InSample, &[0, 0, 0, 0, 1], 2, &values);
    assert!(in_sample.iter().all(|row| !["retention", "churn"].contains(&row.metric.as_str())));
}

#[test]
fn rows_that_made_the_segments_have_no_interval_and_no_test() {
    let money = [10, 30, 60, 0, 20, 40, 60].map(|amount| amount * MONEY);
    let values = CustomerValues {
        orders: &[1, 2, 3, 0, 1, 1, 4],
        gross: &money,
        net: &money,
        orders_before: None,
        reachable: None,
    };
    let rows = measured_on(Basis::InSample, &[0, 0, 0, 0, 1, 1, 1], 2, &values);
    assert_eq!(rows.len(), 16);
    for row in &rows {
        let cells = [row.ci_low, row.ci_high, row.ci_level, row.p_value, row.q_value];
        assert_eq!((cells, row.tests), ([None; 5], None), "{row:?}");
        assert!(row.reason.as_ref().unwrap().contains("ci, p_value, q_value: the segments were made from"), "{row:?}");
        assert_eq!((row.basis.as_str(), row.window_start, row.window_end), ("in_sample", None, day(2026, 11, 21)));
    }
    let mean = find(&rows, "c01", "revenue_per_customer");
    assert!(close(mean.value, 25.0) && close(mean.lift, 25.0 / 40.0) && close(mean.index, 25.0 * 7.0 / 220.0));
}

#[test]
fn nothing_is_said_before_the_window_is_over() {
    let values = CustomerValues {
        orders: &[1, 2],
        gross: &[MONEY; 2],
        net: &[MONEY; 2],
        orders_before: Some(&[1, 1]),
        reachable: None,
    };
    let end = day(2027, 2, 19);
    for (newest, why) in [
        (Some(day(2027, 2, 17)), "the window ends before 2027-02-19, and the newest row is of 2027-02-17"),
        (None, "the window ends before 2027-02-19, and no row has a time"),
    ] {
        let rows = measured_on(Basis::Outcome { end, newest }, &[0, 1], 2, &values);
        for row in rows {
            assert_eq!([row.value, row.rest_value, row.lift, row.index, row.p_value, row.ci_low], [None; 6]);
            let cells = "value, ci, rest_value, population_value, index, lift, p_value, q_value";
            assert_eq!(row.reason, Some(format!("{cells}: {why}")));
        }
    }
}

#[test]
fn who_is_out_of_scope_is_no_part_of_the_rest() {
    let money = [10, 30, 20, 40, 1000].map(|amount| amount * MONEY);
    let rows = measured(&[0, 0, 1, 1, 3], 4, &[1; 5], &money, &money);
    let own = find(&rows, "c01", "revenue_per_customer");
    assert!(close(own.rest_value, 30.0) && close(own.population_value, 25.0), "{own:?}");
    let outside = find(&rows, "out_of_scope", "revenue_per_customer");
    assert!(close(outside.value, 1000.0) && outside.rest_value.is_none() && outside.p_value.is_none());
    assert!(outside.reason.as_ref().unwrap().contains("compared with nobody"), "{outside:?}");
}

#[test]
fn the_size_of_the_family_is_told() {
    let rows = example();
    let tested: Vec<_> = rows.iter().filter(|row| row.p_value.is_some()).collect();
    // Revenue a customer, order value, conversion and repeat rate of two segments.
    assert!(tested.len() == 8 && tested.iter().all(|row| row.tests == Some(8)), "{tested:?}");
}

#[test]
fn every_null_has_its_reason() {
    let rows = measured(&[1, 1, 2], 3, &[0, 0, 1], &[0, 0, MONEY], &[0, 0, MONEY]);
    let empty = find(&rows, "c01", "revenue_per_customer");
    assert_eq!(empty.reason.as_deref(), Some("value, ci, index, lift, p_value, q_value: no customers"));
    assert_eq!((empty.value, empty.n), (None, 0));
    let idle = find(&rows, "c02", "repeat_rate");
    assert_eq!(idle.reason.as_deref(), Some("value, ci, index, lift, p_value, q_value: no customers with an order"));
    let one = find(&rows, "c03", "revenue_per_customer");
    assert_eq!(
        one.reason.as_deref(),
        Some("ci, p_value, q_value: fewer than two customers; lift: the rest's value is not above 0")
    );
    let alone = find(&rows, "c03", "repeat_rate");
    assert_eq!(
        alone.reason.as_deref(),
        Some(
            "rest_value, lift, p_value, q_value: no customers with an order outside the segment; \
             index: the population's value is not above 0"
        )
    );
    let count = find(&rows, "c03", "customers");
    assert_eq!(
        count.reason.as_deref(),
        Some("ci, index, lift, p_value, q_value: a total has no interval, no test and no lift")
    );
    for row in &rows {
        let cells = [row.value, row.ci_low, row.rest_value, row.population_value, row.lift, row.index, row.p_value];
        assert_eq!(row.reason.is_some(), cells.iter().any(Option::is_none), "{row:?}");
        assert_eq!(row.p_value.is_some(), row.q_value.is_some());
    }
}

#[test]
fn the_largest_money_is_measured_and_more_is_refused() {
    let largest = 10_i128.pow(28) - 1;
    let rows = measured(&[0, 0, 1, 1], 2, &[1, 2, 1, 1], &[largest; 4], &[largest, 0, -largest, 5]);
    assert_eq!(find(&rows, "c01", "revenue").value, Some(largest as f64 / 1e4));
    let values =
        CustomerValues { orders: &[1], gross: &[largest + 1], net: &[0], orders_before: None, reachable: None };
    assert!(EffectivenessStatistic::of_shard(&Groups::apart(&[0], 1).unwrap(), &values, &[]).is_err());
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
            let values = CustomerValues { orders: &orders, gross: &gross, net: &net, orders_before: Some(&orders), reachable: None };
            EffectivenessStatistic::of_shard(&Groups::apart(&labels, 4).unwrap(), &values, &[]).unwrap()
        };
        let mut merged = part(Some(shards - 1));
        for shard in (0..shards - 1).rev() {
            merged.merge(&part(Some(shard))).unwrap();
        }
        prop_assert_eq!(merged, part(None));
    }
}
