//! Whether all or some values of a group are true; also the smallest and the largest truth.

use arrow::array::{ArrayRef, AsArray, BooleanArray};
use datafusion_common::{Result, internal_err};
use datafusion_expr::{EmitTo, GroupsAccumulator};
use std::sync::Arc;

use super::answer::at;
use super::rows::{Rows, reach, states_of_rows};

/// A truth a group, which is its own state: none without values.
#[derive(Debug)]
pub(super) struct Truth {
    /// Whether all must be true, or one.
    all: bool,
    found: Vec<Option<bool>>,
}

impl Truth {
    pub(super) fn new(all: bool) -> Self {
        Self { all, found: Vec::new() }
    }
}

impl GroupsAccumulator for Truth {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        groups: &[usize],
        filter: Option<&BooleanArray>,
        group_count: usize,
    ) -> Result<()> {
        reach(&mut self.found, group_count, None);
        let rows = Rows::of(values, filter);
        let Some(values) = at(values, 0)?.as_boolean_opt() else {
            return internal_err!("only truths are true");
        };
        rows.for_each(|row| {
            let found = &mut self.found[groups[row]];
            let value = values.value(row);
            *found = Some(match *found {
                None => value,
                Some(so_far) if self.all => so_far && value,
                Some(so_far) => so_far || value,
            });
        });
        Ok(())
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        Ok(Arc::new(BooleanArray::from(emit_to.take_needed(&mut self.found))))
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        Ok(vec![self.evaluate(emit_to)?])
    }

    fn merge_batch(&mut self, states: &[ArrayRef], groups: &[usize], group_count: usize) -> Result<()> {
        self.update_batch(states, groups, None, group_count)
    }

    fn convert_to_state(&self, values: &[ArrayRef], filter: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        states_of_rows(Self::new(self.all), values, filter)
    }

    fn size(&self) -> usize {
        self.found.capacity() * size_of::<Option<bool>>()
    }
}
