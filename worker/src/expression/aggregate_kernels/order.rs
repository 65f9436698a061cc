//! The smallest and the largest value.

use arrow::array::{ArrayRef, UInt32Array, make_comparator};
use arrow::compute::{SortOptions, take};
use segmenter_proto::{Error, Result};
use std::cmp::Ordering;

use super::Groups;

/// Gives the smallest (`Ordering::Less`) or largest value of each group, in the type of `values`. `counts` chooses rows,
/// where values are null nowhere.
pub(crate) fn extreme(
    groups: &Groups,
    values: &ArrayRef,
    counts: impl Fn(usize) -> bool,
    wanted: Ordering,
) -> Result<ArrayRef> {
    let unordered = |error: arrow::error::ArrowError| Error::bug("values cannot be ordered").caused_by(error);
    let compare = make_comparator(values, values, SortOptions::default()).map_err(unordered)?;
    let chosen: UInt32Array = groups
        .iter()
        .map(|rows| {
            let mut best: Option<u32> = None;
            for row in rows.iter().copied().filter(|row| counts(*row as usize)) {
                match best {
                    Some(so_far) if compare(row as usize, so_far as usize) != wanted => {}
                    _ => best = Some(row),
                }
            }
            best
        })
        .collect();
    take(values, &chosen, None).map_err(unordered)
}
