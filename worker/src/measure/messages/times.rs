//! Which weekday and hour messages are answered best at.

use super::{cells::About, figures::Figures, fold::NUMBERS};
use crate::measure::inference::{Estimate, normal_quantile, t_interval};
use std::collections::BTreeMap;

/// A message that was delivered, and whether it was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Answered {
    /// Local day on which it was sent, since 1970.
    pub(super) day: i32,
    /// Local hour.
    pub(super) hour: u8,
    /// Whether it was clicked or converted.
    pub(super) answered: bool,
}

/// 1970-01-01 was a Thursday.
const FIRST_WEEKDAY: i32 = 3;

/// Adds up the messages of a customer by weekday and hour, with the products that tell how far times of one customer hang together.
pub(super) fn by_times(messages: &[Answered]) -> BTreeMap<(About, Option<&'static str>), Figures> {
    let mut counts: BTreeMap<(About, Option<&'static str>), (u64, u64)> = BTreeMap::new();
    for message in messages {
        let weekday = (message.day + FIRST_WEEKDAY).rem_euclid(7) as usize + 1;
        let things = [
            (About::Everything, None),
            (About::Weekday, NUMBERS.get(weekday).copied()),
            (About::Hour, NUMBERS.get(usize::from(message.hour)).copied()),
        ];
        for thing in things {
            let (delivered, answered) = counts.entry(thing).or_default();
            *delivered += 1;
            *answered += u64::from(message.answered);
        }
    }
    let (x_all, y_all) = counts.get(&(About::Everything, None)).copied().unwrap_or_default();
    let of = |(x, y): (u64, u64)| {
        let product = |one: u64, other: u64| i128::from(one) * i128::from(other);
        let products = [(x, x), (x, y), (y, y), (x, x_all), (x, y_all), (y, x_all), (y, y_all)];
        Figures {
            reached: 1,
            answered: u64::from(y > 0),
            delivered: x,
            responses: y,
            products: products.map(|(one, other)| product(one, other)),
            ..Figures::default()
        }
    };
    counts.into_iter().map(|(thing, both)| (thing, of(both))).collect()
}

/// What is known of the rate of answers at one time.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Time {
    /// Messages answered / delivered.
    pub(super) rate: Option<f64>,
    /// Its interval; none where hardly anybody answered.
    pub(super) interval: Option<(f64, f64)>,
    /// The rate drawn towards that of all times.
    pub(super) shrunk: Option<f64>,
    /// Whether it is above that of all other times beyond chance; none where that cannot be known.
    pub(super) is_best: Option<bool>,
}

/// What is known of the rates of answers at several times.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Times(pub(super) Vec<Time>);

/// Below so many customers who answered, and who did not, the normal distribution is no guide (see the tests).
const FEW: u64 = 30;

impl Times {
    /// Judges times beside each other; `all` are the messages of all times, of which `each` time has some.
    ///
    /// Rates are ratios of sums over customers, and errors those of the delta method (Cochran 1977, Sampling Techniques, 6.4): messages of one
    /// customer hang together. A time is best where the interval of its difference from all other times lies above 0, at a level that holds for
    /// all times together (Bonferroni). Shrunk rates are those of a model of random effects (DerSimonian and Laird 1986, Controlled Clinical
    /// Trials 7, 177–188): where times differ by no more than chance, all have the same.
    pub(super) fn of(all: &Figures, each: &[&Figures], level: f64) -> Self {
        let mut times: Vec<Time> = each.iter().map(|own| own.time(all, level, each.len())).collect();
        shrink(all, each, &mut times);
        Self(times)
    }
}

fn shrink(all: &Figures, each: &[&Figures], times: &mut [Time]) {
    if all.delivered == 0 || each.len() < 2 {
        return;
    }
    let common = all.responses as f64 / all.delivered as f64;
    let variances: Vec<f64> = each.iter().map(|own| own.squares(common) / (own.delivered as f64).powi(2)).collect();
    if variances.iter().any(|variance| *variance <= 0.0) {
        return;
    }
    let rates: Vec<f64> = times.iter().map(|time| time.rate.unwrap_or(common)).collect();
    let weights: Vec<f64> = variances.iter().map(|variance| 1.0 / variance).collect();
    let total: f64 = weights.iter().sum();
    let mean = weights.iter().zip(&rates).map(|(weight, rate)| weight * rate).sum::<f64>() / total;
    let q: f64 = weights.iter().zip(&rates).map(|(weight, rate)| weight * (rate - mean).powi(2)).sum();
    let scale = total - weights.iter().map(|weight| weight * weight).sum::<f64>() / total;
    let between = ((q - (each.len() - 1) as f64) / scale).max(0.0);
    for ((time, variance), rate) in times.iter_mut().zip(&variances).zip(&rates) {
        time.shrunk = Some(mean + between / (between + variance) * (rate - mean));
    }
}

impl Figures {
    /// Gives Σ(y − r·x)² over customers, with messages delivered x and answered y.
    fn squares(&self, rate: f64) -> f64 {
        let [xx, xy, yy, ..] = self.products.map(|product| product as f64);
        yy - 2.0 * rate * xy + rate * rate * xx
    }

    fn time(&self, all: &Self, level: f64, times: usize) -> Time {
        if self.delivered == 0 {
            return Time::default();
        }
        let (x, y) = (self.delivered as f64, self.responses as f64);
        let rate = y / x;
        let customers = self.reached as f64;
        let few = self.answered.min(self.reached - self.answered) < FEW;
        let variance = self.squares(rate) / (x * x) * customers / (customers - 1.0);
        let interval = (!few).then(|| {
            let (low, high) = t_interval(&Estimate { value: rate, variance, df: customers - 1.0 }, level);
            (low.max(0.0), high.min(1.0))
        });
        let is_best = if few { None } else { self.is_above(all, level, times) };
        Time { rate: Some(rate), interval, shrunk: None, is_best }
    }

    /// Says whether the rate is above that of all other times.
    fn is_above(&self, all: &Self, level: f64, times: usize) -> Option<bool> {
        let (x, y) = (self.delivered as f64, self.responses as f64);
        let (x_other, y_other) = ((all.delivered - self.delivered) as f64, (all.responses - self.responses) as f64);
        if x_other <= 0.0 || y_other < FEW as f64 {
            return None;
        }
        let (own, other) = (y / x, y_other / x_other);
        let [xx, xy, yy, x_all, x_answers, y_all, y_answers] = self.products.map(|product| product as f64);
        let [xx_all, xy_all, yy_all, ..] = all.products.map(|product| product as f64);
        let between = (y_answers - yy) - other * (y_all - xy) - own * (x_answers - xy) + own * other * (x_all - xx);
        let others = (yy_all - 2.0 * y_answers + yy) - 2.0 * other * (xy_all - x_answers - y_all + xy)
            + other * other * (xx_all - 2.0 * x_all + xx);
        let customers = all.reached as f64;
        let squares = self.squares(own) / (x * x) - 2.0 * between / (x * x_other) + others / (x_other * x_other);
        let error = (squares * customers / (customers - 1.0)).max(0.0).sqrt();
        let level = 1.0 - (1.0 - level) / times as f64;
        Some(own - other > normal_quantile(level) * error)
    }
}
