//! Operators of our own, beside the engine's.

mod asked;
mod by_customer;
mod chain;
mod guarded;
mod leaf;
mod properties;

pub(super) use asked::Asked;
pub(super) use by_customer::ByCustomer;
pub(super) use chain::Chain;
pub(crate) use guarded::FilterCounts;
pub(super) use guarded::{Guarded, Lost, Owner, Part};
pub(super) use leaf::Leaf;
pub(super) use properties::properties;
