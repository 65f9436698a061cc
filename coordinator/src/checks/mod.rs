//! What checks of a job file stand on: where everything stands in it, what was found wrong, and names.

mod errors;
mod findings;
mod identifiers;
mod names;
mod nearest;
mod ordered;
mod places;

pub(crate) use errors::position;
pub use errors::{JobError, JobErrors};
pub(crate) use findings::Findings;
pub(crate) use identifiers::identifiers;
pub(crate) use names::{Unique, check_key, check_name, is_name_letter};
pub(crate) use nearest::{did_you_mean, nearest, one_of};
pub(crate) use ordered::Ordered;
pub use places::Places;
pub(crate) use places::join;
