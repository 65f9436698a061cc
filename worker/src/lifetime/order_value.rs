//! The Gamma-Gamma model of what an order is worth (Fader and Hardie 2013, "The Gamma-Gamma model of monetary value").
//!
//! Values of a customer's orders are Gamma(p, ν), and ν is Gamma(q, v) over customers; how much an order is worth says nothing of how often
//! one comes.

use super::{History, jet::Jet};
use segmenter_proto::pure_math::ln;

/// The constants, in the order of the variables.
pub const VALUE_CONSTANTS: [&str; 3] = ["p", "q", "v"];

/// Gives the logarithm of the likelihood of the mean value of a customer's repeat orders, which is divided by `unit`.
pub(super) fn ln_likelihood(constants: &[Jet<3>; 3], history: &History, unit: f64) -> Jet<3> {
    let [p, q, v] = constants;
    let x = f64::from(history.orders);
    let mean = history.value / unit;
    let all = p.times(x);
    let shape = all + *q;
    shape.ln_gamma() - all.ln_gamma() - q.ln_gamma() + *q * v.ln() - shape * v.plus(x * mean).ln()
        + all.times(ln(x))
        + all.plus(-1.0).times(ln(mean))
}

/// Gives what an order of a customer is expected to be worth: of one without repeat orders what it is of everybody, which is none where the
/// mean over customers is infinite (q ≤ 1), and of one whose repeat orders were worth nothing none.
pub(super) fn expected([p, q, v]: [f64; 3], history: &History) -> Option<f64> {
    let x = f64::from(history.orders);
    if history.orders > 0 && history.value <= 0.0 {
        return None;
    }
    let value = p * (v + x * history.value) / (p * x + q - 1.0);
    (p * x + q > 1.0 && value.is_finite()).then_some(value)
}
