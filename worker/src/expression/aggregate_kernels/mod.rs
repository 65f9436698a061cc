//! What happens to the rows of a group: exact, and the same in any order of rows.

mod corr;
mod deviations;
mod entropy;
mod groups;
mod keys;
mod mode;
mod quantile;
mod skewness;
mod spread;
mod sum;

pub(crate) use corr::corr;
pub(crate) use entropy::{entropy, entropy_of};
pub(crate) use groups::Groups;
pub(crate) use keys::{keys, text_key};
pub(crate) use mode::mode;
pub(crate) use quantile::{Share, median, quantile};
pub(crate) use skewness::skewness;
pub(crate) use spread::spread;
pub(in crate::expression) use sum::divide_half_away;
pub(crate) use sum::{Total, averages_of, sums_of};
