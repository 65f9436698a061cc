//! The coordinator's side of the rounds that fit both models.

use super::{
    ascent::{AT_EDGE, Ascent, End, LARGEST, SMALLEST, Top},
    order_value::VALUE_CONSTANTS,
    orders::ORDER_CONSTANTS,
    statistic::{Counts, likelihoods_of},
};
use segmenter_proto::{
    Error, Result, Rounds,
    jobs::Lifetime,
    models::{FittedConstant, FittedModel, LifetimeFit},
    pure_math::{exp, ln},
    v1::{LifetimeAnswer, LifetimeCounts, LifetimePoints, LifetimeRequest, lifetime_request::Asked},
};

/// Customers with an order without whom nothing is fitted: standard errors of fewer say that nothing is known.
pub const FEWEST_CUSTOMERS: u64 = 100;
/// Customers with a repeat order, without whom nothing is.
pub const FEWEST_REPEATING: u64 = 20;
/// A constant whose logarithm has a larger standard error is hardly known: twice that is a factor of 50.
const HARDLY_KNOWN: f64 = 2.0;

/// Fits the models of a preset by rounds over the shards.
#[derive(Debug)]
pub struct LifetimeSolver {
    preset: u32,
    held_out: bool,
    lifetime: Lifetime,
    counts: Option<Counts>,
    orders: Option<Ascent<4>>,
    order_value: Option<Ascent<3>>,
}

impl LifetimeSolver {
    /// Begins for the preset at this position among those that forecast; `held_out`: on what came before its hold-out window.
    pub fn new(preset: u32, held_out: bool, lifetime: Lifetime) -> Self {
        Self { preset, held_out, lifetime, counts: None, orders: None, order_value: None }
    }

    fn request(&self, up_to: u64, asked: Option<Asked>) -> LifetimeRequest {
        LifetimeRequest { preset: self.preset, up_to, held_out: self.held_out, asked }
    }

    fn is_enough(counts: &Counts) -> bool {
        counts.customers >= FEWEST_CUSTOMERS && counts.repeating >= FEWEST_REPEATING
    }

    /// Gives the draw up to which customers are fitted on.
    fn up_to(&self, counts: &Counts) -> u64 {
        match self.lifetime.sample {
            Some(sample) if sample < counts.customers => {
                let share = (u128::from(sample) << 64) / u128::from(counts.customers);
                u64::try_from(share).unwrap_or(u64::MAX)
            }
            _ => u64::MAX,
        }
    }

    /// Begins both climbs, or none where there are too few.
    fn begin(&mut self, counts: Counts) {
        if Self::is_enough(&counts) {
            let days = self.lifetime.step.days();
            // Of repeat orders alone; while a customer is there, they come faster than that.
            let rate = counts.orders as f64 / (counts.days as f64 / days).max(1.0);
            self.orders = Some(Ascent::from(order_starts(rate)));
            let has_values = counts.valued >= FEWEST_REPEATING;
            self.order_value = has_values.then(|| Ascent::from(value_starts()));
        }
        self.counts = Some(counts);
    }
}

/// Gives points from which the top of the model of orders is found, by the rate of orders of all.
fn order_starts(rate: f64) -> Vec<[f64; 4]> {
    let mut starts = Vec::new();
    for r in [0.3, 1.5] {
        for faster in [1.0, 3.0] {
            for (a, b) in [(0.5, 2.0), (1.0, 10.0), (2.0, 2.0)] {
                starts.push([r, r / (rate * faster), a, b].map(within));
            }
        }
    }
    starts
}

/// Gives points from which that of an order's value is found, whose typical value is 1.
fn value_starts() -> Vec<[f64; 3]> {
    let mut starts = Vec::new();
    for p in [0.7, 3.0, 12.0] {
        for q in [1.5, 4.0, 12.0_f64] {
            starts.push([p, q, (q - 1.0) / p].map(within));
        }
    }
    starts
}

fn within(constant: f64) -> f64 {
    ln(constant.clamp(SMALLEST, LARGEST))
}

impl Rounds for LifetimeSolver {
    type Request = LifetimeRequest;
    type Answer = LifetimeAnswer;
    type Output = LifetimeFit;

    fn next_request(&self) -> Option<LifetimeRequest> {
        let Some(counts) = &self.counts else {
            let asked = Some(Asked::Counts(LifetimeCounts {}));
            return Some(self.request(u64::MAX, asked));
        };
        let points = |values: Vec<f64>| LifetimePoints { values, unit: unit(counts) };
        let asked = match (&self.orders, &self.order_value) {
            (Some(climb), _) if climb.end == End::Open => Asked::Orders(points(climb.points().concat())),
            (_, Some(climb)) if climb.end == End::Open => Asked::OrderValue(points(climb.points().concat())),
            _ => return None,
        };
        Some(self.request(self.up_to(counts), Some(asked)))
    }

    fn absorb(&mut self, answer: LifetimeAnswer) -> Result<()> {
        if self.counts.is_none() {
            self.begin(Counts::from_message(&answer)?);
            return Ok(());
        }
        match (&mut self.orders, &mut self.order_value) {
            (Some(climb), _) if climb.end == End::Open => {
                climb.absorb(likelihoods_of(&answer, climb.points().len())?);
            }
            (_, Some(climb)) if climb.end == End::Open => {
                climb.absorb(likelihoods_of(&answer, climb.points().len())?);
            }
            _ => return Err(Error::bug("a forecast was answered that asked nothing")),
        }
        Ok(())
    }

    fn finish(self) -> Result<LifetimeFit> {
        let counts = self.counts.ok_or_else(|| Error::bug("a forecast was asked for before the first round"))?;
        let orders = match &self.orders {
            Some(climb) => fitted(climb, FEWEST_CUSTOMERS, ORDER_CONSTANTS, meaning_of_orders),
            None => FittedModel { reason: Some(too_few(&counts)), ..FittedModel::default() },
        };
        let order_value = match &self.order_value {
            Some(climb) => {
                in_currency(fitted(climb, FEWEST_REPEATING, VALUE_CONSTANTS, meaning_of_value), unit(&counts))
            }
            None if self.orders.is_some() => {
                let reason = format!(
                    "{} customers have repeat orders of a value above 0, and {FEWEST_REPEATING} are needed",
                    counts.valued
                );
                FittedModel { reason: Some(reason), ..FittedModel::default() }
            }
            None => FittedModel { reason: Some(too_few(&counts)), ..FittedModel::default() },
        };
        Ok(LifetimeFit { customers: counts.customers, orders, order_value })
    }
}

/// Gives what values of orders are divided by while they are fitted: their typical value, so that the climb begins near it in any currency.
fn unit(counts: &Counts) -> f64 {
    exp(counts.ln_values.mean(counts.valued).unwrap_or_default())
}

fn too_few(counts: &Counts) -> String {
    match counts.customers >= FEWEST_CUSTOMERS {
        true => {
            format!("{} customers have ordered on a second day, and {FEWEST_REPEATING} are needed", counts.repeating)
        }
        false => format!("{} customers have ordered, and {FEWEST_CUSTOMERS} are needed", counts.customers),
    }
}

/// Gives a model at the top of its likelihood, unless `fewest` customers are not among those who were drawn to be fitted on.
fn fitted<const N: usize>(
    climb: &Ascent<N>,
    fewest: u64,
    names: [&str; N],
    meaning: fn(usize, bool) -> &'static str,
) -> FittedModel {
    let nothing = |reason: String| FittedModel { rounds: climb.looks, reason: Some(reason), ..FittedModel::default() };
    let Some(Top { at, likelihood, variances }) = climb.top() else {
        return nothing("no constants were found at which the likelihood is largest".to_owned());
    };
    if likelihood.customers < fewest {
        let drawn = likelihood.customers;
        return nothing(format!("the sample has {drawn} customers who say something, and {fewest} are needed"));
    }
    let mut remarks = Vec::new();
    let mut constants = Vec::new();
    for row in 0..N {
        let (name, value) = (names[row].to_owned(), exp(at[row]));
        let deviation = variances[row].map(f64::sqrt);
        let edge =
            [(SMALLEST, false), (LARGEST, true)].into_iter().find(|(edge, _)| (at[row] - ln(*edge)).abs() < AT_EDGE);
        match (edge, deviation) {
            (Some((edge, is_large)), _) => remarks
                .push(format!("`{name}` stands at the edge of what is tried, {edge}: {}", meaning(row, is_large))),
            (None, Some(deviation)) if deviation <= HARDLY_KNOWN => {}
            (None, _) => remarks.push(format!("`{name}` is hardly known: others fit nearly as well")),
        }
        // Of the logarithm to first order.
        constants.push(FittedConstant { name, value, standard_error: deviation.map(|deviation| deviation * value) });
    }
    FittedModel {
        customers: likelihood.customers,
        constants,
        log_likelihood: Some(likelihood.value),
        rounds: climb.looks,
        reason: None,
        remarks,
    }
}

/// Says what an edge of r, α, a and b means.
fn meaning_of_orders(row: usize, is_large: bool) -> &'static str {
    match (row, is_large) {
        (0, true) | (1, true) => "all customers order at nearly the same rate",
        (0, false) | (1, false) => "nearly all orders are those of very few customers",
        (2, false) | (3, true) => "hardly anybody leaves, or nobody was seen long enough to tell",
        _ => "all customers leave with nearly the same probability, or after the next order",
    }
}

/// Says what an edge of p, q and v means.
fn meaning_of_value(row: usize, is_large: bool) -> &'static str {
    match (row, is_large) {
        (0, true) | (2, false) => "orders of a customer are worth nearly the same",
        (1, true) | (2, true) => "an order of one customer is worth what one of another is",
        _ => "values of orders differ beyond what the model knows",
    }
}

/// Gives the model of values in the currency: v has its unit, and the likelihood is one of values, not of parts of a typical one.
fn in_currency(mut fitted: FittedModel, unit: f64) -> FittedModel {
    if let Some(v) = fitted.constants.iter_mut().find(|constant| constant.name == "v") {
        v.value *= unit;
        v.standard_error = v.standard_error.map(|error| error * unit);
    }
    fitted.log_likelihood = fitted.log_likelihood.map(|value| value - fitted.customers as f64 * ln(unit));
    fitted
}

#[cfg(test)]
#[path = "fit_tests.rs"]
mod tests;
