use super::*;
use crate::lifetime::{Histories, History, answer_lifetime, merge_lifetime_answers};
use segmenter_proto::{
    draw,
    jobs::{OrderModel, Step},
};
use std::path::Path;

fn lifetime(model: OrderModel) -> Lifetime {
    Lifetime {
        model,
        step: Step::Week,
        horizon_days: 365,
        holdout_days: 180,
        margin: 1.0,
        discount_rate: 0.1,
        sample: None,
    }
}

/// Fits histories that lie in so many shards.
fn fit(model: OrderModel, histories: &[History], shards: usize) -> LifetimeFit {
    let lifetime = lifetime(model);
    let shards: Vec<Histories> = (0..shards)
        .map(|shard| Histories::new(histories.iter().skip(shard).step_by(shards).copied().collect(), u64::MAX))
        .collect();
    let mut solver = LifetimeSolver::new(0, false, lifetime.clone());
    while let Some(request) = solver.next_request() {
        let mut answers = shards.iter().map(|shard| answer_lifetime(&lifetime, &request, shard).unwrap());
        let mut total = answers.next().unwrap();
        answers.for_each(|more| merge_lifetime_answers(&mut total, &more).unwrap());
        solver.absorb(total).unwrap();
    }
    solver.finish().unwrap()
}

/// The sample of 2,357 customers as it was published, in days.
fn cdnow() -> Option<Vec<History>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/cdnow/CDNOW_sample.txt");
    let text = std::fs::read_to_string(path).ok()?;
    let day = |text: &str| chrono::NaiveDate::parse_from_str(text, "%Y%m%d").unwrap();
    let last = day("19970930");
    let mut customers: std::collections::BTreeMap<String, std::collections::BTreeMap<chrono::NaiveDate, f64>> =
        Default::default();
    for line in text.lines() {
        let cells: Vec<&str> = line.split_whitespace().collect();
        if day(cells[2]) <= last {
            *customers.entry(cells[1].to_owned()).or_default().entry(day(cells[2])).or_default() +=
                cells[4].parse::<f64>().unwrap();
        }
    }
    let days = |from: chrono::NaiveDate, to: chrono::NaiveDate| u32::try_from((to - from).num_days()).unwrap();
    let history = |orders: std::collections::BTreeMap<chrono::NaiveDate, f64>| {
        let (first, newest) = (*orders.keys().next().unwrap(), *orders.keys().last().unwrap());
        let repeats: Vec<f64> = orders.values().skip(1).copied().collect();
        let value = if repeats.is_empty() { 0.0 } else { repeats.iter().sum::<f64>() / repeats.len() as f64 };
        History { orders: repeats.len() as u32, last: days(first, newest), age: days(first, last), value }
    };
    Some(customers.into_values().map(history).collect())
}

#[track_caller]
fn assert_constants(fitted: &FittedModel, expected: &[(&str, f64, f64)], within: f64) {
    assert_eq!((fitted.reason.as_deref(), fitted.remarks.len()), (None, 0), "{fitted:?}");
    for (constant, (name, value, error)) in fitted.constants.iter().zip(expected) {
        assert_eq!(constant.name, *name);
        assert!((constant.value - value).abs() < within, "{name} is {}", constant.value);
        assert!((constant.standard_error.unwrap() / error - 1.0).abs() < 0.01, "{constant:?}");
    }
}

#[test]
fn the_published_sample_has_the_published_constants() {
    let Some(histories) = cdnow() else { return };
    assert_eq!(histories.len(), 2357);
    // Fader, Hardie and Lee (2005), and Fader and Hardie (2013): three digits. Errors by the Hessian of another program (tests/peers/clv.py).
    let found = fit(OrderModel::BgNbd, &histories, 3);
    let published = [("r", 0.243, 0.01256), ("alpha", 4.414, 0.3782), ("a", 0.793, 0.1857), ("b", 2.426, 0.7054)];
    assert_constants(&found.orders, &published, 0.001);
    assert_eq!(format!("{:.1}", found.orders.log_likelihood.unwrap()), "-9582.4");
    let values = [("p", 6.25, 1.19), ("q", 3.74, 0.29), ("v", 15.44, 4.159)];
    assert_constants(&found.order_value, &values, 0.01);
    assert_eq!((found.customers, found.orders.customers, found.order_value.customers), (2357, 2357, 946));
    assert!(found.orders.rounds < 30 && found.order_value.rounds < 30, "{found:?}");
    // SciPy 1.15, Nelder-Mead to 1e-9.
    let found = fit(OrderModel::MbgNbd, &histories, 1);
    let likelihood = found.orders.log_likelihood.unwrap();
    assert!((likelihood + 9_582.135_715_553_7).abs() < 1e-6, "{likelihood}");
    for (constant, expected) in found.orders.constants.iter().zip([0.524_843, 6.183_085, 0.891_359, 1.614_002]) {
        assert!((constant.value - expected).abs() < 1e-5, "{constant:?}");
    }
}

/// A number in 0 to 1 of a series.
fn uniform(purpose: &str, number: usize) -> f64 {
    (draw(7, purpose, &number.to_string()) >> 11) as f64 / (1_u64 << 53) as f64 + f64::EPSILON
}

/// Draws of one customer, by the number of the customer and of the draw.
struct Chance {
    customer: usize,
    draws: usize,
}

impl Chance {
    fn next(&mut self) -> f64 {
        self.draws += 1;
        uniform(&format!("simulated/{}", self.customer), self.draws)
    }

    fn normal(&mut self) -> f64 {
        (-2.0 * self.next().ln()).sqrt() * (std::f64::consts::TAU * self.next()).cos()
    }

    /// Marsaglia and Tsang (2000).
    fn gamma(&mut self, shape: f64) -> f64 {
        if shape < 1.0 {
            return self.gamma(shape + 1.0) * self.next().powf(1.0 / shape);
        }
        let d = shape - 1.0 / 3.0;
        loop {
            let (x, u) = (self.normal(), self.next());
            let v = (1.0 + x / (9.0 * d).sqrt()).powi(3);
            if v > 0.0 && u.ln() < 0.5 * x * x + d - d * v + d * v.ln() {
                return d * v;
            }
        }
    }
}

/// A customer of known constants, seen for 78 weeks at most, to the day.
fn simulated(model: OrderModel, customer: usize, [r, alpha, a, b]: [f64; 4], [p, q, v]: [f64; 3]) -> History {
    let mut chance = Chance { customer, draws: 0 };
    let rate = chance.gamma(r) / alpha / 7.0;
    let (left, stays) = (chance.gamma(a), chance.gamma(b));
    let leaving = left / (left + stays);
    let age = 182.0 + (364.0 * chance.next()).floor();
    let (mut time, mut days) = (0.0, Vec::new());
    if !(model == OrderModel::MbgNbd && chance.next() < leaving) {
        loop {
            time += -chance.next().ln() / rate;
            if time >= age {
                break;
            }
            // A finer day than those of data: of many orders on one the models know nothing.
            days.push(time.floor() as u32);
            if chance.next() < leaving {
                break;
            }
        }
    }
    let scale = chance.gamma(q) / v;
    let values: f64 = days.iter().map(|_| chance.gamma(p) / scale).sum();
    let orders = days.len() as u32;
    let value = if orders > 0 { values / f64::from(orders) } else { 0.0 };
    History { orders, last: days.last().copied().unwrap_or_default(), age: age as u32, value }
}

#[test]
fn known_constants_are_found_again_within_their_errors() {
    let values = [4.0, 3.5, 30.0];
    for (model, constants) in [(OrderModel::BgNbd, [0.6, 8.0, 0.8, 2.5]), (OrderModel::MbgNbd, [0.9, 10.0, 0.7, 2.0])] {
        let histories: Vec<History> =
            (0..12_000).map(|customer| simulated(model, customer, constants, values)).collect();
        let found = fit(model, &histories, 2);
        let all = found.orders.constants.iter().chain(&found.order_value.constants);
        for (constant, expected) in all.zip(constants.into_iter().chain(values)) {
            let error = constant.standard_error.unwrap();
            assert!(error < 0.35 * expected, "{constant:?} says little");
            let distance = (constant.value - expected) / error;
            assert!(distance.abs() < 3.0, "{model:?}: {constant:?} is {distance} errors from {expected}");
        }
    }
}

#[test]
fn shards_change_no_bit() {
    let histories: Vec<History> = (0..900)
        .map(|customer| simulated(OrderModel::MbgNbd, customer, [0.9, 10.0, 0.7, 2.0], [4.0, 3.5, 30.0]))
        .collect();
    let one = fit(OrderModel::MbgNbd, &histories, 1);
    assert!(one.orders.reason.is_none() && one.order_value.reason.is_none(), "{one:?}");
    assert_eq!(one, fit(OrderModel::MbgNbd, &histories, 7));
    let reversed: Vec<History> = histories.iter().rev().copied().collect();
    assert_eq!(one, fit(OrderModel::MbgNbd, &reversed, 4));
}

#[test]
fn an_edge_is_told_in_words() {
    // Everybody orders once in ten days, to the day, and nobody leaves: neither rates nor leaving differ.
    let alike: Vec<History> = (0..300)
        .map(|number| History { orders: 20 + number % 3, last: 300, age: 305, value: 10.0 + f64::from(number % 7) })
        .collect();
    let found = fit(OrderModel::BgNbd, &alike, 2);
    assert!(found.orders.reason.is_none() && !found.orders.remarks.is_empty(), "{found:?}");
    let told = found.orders.remarks.join("; ");
    assert!(
        told.contains("hardly anybody leaves") && told.contains("all customers order at nearly the same rate"),
        "{told}"
    );
    // Every order is worth the same.
    let flat: Vec<History> = alike.iter().map(|history| History { value: 25.0, ..*history }).collect();
    let found = fit(OrderModel::BgNbd, &flat, 1).order_value;
    assert!(!found.remarks.is_empty(), "{found:?}");
}

#[test]
fn too_few_are_not_fitted() {
    let history = |orders| History { orders, last: 10 * orders, age: 90, value: 5.0 };
    let few: Vec<History> = (0..99).map(|number| history(number % 4)).collect();
    let found = fit(OrderModel::BgNbd, &few, 2);
    assert_eq!(found.orders.reason.as_deref(), Some("99 customers have ordered, and 100 are needed"));
    assert_eq!(found.order_value.reason, found.orders.reason);
    let once: Vec<History> = (0..500).map(|number| history(u32::from(number < 19))).collect();
    let found = fit(OrderModel::BgNbd, &once, 2);
    let reason = "19 customers have ordered on a second day, and 20 are needed";
    assert_eq!((found.customers, found.orders.reason.as_deref()), (500, Some(reason)));
    assert_eq!(fit(OrderModel::BgNbd, &[], 2).customers, 0);
    let free: Vec<History> = (0..900)
        .map(|customer| History {
            value: 0.0,
            ..simulated(OrderModel::BgNbd, customer, [0.6, 8.0, 0.8, 2.5], [4.0, 3.5, 30.0])
        })
        .collect();
    let found = fit(OrderModel::BgNbd, &free, 2);
    assert!(found.orders.reason.is_none() && found.orders.log_likelihood.is_some());
    let reason = "0 customers have repeat orders of a value above 0, and 20 are needed";
    assert_eq!(found.order_value.reason.as_deref(), Some(reason));
}
