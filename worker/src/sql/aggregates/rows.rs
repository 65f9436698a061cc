//! Which rows of a batch count.

use arrow::array::{Array, ArrayRef, BooleanArray};
use arrow::buffer::{BooleanBuffer, NullBuffer};
use datafusion_common::Result;
use datafusion_expr::{EmitTo, GroupsAccumulator};

/// The rows of a batch that count: no argument is null there, and the filter is true.
#[derive(Debug)]
pub(super) struct Rows {
    count: usize,
    /// None: all.
    chosen: Option<BooleanBuffer>,
}

impl Rows {
    pub(super) fn of(arguments: &[ArrayRef], filter: Option<&BooleanArray>) -> Self {
        let count = arguments.first().map_or(0, |argument| argument.len());
        let known = arguments.iter().fold(None, |known: Option<NullBuffer>, argument| {
            NullBuffer::union(known.as_ref(), argument.logical_nulls().as_ref())
        });
        let known = known.filter(|known| known.null_count() > 0).map(NullBuffer::into_inner);
        let passes = filter.map(|filter| match filter.nulls() {
            Some(nulls) => filter.values() & nulls.inner(),
            None => filter.values().clone(),
        });
        let chosen = match (known, passes) {
            (Some(known), Some(passes)) => Some(&known & &passes),
            (known, passes) => known.or(passes),
        };
        // Mostly all do, and going through them all is faster than through the bits.
        let chosen = chosen.filter(|chosen| chosen.count_set_bits() < count);
        Self { count, chosen }
    }

    /// Calls `visit` with each of them in turn.
    pub(super) fn for_each(&self, visit: impl FnMut(usize)) {
        match &self.chosen {
            None => (0..self.count).for_each(visit),
            Some(chosen) => chosen.set_indices().for_each(visit),
        }
    }
}

/// Makes room for groups that were not seen before.
pub(super) fn reach<T: Clone>(groups: &mut Vec<T>, count: usize, empty: T) {
    if groups.len() < count {
        groups.resize(count, empty);
    }
}

/// Gives the states of groups of one row each.
pub(super) fn states_of_rows(
    mut empty: impl GroupsAccumulator,
    arguments: &[ArrayRef],
    filter: Option<&BooleanArray>,
) -> Result<Vec<ArrayRef>> {
    let count = arguments.first().map_or(0, |argument| argument.len());
    let groups: Vec<usize> = (0..count).collect();
    empty.update_batch(arguments, &groups, filter, count)?;
    empty.state(EmitTo::All)
}
