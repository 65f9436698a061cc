//! What intervals and tests say over many draws of chance, of which the truth is known.

use super::{
    ArmValues, ExperimentStatistic, MetricValues,
    compare::{Compared, Form, compare},
};
use crate::measure::{chance::Chance, groups::Groups};
use arrow::array::{Float64Array, Int32Array};

/// Compares arms of so many customers, the control first; `draw` gives value and value before of one of an arm.
fn compared(
    form: Form,
    [control, arm]: [usize; 2],
    chance: &mut Chance,
    draw: impl Fn(&mut Chance, usize) -> (f64, f64),
) -> Compared {
    let arms: Vec<i32> = (0..control + arm).map(|row| i32::from(row >= control)).collect();
    let drawn: Vec<(f64, f64)> = arms.iter().map(|arm| draw(chance, *arm as usize)).collect();
    let value = Float64Array::from_iter_values(drawn.iter().map(|(value, _)| *value));
    let before = Float64Array::from_iter_values(drawn.iter().map(|(_, before)| *before));
    let metrics = vec![MetricValues { value: &value, per: None, before: Some(&before) }];
    let values = ArmValues { arms: &Int32Array::from(arms), count: 2, metrics };
    let statistic = ExperimentStatistic::of_shard(&Groups::Everybody, &values).unwrap();
    let [plain, paired] = [&statistic.metrics[0].plain, &statistic.metrics[0].paired];
    compare(form, [&plain[1], &plain[0]], Some([&paired[1], &paired[0]]), 0.95)
}

const TIMES: usize = 2_000;

/// Counts over many draws how often intervals hold the truth and tests call what is none.
#[derive(Debug, Default)]
struct Held {
    difference: usize,
    relative: usize,
    adjusted: usize,
    called: usize,
}

fn held(
    form: Form,
    each: [usize; 2],
    seed: u64,
    truth: (f64, f64),
    draw: impl Fn(&mut Chance, usize) -> (f64, f64),
) -> Held {
    let mut chance = Chance(seed);
    let mut held = Held::default();
    let holds = |(low, high): (f64, f64), truth: f64| usize::from((low..=high).contains(&truth));
    for _ in 0..TIMES {
        let compared = compared(form, each, &mut chance, &draw);
        // Where there is no interval, nothing wrong is said.
        held.difference += compared.interval.map_or(1, |interval| holds(interval, truth.0));
        held.relative += compared.relative_interval.map_or(1, |interval| holds(interval, truth.1));
        held.adjusted += compared.adjusted.map_or(1, |adjusted| holds(adjusted.interval, truth.0));
        held.called += usize::from(compared.p_value.is_ok_and(|p| p < 0.05));
    }
    held
}

fn assert_covers(count: usize, lowest: f64, highest: f64, what: &str) {
    let share = count as f64 / TIMES as f64;
    assert!((lowest..=highest).contains(&share), "{what}: {share}");
}

#[test]
fn intervals_of_shares_hold_the_truth() {
    for (each, p, q) in [(30, 0.5, 0.5), (100, 0.1, 0.2), (1_000, 0.05, 0.06), (1_000, 0.3, 0.3)] {
        let draw = |chance: &mut Chance, arm: usize| {
            let before = f64::from(u8::from(chance.share() < 0.4));
            // Who bought before is likelier to buy again, at the same share of all.
            let lean = if before > 0.0 { 1.5 } else { 2.0 / 3.0 };
            let share = [q, p][arm] * lean;
            (f64::from(u8::from(chance.share() < share)), before)
        };
        let mean = 0.4 * 1.5 + 0.6 * 2.0 / 3.0;
        let truth = ((p - q) * mean, p / q - 1.0);
        let held = held(Form::Share, [each; 2], each as u64, truth, draw);
        let large = each >= 1_000;
        assert_covers(
            held.difference,
            if large { 0.937 } else { 0.93 },
            if large { 0.963 } else { 0.985 },
            "difference",
        );
        assert_covers(held.relative, 0.93, 1.0, "relative");
        assert_covers(held.adjusted, 0.93, 0.97, "adjusted");
        if p == q {
            assert_covers(held.called, 0.0, 0.063, "called");
        }
    }
}

#[test]
fn intervals_of_money_hold_the_truth() {
    // Three in ten buy, for log-normal money that goes with what was spent before; one arm spends a tenth more.
    let mean = 0.3 * (0.5_f64 * 0.8 * 0.8).exp();
    for (each, seed, more) in [([1_000, 1_000], 11, 1.1), ([4_000, 4_000], 12, 1.0)] {
        let draw = |chance: &mut Chance, arm: usize| {
            let taste = chance.normal();
            let before = if chance.share() < 0.3 { (0.8 * taste).exp() } else { 0.0 };
            let bought = if chance.share() < 0.3 { (0.8 * (0.8 * taste + 0.6 * chance.normal())).exp() } else { 0.0 };
            (bought * [1.0, more][arm], before)
        };
        let held = held(Form::Mean, each, seed, (mean * (more - 1.0), more - 1.0), draw);
        for (count, what) in [(held.difference, "difference"), (held.relative, "relative"), (held.adjusted, "adjusted")]
        {
            assert_covers(count, 0.937, 0.963, what);
        }
        if more == 1.0 {
            assert_covers(held.called, 0.037, 0.063, "called");
        }
    }
}

#[test]
fn what_goes_with_the_past_is_measured_more_closely() {
    let mut chance = Chance(21);
    let compared = compared(Form::Mean, [5_000; 2], &mut chance, |chance, _| {
        let before = chance.normal();
        (0.8 * before + 0.6 * chance.normal(), before)
    });
    // A correlation of 0.8 leaves 1 − 0.64 of the variance.
    let ratio = compared.adjusted.unwrap().variance_ratio;
    assert!((ratio - 0.36).abs() < 0.02, "{ratio}");
}

#[test]
fn a_small_arm_of_few_buyers_calls_nothing_that_is_none() {
    let draw = |share: f64| {
        move |chance: &mut Chance, _: usize| {
            let bought = chance.share() < share;
            (if bought { (0.8 * chance.normal()).exp() } else { 0.0 }, chance.normal())
        }
    };
    // One or two buyers in the small arm: Welch's test would call a quarter of them.
    let few = held(Form::Mean, [270, 30], 31, (0.0, 0.0), draw(0.05));
    assert_eq!((few.called, few.difference), (0, TIMES));
    // A hundred and more: a little less than large arms hold.
    let enough = held(Form::Mean, [3_600, 400], 32, (0.0, 0.0), draw(0.3));
    assert_covers(enough.called, 0.0, 0.08, "called");
    assert_covers(enough.difference, 0.92, 0.97, "difference");
}
