//! What happens to the rows of a group: exact, and the same in any order of rows.

mod corr;
mod count;
mod deviations;
mod entropy;
mod groups;
mod mode;
mod order;
mod quantile;
mod skewness;
mod spread;
mod sum;
mod truth;

pub(crate) use corr::corr;
pub(crate) use count::{count, count_distinct, keys};
pub(crate) use entropy::entropy;
pub(crate) use groups::Groups;
pub(crate) use mode::mode;
pub(crate) use order::extreme;
pub(crate) use quantile::{Share, median, quantile};
pub(crate) use skewness::skewness;
pub(crate) use spread::spread;
pub(crate) use sum::{Total, average, averages_of, sum, sums_of};
pub(crate) use truth::truth;
