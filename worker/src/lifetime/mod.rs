//! What customers will order and what that is worth: models that are fitted over the population by maximum likelihood, and what they say of
//! each customer.
//!
//! ```text
//!  history a customer ─► counts ──► starts ──► climbs by Newton ──► constants ─► probability alive, orders and value to come
//!  (a query)              (all)     (a hash sample, a round each; exact sums)     (model.json)
//! ```
//!
//! A likelihood is a sum over customers, so each look at it is a round over the shards that answers exact sums of value, gradient and
//! Hessian: the same bits for any number of workers, in memory that no number of customers changes. An optimiser of others would want
//! the likelihood as a function that it calls, which a round is not.

mod ascent;
mod calibration;
mod fit;
mod forecast;
mod history;
mod jet;
mod order_value;
mod orders;
mod statistic;

pub use calibration::{DECILES, HeldOut, answer_calibration, calibration_rows, outcomes};
pub use fit::{FEWEST_CUSTOMERS, FEWEST_REPEATING, LifetimeSolver};
pub use forecast::{Forecast, Forecaster};
pub use history::{Histories, History};
pub use statistic::{answer_lifetime, merge_lifetime_answers};
