//! What fitted models say of a customer: whether the customer is still there, and the orders and the value to come.
//!
//! Expected orders are usually written with ₂F₁, and divided by a − 1. Here they are a sum of positive terms, which no constant makes
//! singular and in which nothing cancels. Were nobody to leave, the number of orders of a customer in a time t would be negative binomial,
//! with shape r + x and z = t / (α + T + t); the k-th of them is made where all before it left the customer there, which has the
//! probability (b′)ₖ₋₁ / (a + b′)ₖ₋₁ with b′ = b + x (MBG/NBD: b + x + 1). So
//!
//! ```text
//!  E[X(t) | there at T] = Σₖ NB(k; r + x, z) · Aₖ,    Aₖ = Σ_{j<k} (b′)ⱼ / (a + b′)ⱼ
//! ```
//!
//! which is (a + b′ − 1) / (a − 1) · [1 − (1 − z)^(r+x) · ₂F₁(r + x, b′; a + b′ − 1; z)].

use super::{History, order_value};
use segmenter_proto::{
    jobs::{Lifetime, OrderModel},
    models::LifetimeFit,
    pure_math::{exp, ln, ln_1p, powf},
};
use std::collections::BTreeMap;

/// Days of a year of discounting.
const YEAR: f64 = 365.0;
/// What is left out of a sum of positive terms is at most this share of it.
const TAIL: f64 = 1e-15;
/// With more terms there is no answer: a customer who is known since today, of a population that orders far faster than anybody is.
const MOST_TERMS: f64 = 1e6;
/// Terms and sums beyond are scaled down: where many orders are expected, the first weights are far below the smallest number.
const HUGE: f64 = 1e200;

/// What is expected of a customer; none where it cannot be known.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Forecast {
    /// The probability that the customer is still there.
    pub alive: Option<f64>,
    /// Orders within the horizon.
    pub orders: Option<f64>,
    /// What one of them is worth.
    pub order_value: Option<f64>,
    /// What they are worth together.
    pub value: Option<f64>,
    /// What is earned by them, discounted.
    pub discounted: Option<f64>,
}

/// Forecasts customers one by one.
#[derive(Debug)]
pub struct Forecaster {
    model: OrderModel,
    orders: Option<[f64; 4]>,
    order_value: Option<[f64; 3]>,
    margin: f64,
    /// Days of a unit of time.
    step: f64,
    /// The ends of steps in units, each with what money is worth there; the last one is the horizon.
    ends: Vec<(f64, f64)>,
    /// What is expected of who is there, by repeat orders and age: many customers share it.
    known: BTreeMap<(u32, u32), ToCome>,
}

/// Orders to come of a customer who is there.
#[derive(Debug, Clone, Copy)]
struct ToCome {
    orders: f64,
    /// Each counted as what money is worth when it comes.
    discounted: f64,
}

impl Forecaster {
    /// Forecasts `days` by fitted models, discounted a step at a time.
    pub fn new(lifetime: &Lifetime, fit: &LifetimeFit, days: u32) -> Self {
        let (step, days) = (lifetime.step.days(), f64::from(days));
        let steps = (days / step).ceil() as u32;
        let ends = (1..=steps).map(|number| {
            let end = (f64::from(number) * step).min(days);
            (end / step, powf(1.0 + lifetime.discount_rate, -end / YEAR))
        });
        Self {
            model: lifetime.model,
            orders: fit.orders.values(),
            order_value: fit.order_value.values(),
            margin: lifetime.margin,
            step,
            ends: ends.collect(),
            known: BTreeMap::new(),
        }
    }

    /// Forecasts without discounting, which spares the steps.
    pub fn undiscounted(lifetime: &Lifetime, fit: &LifetimeFit, days: u32) -> Self {
        let all = Self::new(lifetime, fit, days);
        Self { ends: vec![(f64::from(days) / all.step, 1.0)], ..all }
    }

    /// Forecasts a customer.
    pub fn of(&mut self, history: &History) -> Forecast {
        let order_value = self.order_value.and_then(|constants| order_value::expected(constants, history));
        let Some(constants) = self.orders else { return Forecast { order_value, ..Forecast::default() } };
        let to_come = self.forecast_orders(constants, history);
        let alive = self.alive(constants, history);
        let number = |value: f64| Some(value).filter(|value| value.is_finite());
        let times = |orders: f64| order_value.and_then(|value| number(orders * value));
        let orders = number(alive * to_come.orders);
        Forecast {
            alive: number(alive),
            orders,
            order_value,
            value: orders.and_then(times),
            discounted: number(self.margin * alive * to_come.discounted).and_then(times),
        }
    }

    /// Gives the probability that a customer has not left.
    fn alive(&self, [r, alpha, a, b]: [f64; 4], history: &History) -> f64 {
        let x = f64::from(history.orders);
        let stayed = match self.model {
            OrderModel::BgNbd if history.orders == 0 => return 1.0,
            OrderModel::BgNbd => b + x - 1.0,
            OrderModel::MbgNbd => b + x,
        };
        let (last, age) = (f64::from(history.last) / self.step, f64::from(history.age) / self.step);
        let left = ln(a / stayed) + (r + x) * ln_1p((age - last) / (alpha + last));
        1.0 / (1.0 + exp(left))
    }

    fn forecast_orders(&mut self, [r, alpha, a, b]: [f64; 4], history: &History) -> ToCome {
        let key = (history.orders, history.age);
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        let x = f64::from(history.orders);
        let stayed = match self.model {
            OrderModel::BgNbd => b + x,
            OrderModel::MbgNbd => b + x + 1.0,
        };
        let rate = alpha + f64::from(history.age) / self.step;
        let mut to_come = ToCome { orders: 0.0, discounted: 0.0 };
        for &(end, worth) in &self.ends {
            let orders = orders_of_who_is_there(r + x, a, stayed, end / (rate + end));
            to_come.discounted += (orders - to_come.orders) * worth;
            to_come.orders = orders;
        }
        self.known.insert(key, to_come);
        to_come
    }
}

/// Gives Σₖ NB(k; shape, z) · Aₖ of the module's formula, for positive constants and 0 < z < 1; no number where it takes too long.
fn orders_of_who_is_there(shape: f64, left: f64, stayed: f64, z: f64) -> f64 {
    let (mut weight, mut ln_scale) = (1.0, shape * ln_1p(-z));
    let (mut still, mut orders, mut sum) = (1.0, 0.0, 0.0);
    let mut number = 0.0;
    loop {
        // An order more.
        orders += still;
        still *= (stayed + number) / (left + stayed + number);
        weight *= (shape + number) / (number + 1.0) * z;
        number += 1.0;
        sum += weight * orders;
        if sum > HUGE {
            (weight, sum) = (weight / HUGE, sum / HUGE);
            ln_scale += ln(HUGE);
        }
        // Weights behind fall at least so fast, and an order adds one at most.
        let ratio = ((shape + number) / (number + 1.0)).max(1.0) * z;
        if ratio < 1.0 {
            let rest = weight * ratio / (1.0 - ratio) * (orders + 1.0 / (1.0 - ratio));
            if rest <= TAIL * sum {
                break;
            }
        }
        if number >= MOST_TERMS {
            return f64::NAN;
        }
    }
    if ln_scale > -600.0 { exp(ln_scale) * sum } else { exp(ln_scale + ln(sum)) }
}

#[cfg(test)]
#[path = "forecast_tests.rs"]
mod tests;
