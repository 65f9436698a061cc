//! What both sides of segmenter must agree on bit for bit: messages, the job, exact statistics and their merge, object keys.

mod checksum;
#[cfg(test)]
mod descriptor_tests;
mod error;
mod exact;
mod failure;
mod fates;
mod ids;
mod job;
mod keys;
mod kind;
mod math;
mod method;
mod model;
mod moments;
mod quantile;
mod rounds;

pub use checksum::checksum_of;
pub use error::{Error, Fault, NO_ROOM, Place, Position, Result};
pub use exact::ExactSum;
pub use fates::{Fate, RowFates};
pub use ids::{customer_hash, draw, shard_of};
pub use rounds::{Rounds, Watched};

/// The job as validated: every default filled in, every name checked.
pub mod jobs {
    pub use crate::job::*;
}
/// The ways to divide customers: what the job says of each, and `model.json`.
pub mod methods {
    pub use crate::method::*;
}
/// What models are made of.
pub mod models {
    pub use crate::model::*;
}
/// What the rows of sources are.
pub mod kinds {
    pub use crate::kind::*;
}
/// Every object's key below the output, formatted in one place.
pub mod object_keys {
    pub use crate::keys::*;
}
/// Logarithms and the like: one pure-Rust implementation everywhere, so that a platform's library cannot change a bit.
pub mod pure_math {
    pub use crate::math::*;
}
/// Exact moments of a column, in two rounds.
pub mod statistics {
    pub use crate::moments::*;
    pub use crate::quantile::*;
}
/// The messages of `segmenter.v1`.
#[allow(missing_debug_implementations, unused_qualifications, clippy::all)]
pub mod v1 {
    include!(concat!(env!("OUT_DIR"), "/segmenter.v1.rs"));
}

/// Raised whenever the same job on the same input may give other bytes than before.
pub const ALGORITHM_VERSION: u32 = 5;
