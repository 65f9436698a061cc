//! Two sorted lists, row by row.

use super::{
    manifest::Rows,
    merged::{Merged, Row},
};
use segmenter_proto::Result;
use std::cmp::Ordering;

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Added,
    Changed,
    Removed,
    Unchanged,
}

/// Hands every row on with what became of it, by key, and counts. Where rows have no lines, all that stay are unchanged.
pub(super) fn compare(
    now: &mut Merged,
    mut before: Option<&mut Merged>,
    mut take: impl FnMut(Fate, &Row) -> Result<()>,
) -> Result<Rows> {
    let mut rows = Rows::default();
    let next_before = |before: &mut Option<&mut Merged>| match before {
        Some(before) => before.next(),
        None => Ok(None),
    };
    let (mut new, mut old) = (now.next()?, next_before(&mut before)?);
    loop {
        let order = match (&new, &old) {
            (None, None) => return Ok(rows),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(new), Some(old)) => new.key().cmp(old.key()),
        };
        if order != Ordering::Greater
            && let Some(row) = new.take()
        {
            let stays = order == Ordering::Equal;
            let is_same = old.as_ref().is_some_and(|old| old.line() == row.line());
            let (fate, count) = match (stays, is_same) {
                (false, _) => (Fate::Added, &mut rows.added),
                (true, true) => (Fate::Unchanged, &mut rows.unchanged),
                (true, false) => (Fate::Changed, &mut rows.changed),
            };
            *count += 1;
            rows.full += 1;
            take(fate, &row)?;
            new = now.next()?;
        }
        if order != Ordering::Less
            && let Some(row) = old.take()
        {
            if order == Ordering::Greater {
                rows.removed += 1;
                take(Fate::Removed, &row)?;
            }
            old = next_before(&mut before)?;
        }
    }
}
