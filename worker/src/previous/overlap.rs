//! How many customers of each earlier segment are in each of now.

use super::{pairs::pairs, rows::PreviousRows};
use crate::frame::Labels;
use arrow::array::StringArray;
use segmenter_proto::{Error, Result, v1::OverlapAnswer};

/// Counts the customers of a shard who are in both runs by their segment in each; `before` are the keys of then, and `at` is the position of the
/// segmentation among those that were read.
///
/// # Errors
/// Bug only.
pub fn overlap(
    rows: &PreviousRows,
    at: usize,
    before: usize,
    customers: &StringArray,
    labels: &Labels,
) -> Result<OverlapAnswer> {
    let then = rows.segments(at)?;
    let now = labels.segments.len();
    let mut both = vec![0; before * now];
    for pair in pairs(rows.customers()?, customers) {
        if let (Some(earlier), Some(row)) = (pair.before, pair.now) {
            let cell = then.value(earlier) as usize * now + labels.of[row] as usize;
            *both.get_mut(cell).ok_or_else(|| Error::bug("a segment of the run before is not known"))? += 1;
        }
    }
    Ok(OverlapAnswer { before: before as u32, now: now as u32, both })
}

/// Adds `more` to `total`.
///
/// # Errors
/// When they are of other segments: Bug.
pub fn merge_overlaps(total: &mut OverlapAnswer, more: &OverlapAnswer) -> Result<()> {
    if (total.before, total.now, total.both.len()) != (more.before, more.now, more.both.len()) {
        return Err(Error::bug("overlaps of different segments do not merge"));
    }
    total.both.iter_mut().zip(&more.both).for_each(|(total, more)| *total += more);
    Ok(())
}
