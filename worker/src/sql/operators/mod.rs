//! Operators of our own, beside the engine's.

mod chain;
mod guarded;
mod leaf;
mod properties;

pub(super) use chain::Chain;
pub(super) use guarded::{Guarded, Lost, Part};
pub(super) use leaf::Leaf;
pub(super) use properties::properties;
