//! Exact nearest-rank quantiles of many columns and groups over many shards, in a few rounds.
//!
//! A quantile is the value at position ceil(p·n) of the sorted values that are not null. Values are looked at as 128-bit
//! keys that keep their order ([`key_of_f64`]; integers, dates and unscaled decimals are their own keys). A round asks
//! for a histogram over a bracket of keys that holds the position, or, where few values are left, for the values
//! themselves; answers add up, so their order does not matter, and no answer exceeds a few megabytes.

mod counter;
mod fraction;
mod key;
mod message;
mod solver;

pub use counter::QuantileCounter;
pub use fraction::Fraction;
pub use key::{f64_of_key, key_of_f64};
pub use message::merge_quantile_answers;
pub use solver::{QuantileSolver, QuantileTarget};
