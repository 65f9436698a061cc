//! The most frequent value.

use arrow::array::{ArrayRef, UInt32Array, make_comparator};
use arrow::compute::{SortOptions, take};
use segmenter_proto::{Error, Result};

use super::Groups;

/// Gives the most frequent value of each group, of several the smallest, in the type of `values`. `counts` chooses rows,
/// where values are null nowhere.
pub(crate) fn mode(groups: &Groups, values: &ArrayRef, counts: impl Fn(usize) -> bool) -> Result<ArrayRef> {
    let unordered = |error: arrow::error::ArrowError| Error::bug("values cannot be ordered").caused_by(error);
    let compare = make_comparator(values, values, SortOptions::default()).map_err(unordered)?;
    let compare = |a: &u32, b: &u32| compare(*a as usize, *b as usize);
    let mut held: Vec<u32> = Vec::new();
    let chosen: UInt32Array = groups
        .iter()
        .map(|rows| {
            held.clear();
            held.extend(rows.iter().filter(|row| counts(**row as usize)));
            held.sort_unstable_by(compare);
            let mut best: &[u32] = &[];
            for equal in held.chunk_by(|a, b| compare(a, b).is_eq()) {
                if equal.len() > best.len() {
                    best = equal;
                }
            }
            best.first().copied()
        })
        .collect();
    take(values, &chosen, None).map_err(unordered)
}
