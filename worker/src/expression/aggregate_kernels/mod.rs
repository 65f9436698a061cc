//! What happens to the rows of a group: exact, and the same in any order of rows.

mod count;
mod groups;
mod middle;
mod order;
mod spread;
mod sum;
mod truth;

pub(super) use count::{count, count_distinct};
pub(super) use groups::Groups;
pub(super) use middle::median;
pub(super) use order::extreme;
pub(super) use spread::spread;
pub(super) use sum::{average, sum};
pub(super) use truth::truth;
