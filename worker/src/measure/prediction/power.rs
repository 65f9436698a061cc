//! From sums to shares: R² of each division, and how far chance would carry the differences.

use super::{
    shard::mixed,
    statistic::{Groups, PredictionStatistic},
};
use crate::measure::wide::{in_currency, to_f64};
use arrow::datatypes::i256;
use segmenter_proto::draw;

/// How often lots are drawn again.
const REPLICATES: usize = 1000;
/// Cuts between groups and the cap are not drawn again with the customers, which leaves out some of their chance: without this the intervals of
/// 2,000 customers held the truth in 1,382 of 1,500 draws at 95 % (`intervals_hold_the_truth`).
const WIDENED: f64 = 1.1;

/// What segments tell of spending, beside other divisions into groups of the same sizes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PredictivePower {
    /// Customers in scope.
    pub customers: u64,
    /// R² of the segments.
    pub segments: f64,
    /// R² of groups by past spending.
    pub past: f64,
    /// Mean R² of groups by chance.
    pub random: f64,
    /// Interval of `segments` − `past`.
    pub over_past: (f64, f64),
    /// Interval of `segments` − `random`.
    pub over_random: (f64, f64),
}

/// Gives the shares and the intervals of their differences at `level`; none where customers all spend the same.
///
/// Intervals are bootstrap intervals (Davison and Hinkley 1997, Bootstrap Methods and their Application, 5.2 and 5.3), on each side the farther of
/// the basic and the percentile one: customers lie in lots by chance, and as many lots are drawn with replacement, 1,000 times. Cuts and cap stay
/// where they are.
pub fn predictive_power(
    statistic: &PredictionStatistic,
    seed: u64,
    segmentation: &str,
    level: f64,
) -> Option<PredictivePower> {
    let lots: Vec<Sums> = statistic.lots.iter().map(Sums::of).collect();
    let mut all = Sums::empty(lots.first()?.segments.len());
    lots.iter().for_each(|lot| all.add(lot));
    let total = sum_of_squares(statistic)?;
    let segments = between(&all.segments) / total;
    let past = between(&all.past) / total;
    let random = statistic.random.iter().map(|groups| between(&paired(groups)) / total);
    let random = random.sum::<f64>() / statistic.random.len() as f64;

    // A share of drawn lots is larger by (groups − 1) / customers than the one it is drawn from, which the basic interval takes off. Random groups
    // are not drawn again: they are given the same, so that it is not taken off twice.
    let (customers, _) = summed(&all.segments);
    let random_again = random + (all.segments.len() as f64 - 1.0) / customers;
    let mut over_past = Vec::with_capacity(REPLICATES);
    let mut over_random = Vec::with_capacity(REPLICATES);
    let mut state = draw(seed, "scorecard/lots", segmentation);
    for _ in 0..REPLICATES {
        let mut drawn = Sums::empty(all.segments.len());
        for _ in 0..lots.len() {
            state = mixed(state, 0);
            drawn.add(&lots[((u128::from(state) * lots.len() as u128) >> 64) as usize]);
        }
        let total = drawn.total();
        // Where nobody of the drawn differs, no division tells anything.
        let share = |groups| if total > 0.0 { between(groups) / total } else { 0.0 };
        let again = share(&drawn.segments);
        over_past.push(again - share(&drawn.past));
        over_random.push(again - random_again);
    }
    Some(PredictivePower {
        customers: customers as u64,
        segments,
        past,
        random,
        over_past: interval(segments - past, over_past, level),
        over_random: interval(segments - random, over_random, level),
    })
}

/// Sums of some lots: customers and spending a group, spending² of all.
struct Sums {
    segments: Vec<(f64, f64)>,
    past: Vec<(f64, f64)>,
    squares: f64,
}

impl Sums {
    fn empty(groups: usize) -> Self {
        Self { segments: vec![(0.0, 0.0); groups], past: vec![(0.0, 0.0); groups], squares: 0.0 }
    }

    fn of(lot: &super::statistic::Lot) -> Self {
        let squares = in_currency(in_currency(to_f64(lot.squares)));
        Self { segments: paired(&lot.segments), past: paired(&lot.past), squares }
    }

    fn add(&mut self, other: &Self) {
        let both = [(&mut self.segments, &other.segments), (&mut self.past, &other.past)];
        for ((customers, spent), (more_customers, more_spent)) in
            both.into_iter().flat_map(|(own, more)| own.iter_mut().zip(more))
        {
            *customers += more_customers;
            *spent += more_spent;
        }
        self.squares += other.squares;
    }

    /// Σ(x − mean)².
    fn total(&self) -> f64 {
        let (customers, spent) = summed(&self.segments);
        let total = self.squares - spent * spent / customers;
        // Below what rounding leaves of nothing.
        if total > self.squares * 1e-12 { total } else { 0.0 }
    }
}

fn paired(groups: &Groups) -> Vec<(f64, f64)> {
    let spent = groups.spent.iter().map(|spent| in_currency(*spent as f64));
    groups.customers.iter().map(|customers| *customers as f64).zip(spent).collect()
}

fn summed(groups: &[(f64, f64)]) -> (f64, f64) {
    groups.iter().fold((0.0, 0.0), |(customers, spent), (more, more_spent)| (customers + more, spent + more_spent))
}

/// Σ n (mean of the group − mean)².
fn between(groups: &[(f64, f64)]) -> f64 {
    let (customers, spent) = summed(groups);
    let mean = spent / customers;
    let of_group = |(customers, spent): &(f64, f64)| {
        let off = spent / customers - mean;
        customers * off * off
    };
    groups.iter().filter(|(customers, _)| *customers > 0.0).map(of_group).sum()
}

/// Gives Σ(x − mean)² of all customers, exactly before it is rounded; none where it is 0.
fn sum_of_squares(statistic: &PredictionStatistic) -> Option<f64> {
    let mut customers = 0_u64;
    let (mut spent, mut squares) = (i256::ZERO, i256::ZERO);
    for lot in &statistic.lots {
        customers += lot.segments.customers.iter().sum::<u64>();
        lot.segments.spent.iter().for_each(|more| spent = spent.wrapping_add(i256::from_i128(*more)));
        squares = squares.wrapping_add(lot.squares);
    }
    let count = i256::from_i128(i128::from(customers));
    let centred = count.checked_mul(squares)?.checked_sub(spent.checked_mul(spent)?)?;
    let total = in_currency(in_currency(to_f64(centred))) / customers as f64;
    (total > 0.0).then_some(total)
}

/// Gives the interval of an estimate from what it came to again: on each side the farther of the basic and the percentile interval.
fn interval(estimate: f64, mut again: Vec<f64>, level: f64) -> (f64, f64) {
    again.sort_by(f64::total_cmp);
    let off = (((1.0 - level) / 2.0) * again.len() as f64).floor() as usize;
    let (low, high) = (again.get(off), again.len().checked_sub(off + 1).and_then(|at| again.get(at)));
    match (low, high) {
        (Some(low), Some(high)) => {
            let (low, high) = ((2.0 * estimate - high).min(*low), (2.0 * estimate - low).max(*high));
            (estimate - WIDENED * (estimate - low), estimate + WIDENED * (high - estimate))
        }
        _ => (f64::NEG_INFINITY, f64::INFINITY),
    }
}
