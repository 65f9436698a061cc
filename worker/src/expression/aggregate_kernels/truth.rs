//! Whether all or some values are true.

use arrow::array::{ArrayRef, AsArray, BooleanArray};
use std::sync::Arc;

use super::Groups;

/// Gives for each group whether all (`all`) or at least one of its values are true; null without values. `counts`
/// chooses rows, where values are null nowhere.
pub(crate) fn truth(groups: &Groups, values: &ArrayRef, counts: impl Fn(usize) -> bool, all: bool) -> ArrayRef {
    let values = values.as_boolean();
    let found: BooleanArray = groups
        .iter()
        .map(|rows| {
            let mut chosen = rows.iter().map(|row| *row as usize).filter(|row| counts(*row)).peekable();
            chosen.peek()?;
            // One that decides: false for all, true for any.
            Some(chosen.any(|row| values.value(row) != all) != all)
        })
        .collect();
    Arc::new(found)
}
