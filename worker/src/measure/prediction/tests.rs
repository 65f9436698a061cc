//! Groups, sums, shares and intervals against plain arithmetic and many draws of chance.

use super::{shard::mixed, *};
use crate::measure::chance::Chance;
use segmenter_proto::{Rounds, v1};

#[derive(Debug, Clone, Default)]
struct Customers {
    labels: Vec<u32>,
    after: Vec<i128>,
    before: Vec<i128>,
    chance: Vec<u64>,
}

impl Customers {
    fn of(&self, keep: impl Fn(usize) -> bool) -> Self {
        let mut part = Self::default();
        for row in (0..self.labels.len()).filter(|row| keep(*row)) {
            part.labels.push(self.labels[row]);
            part.after.push(self.after[row]);
            part.before.push(self.before[row]);
            part.chance.push(self.chance[row]);
        }
        part
    }

    fn scope(&self, segments: u32) -> PredictionScope {
        let size = |segment| self.labels.iter().filter(|label| **label == segment).count() as u64;
        PredictionScope { sizes: (0..segments).map(|segment| (segment, size(segment))).collect() }
    }
}

fn merged(total: &mut v1::PredictionAnswer, more: &v1::PredictionAnswer) {
    if let (Some(total), Some(more)) = (&mut total.quantiles, &more.quantiles) {
        segmenter_proto::statistics::merge_quantile_answers(total, more).unwrap();
    }
    for (total, more) in total.statistics.iter_mut().zip(&more.statistics) {
        let mut both = PredictionStatistic::from_message(total).unwrap();
        both.merge(&PredictionStatistic::from_message(more).unwrap()).unwrap();
        *total = both.to_message();
    }
}

/// Drives the rounds over so many shards.
fn solved(customers: &Customers, scope: PredictionScope, shards: usize) -> Option<PredictionStatistic> {
    let parts: Vec<Customers> = (0..shards).map(|shard| customers.of(|row| row % shards == shard)).collect();
    let mut solver = PredictionSolver::new(vec![scope]).unwrap();
    while let Some(request) = solver.next_request() {
        let answers = parts.iter().rev().map(|part| {
            let spending = Spending { after: &part.after, before: &part.before, chance: &part.chance };
            prediction_answer(&request, &[&part.labels], &spending).unwrap()
        });
        let total = answers.reduce(|mut total, more| {
            merged(&mut total, &more);
            total
        });
        solver.absorb(total.unwrap()).unwrap();
    }
    solver.finish().unwrap().remove(0)
}

/// Customers of segments by `segment`, with spending that `spend` draws from the segment and past spending.
fn drawn(
    chance: &mut Chance,
    customers: usize,
    segment: impl Fn(&mut Chance, f64) -> u32,
    spend: impl Fn(&mut Chance, u32, f64) -> f64,
) -> Customers {
    let mut all = Customers::default();
    for _ in 0..customers {
        // Half spent nothing.
        let before = if chance.share() < 0.5 { 0.0 } else { chance.normal().exp() };
        let label = segment(chance, before);
        all.labels.push(label);
        all.before.push((before * 1e4) as i128);
        let spent = spend(chance, label, before);
        all.after.push((spent * 1e4) as i128);
        all.chance.push(chance.bits());
    }
    all
}

fn noise(chance: &mut Chance, customers: usize) -> Customers {
    drawn(chance, customers, |chance, _| (chance.bits() % 4) as u32, |chance, _, _| chance.normal().exp())
}

#[test]
fn any_number_of_shards_gives_the_same_sums_and_groups_of_the_sizes_of_the_segments() {
    let customers = noise(&mut Chance(1), 3_001);
    let scope = customers.scope(4);
    let one = solved(&customers, scope.clone(), 1).unwrap();
    for shards in [2, 7] {
        assert_eq!(solved(&customers, scope.clone(), shards).unwrap(), one);
    }
    let mut past = vec![0; 4];
    let mut segments = vec![0; 4];
    for lot in &one.lots {
        past.iter_mut().zip(&lot.past.customers).for_each(|(sum, more)| *sum += more);
        segments.iter_mut().zip(&lot.segments.customers).for_each(|(sum, more)| *sum += more);
    }
    let sizes: Vec<u64> = scope.sizes.iter().map(|(_, size)| *size).collect();
    // Half spent nothing before, and are divided all the same.
    assert_eq!((past, segments), (sizes.clone(), sizes));
    for random in &one.random {
        assert_eq!(random.customers.iter().sum::<u64>(), 3_001);
    }
}

#[test]
fn shares_are_those_of_plain_arithmetic() {
    let mut chance = Chance(2);
    let customers = drawn(
        &mut chance,
        1_000,
        |chance, _| (chance.bits() % 3) as u32,
        |chance, label, before| f64::from(label) + before + chance.share(),
    );
    let statistic = solved(&customers, customers.scope(3), 3).unwrap();
    let power = predictive_power(&statistic, 1, "own", 0.95).unwrap();
    let mut sorted = customers.after.clone();
    sorted.sort_unstable();
    // The 999th of 1,000: one customer is cut off.
    let cap = sorted[998];
    let spent: Vec<f64> = customers.after.iter().map(|spent| (*spent.min(&cap)) as f64 / 1e4).collect();
    let mut by_past: Vec<usize> = (0..1_000).collect();
    by_past.sort_by_key(|row| (customers.before[*row], mixed(customers.chance[*row], 0) >> 32));
    let mut past = vec![0; 1_000];
    let sizes = customers.scope(3).sizes;
    by_past.iter().enumerate().for_each(|(at, row)| {
        past[*row] = u32::from(at as u64 >= sizes[0].1) + u32::from(at as u64 >= sizes[0].1 + sizes[1].1);
    });
    let r_squared = |labels: &[u32]| {
        let mean = spent.iter().sum::<f64>() / 1_000.0;
        let total: f64 = spent.iter().map(|spent| (spent - mean).powi(2)).sum();
        let within: f64 = (0..3)
            .map(|label| {
                let own: Vec<f64> =
                    spent.iter().zip(labels).filter(|(_, of)| **of == label).map(|(spent, _)| *spent).collect();
                let mean = own.iter().sum::<f64>() / own.len() as f64;
                own.iter().map(|spent| (spent - mean).powi(2)).sum::<f64>()
            })
            .sum();
        1.0 - within / total
    };
    assert!((power.segments - r_squared(&customers.labels)).abs() < 1e-12, "{power:?}");
    assert!((power.past - r_squared(&past)).abs() < 1e-12, "{power:?}");
    assert!(power.random < 0.02 && power.over_random.0 > 0.0, "{power:?}");
    assert_eq!(power.customers, 1_000);
}

#[test]
fn nothing_is_said_where_nothing_can_be_known() {
    let mut chance = Chance(3);
    let few = noise(&mut chance, 49);
    assert_eq!(solved(&few, few.scope(4), 2), None);
    let one = drawn(&mut chance, 100, |_, _| 0, |chance, _, _| chance.share());
    assert_eq!(solved(&one, one.scope(1), 2), None);
    let same = drawn(&mut chance, 100, |chance, _| (chance.bits() % 2) as u32, |_, _, _| 5.0);
    let statistic = solved(&same, same.scope(2), 2).unwrap();
    assert_eq!(predictive_power(&statistic, 1, "same", 0.95), None);
}

/// Of segments that have nothing to do with spending few are called better or worse; of those that have, most.
#[test]
fn verdicts_are_rarely_wrong() {
    let mut chance = Chance(4);
    let mut wrong = [0, 0];
    const TIMES: usize = 300;
    for _ in 0..TIMES {
        let customers = noise(&mut chance, 800);
        let power = predictive_power(&solved(&customers, customers.scope(4), 1).unwrap(), 1, "noise", 0.95).unwrap();
        let excludes_0 = |(low, high): (f64, f64)| usize::from(low > 0.0 || high < 0.0);
        wrong[0] += excludes_0(power.over_past);
        wrong[1] += excludes_0(power.over_random);
    }
    assert!(wrong.iter().all(|wrong| *wrong <= TIMES / 20), "{wrong:?} of {TIMES}");
    let (mut better, mut worse) = (0, 0);
    for _ in 0..50 {
        let told = drawn(
            &mut chance,
            1_600,
            |chance, _| (chance.bits() % 4) as u32,
            |chance, label, _| f64::from(label) + chance.normal(),
        );
        let power = predictive_power(&solved(&told, told.scope(4), 1).unwrap(), 1, "told", 0.95).unwrap();
        better += usize::from(power.over_past.0 > 0.0);
        let past = drawn(
            &mut chance,
            1_600,
            |chance, _| (chance.bits() % 4) as u32,
            |chance, _, before| before + chance.share(),
        );
        let power = predictive_power(&solved(&past, past.scope(4), 1).unwrap(), 1, "past", 0.95).unwrap();
        worse += usize::from(power.over_past.1 < 0.0);
    }
    assert!(better >= 48 && worse >= 48, "{better} {worse}");
}

/// The interval of the difference holds the difference of a large population about as often as it says.
#[test]
fn intervals_hold_the_truth() {
    let mut chance = Chance(5);
    let one = |chance: &mut Chance, customers: usize| {
        let segment = |chance: &mut Chance, before: f64| u32::from(before > 0.0) + 2 * (chance.bits() % 2) as u32;
        let spend = |chance: &mut Chance, label: u32, before: f64| {
            0.5 * f64::from(label) + 0.3 * before + (0.5 * chance.normal()).exp()
        };
        let drawn = drawn(chance, customers, segment, spend);
        let scope = drawn.scope(4);
        predictive_power(&solved(&drawn, scope, 1).unwrap(), 1, "truth", 0.95).unwrap()
    };
    // One draw of 400,000 is off by a fifteenth of what one of 2,000 is.
    let large: Vec<f64> = (0..4).map(|_| one(&mut chance, 400_000)).map(|power| power.segments - power.past).collect();
    let truth = large.iter().sum::<f64>() / large.len() as f64;
    const TIMES: usize = 1_500;
    let mut held = 0;
    for _ in 0..TIMES {
        let (low, high) = one(&mut chance, 2_000).over_past;
        held += usize::from((low..=high).contains(&truth));
    }
    assert!((TIMES * 93 / 100..=TIMES * 985 / 1000).contains(&held), "{held} of {TIMES}");
}
