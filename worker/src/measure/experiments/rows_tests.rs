//! Rows by hand, and what is left out.

use super::{
    ArmValues, ExperimentGroups, ExperimentScope, ExperimentStatistic, IN_TWO_ARMS, MetricValues, OTHER_ARM, TOO_LATE,
    experiment_rows, unequal_arms,
};
use crate::{
    measure::{effectiveness::Basis, groups::Groups},
    results::ExperimentRow,
    words::Words,
};
use arrow::array::{Float64Array, Int32Array};
use chrono::NaiveDate;
use segmenter_proto::jobs::Experiment;

fn experiment(randomised: bool, metrics: &[&str]) -> Experiment {
    let day = |day| NaiveDate::from_ymd_opt(2026, 1, day).unwrap();
    Experiment {
        name: "spring".to_owned(),
        arms_query: String::new(),
        control: "holdout".to_owned(),
        arms: vec![("holdout".to_owned(), 0.5), ("mail".to_owned(), 0.5)],
        randomised,
        start: day(5),
        end: day(10),
        metrics: metrics.iter().map(|metric| (*metric).to_owned()).collect(),
    }
}

/// Spending of customers in the control and in the other arm, and before.
struct Data {
    arms: Int32Array,
    value: Float64Array,
    per: Float64Array,
    before: Float64Array,
    labels: Vec<u32>,
}

fn data() -> Data {
    let rows = [
        // Arm, value, orders, before, segment.
        (Some(0), Some(10.0), Some(1.0), Some(4.0), 0),
        (Some(0), Some(4.0), Some(0.0), Some(1.0), 0),
        (Some(0), Some(30.0), Some(2.0), Some(8.0), 1),
        (Some(0), Some(20.0), Some(1.0), Some(9.0), 1),
        (Some(1), Some(25.0), Some(2.0), Some(5.0), 0),
        (Some(1), Some(5.0), Some(1.0), Some(0.0), 0),
        (Some(1), Some(50.0), Some(2.0), Some(9.0), 1),
        (Some(1), Some(40.0), Some(3.0), Some(10.0), 1),
        (Some(IN_TWO_ARMS), Some(900.0), Some(1.0), Some(1.0), 0),
        (Some(OTHER_ARM), Some(900.0), Some(1.0), Some(1.0), 0),
        (Some(TOO_LATE), Some(900.0), Some(1.0), Some(1.0), 1),
        (None, Some(900.0), Some(1.0), Some(1.0), 1),
    ];
    Data {
        arms: rows.iter().map(|row| row.0).collect(),
        value: rows.iter().map(|row| row.1).collect(),
        per: rows.iter().map(|row| row.2).collect(),
        before: rows.iter().map(|row| row.3).collect(),
        labels: rows.iter().map(|row| row.4).collect(),
    }
}

fn values(data: &Data) -> ArmValues<'_> {
    let mean = MetricValues { value: &data.value, per: None, before: Some(&data.before) };
    let ratio = MetricValues { value: &data.value, per: Some(&data.per), before: None };
    ArmValues { arms: &data.arms, count: 2, metrics: vec![mean, ratio] }
}

fn rows(data: &Data, experiment: &Experiment, min_cell: u64, newest: u32) -> Vec<ExperimentRow> {
    let values = values(data);
    let overall = ExperimentStatistic::of_shard(&Groups::Everybody, &values).unwrap();
    let groups = Groups::apart(&data.labels, 2).unwrap();
    let by_segment = ExperimentStatistic::of_shard(&groups, &values).unwrap();
    let keys = ["a", "b"].map(str::to_owned);
    let newest = NaiveDate::from_ymd_opt(2026, 1, newest);
    let scope = ExperimentScope {
        experiment,
        own: &[],
        currency: Some("EUR"),
        basis: Basis::Outcome { end: experiment.end, newest },
        min_cell,
        level: 0.95,
        words: Words::english(),
    };
    let division =
        ExperimentGroups { segmentation: "own", segment_keys: &keys, overlapping: false, statistic: &by_segment };
    experiment_rows(&scope, &overall, &[division]).unwrap()
}

fn find<'a>(rows: &'a [ExperimentRow], metric: &str, key: Option<&str>) -> &'a ExperimentRow {
    rows.iter().find(|row| row.metric == metric && row.segment_key.as_deref() == key).unwrap()
}

const METRICS: [&str; 2] = ["revenue_per_customer", "average_order_value"];

#[test]
fn arms_are_compared_by_intention_to_treat() {
    let rows = rows(&data(), &experiment(true, &METRICS), 1, 9);
    assert_eq!(rows.len(), 6, "two metrics, everybody and two segments");
    let all = find(&rows, METRICS[0], None);
    assert_eq!((all.value, all.control_value, all.difference), (Some(30.0), Some(16.0), Some(14.0)));
    assert_eq!((all.assigned, all.n, all.control_assigned, all.relative), (4, 4, 4, Some(0.875)));
    assert_eq!((all.in_two_arms, all.in_other_arm, all.too_late), (1, 1, 1));
    assert_eq!((all.word.as_str(), all.sample_ratio_p), ("effect", None), "four are expected in an arm");
    // Deviations 6, 12, 14, 4 and 5, 25, 20, 10: s² 392/3 and 1150/3; se² = 1542/12.
    let half = (all.ci_high.unwrap() - all.ci_low.unwrap()) / 2.0;
    let df = (1542.0_f64 / 12.0).powi(2) / ((392.0_f64 / 12.0).powi(2) / 3.0 + (1150.0_f64 / 12.0).powi(2) / 3.0);
    let t = half / (1542.0_f64 / 12.0).sqrt();
    // Between the quantiles of Student's t with 4 and 5 degrees of freedom.
    assert!((4.0..5.0).contains(&df) && (2.5706..2.7765).contains(&t), "{df} {t}");
    assert!((all.smallest_difference.unwrap() - 2.801_585 * (1542.0_f64 / 12.0).sqrt()).abs() < 1e-4);
    let ratio = find(&rows, METRICS[1], None);
    assert_eq!(
        (ratio.value, ratio.control_value, ratio.word.as_str()),
        (Some(15.0), Some(16.0), "difference among buyers")
    );
    assert!(ratio.adjusted_difference.is_none() && ratio.reason.as_ref().unwrap().contains("adjusted: only means"));
    let b = find(&rows, METRICS[0], Some("b"));
    assert_eq!((b.value, b.control_value, b.assigned), (Some(45.0), Some(25.0), 2));
    assert!(b.heterogeneity.is_some() && b.heterogeneity_df == Some(1));
    assert!(rows.iter().all(|row| row.p_value.is_some() == row.q_value.is_some() && row.basis == "outcome"));
    assert!(rows.iter().filter(|row| row.p_value.is_some()).all(|row| row.tests == all.tests));
}

#[test]
fn what_was_different_before_is_taken_off() {
    let rows = rows(&data(), &experiment(true, &METRICS), 1, 9);
    let all = find(&rows, METRICS[0], None);
    // x of all 4 1 8 9 5 0 9 10, mean 5.75; y mean 23. Σxx 368 − 8·5.75² = 103.5; Σxy 1439 − 8·5.75·23 = 381.
    let theta = 381.0 / 103.5;
    let expected = 14.0 - theta * (6.0 - 5.5);
    assert!((all.adjusted_difference.unwrap() - expected).abs() < 1e-12, "{all:?}");
    assert!(all.variance_ratio.unwrap() < 0.3 && all.adjusted_low.unwrap() > all.ci_low.unwrap(), "{all:?}");
}

#[test]
fn without_chance_it_is_a_difference_and_few_customers_are_not_told_of() {
    let all = rows(&data(), &experiment(false, &METRICS), 1, 9);
    assert_eq!(find(&all, METRICS[0], None).word, "difference");
    assert!(find(&all, METRICS[0], None).sentence.contains("; difference 14.00 ("));
    let few = rows(&data(), &experiment(true, &METRICS), 3, 9);
    let b = find(&few, METRICS[0], Some("b"));
    assert_eq!((b.value, b.p_value, b.assigned), (None, None, 2));
    assert!(b.reason.as_ref().unwrap().contains("an arm has fewer than 3 customers"));
    assert!(find(&few, METRICS[0], None).value.is_some());
    let open = rows(&data(), &experiment(true, &METRICS), 1, 8);
    assert!(open.iter().all(|row| row.value.is_none() && row.tests.is_none()));
    assert!(
        open[0]
            .reason
            .as_ref()
            .unwrap()
            .contains("the window ends before 2026-01-10, and the newest row is of 2026-01-08")
    );
}

#[test]
fn values_that_are_all_the_same_have_no_interval() {
    let mut same = data();
    same.value = Float64Array::from(vec![7.0; 12]);
    let rows = rows(&same, &experiment(true, &METRICS[..1]), 1, 9);
    let all = find(&rows, METRICS[0], None);
    assert_eq!((all.difference, all.ci_low, all.p_value), (Some(0.0), None, None));
    assert!(all.reason.as_ref().unwrap().contains("all values of an arm are equal"), "{:?}", all.reason);
}

#[test]
fn arms_of_other_sizes_than_planned_are_noticed() {
    let arms: Int32Array = (0..2_000).map(|row| Some(i32::from(row % 5 > 1))).collect();
    let value = Float64Array::from(vec![1.0; 2_000]);
    let metrics = vec![MetricValues { value: &value, per: None, before: None }];
    let overall =
        ExperimentStatistic::of_shard(&Groups::Everybody, &ArmValues { arms: &arms, count: 2, metrics }).unwrap();
    let mut planned = experiment(true, &METRICS[..1]);
    assert!(unequal_arms(&planned, &overall).is_some_and(|p| p < 1e-10));
    planned.arms = vec![("holdout".to_owned(), 0.4), ("mail".to_owned(), 0.6)];
    assert_eq!(unequal_arms(&planned, &overall), None);
}

#[test]
fn any_cut_gives_the_same_sums() {
    let data = data();
    let whole = ExperimentStatistic::of_shard(&Groups::apart(&data.labels, 2).unwrap(), &values(&data)).unwrap();
    let mut merged: Option<ExperimentStatistic> = None;
    for at in (0..12).rev() {
        let cut = Data {
            arms: data.arms.slice(at, 1),
            value: data.value.slice(at, 1),
            per: data.per.slice(at, 1),
            before: data.before.slice(at, 1),
            labels: vec![data.labels[at]],
        };
        let part = ExperimentStatistic::of_shard(&Groups::apart(&cut.labels, 2).unwrap(), &values(&cut)).unwrap();
        let part = ExperimentStatistic::from_message(&part.to_message()).unwrap();
        match &mut merged {
            None => merged = Some(part),
            Some(merged) => merged.merge(&part).unwrap(),
        }
    }
    assert_eq!(merged, Some(whole));
}

#[test]
fn money_of_few_buyers_has_no_interval_and_baskets_of_few_are_not_told() {
    let mut rare = data();
    rare.value = Float64Array::from((0..12).map(|row| if row % 2 == 0 { 9.0 } else { 0.0 }).collect::<Vec<_>>());
    let rows = rows(&rare, &experiment(true, &METRICS), 1, 9);
    let all = find(&rows, METRICS[0], None);
    assert_eq!((all.difference, all.ci_low, all.p_value, all.adjusted_difference), (Some(0.0), None, None, None));
    assert!(all.reason.as_ref().unwrap().contains("fewer than 100 customers with a value above 0"), "{:?}", all.reason);
    let mut few = data();
    // One of four bought.
    few.value = (0..12).map(|row| (row % 4 == 0).then_some(9.0)).collect();
    few.per = (0..12).map(|row| (row % 4 == 0).then_some(1.0)).collect();
    let rows = self::rows(&few, &experiment(true, &METRICS), 2, 9);
    let basket = find(&rows, METRICS[1], None);
    assert_eq!((basket.assigned, basket.n, basket.value), (4, 1, None));
}
