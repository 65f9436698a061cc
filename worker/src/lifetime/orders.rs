//! Models of when customers order and when they are gone.
//!
//! While there, a customer orders at a rate that is Gamma(r, α) over customers; after an order the customer leaves with a probability that
//! is Beta(a, b) over customers. BG/NBD (Fader, Hardie and Lee 2005, "Counting your customers the easy way") lets nobody leave after the
//! first order, MBG/NBD (Batislam, Denizel and Filiztekin 2007; Hoppe and Wagner 2007) does.

use super::{History, jet::Jet};
use segmenter_proto::jobs::OrderModel;

/// The constants, in the order of the variables.
pub const ORDER_CONSTANTS: [&str; 4] = ["r", "alpha", "a", "b"];

/// Gives the logarithm of the likelihood of a customer's history, of which the value of orders plays no part; times are in days, and a
/// unit of the constants has `step` of them.
pub(super) fn ln_likelihood(model: OrderModel, constants: &[Jet<4>; 4], history: &History, step: f64) -> Jet<4> {
    let [r, alpha, a, b] = constants;
    let x = history.orders;
    let (last, age) = (f64::from(history.last) / step, f64::from(history.age) / step);
    // Orders after which the customer is known to have stayed, where there still.
    let stayed = match model {
        OrderModel::BgNbd => x,
        OrderModel::MbgNbd => x + 1,
    };
    let rates = |time: f64| r.ln_rising(x) - *r * alpha.ln_one_plus_part(time) - alpha.plus(time).ln().times(x.into());
    let staying = b.ln_rising(stayed) - (*a + *b).ln_rising(stayed);
    let there = rates(age) + staying;
    // After the last order: certainly not where there was none to leave after.
    match stayed {
        0 => there,
        _ => {
            let left = a.ln() - b.plus(f64::from(stayed - 1)).ln();
            there.ln_add_exp(&(rates(last) + staying + left))
        }
    }
}
