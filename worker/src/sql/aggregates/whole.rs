//! An aggregate of all rows: one group.

use arrow::array::{Array, ArrayRef, BooleanArray, new_empty_array};
use arrow::datatypes::DataType;
use datafusion_common::{Result, ScalarValue, internal_err};
use datafusion_expr::{Accumulator, EmitTo, GroupsAccumulator};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// Computes of all rows what `groups` computes of a group's.
pub(super) struct Whole {
    /// Locked by nobody for long: the engine asks that threads may share it, and none do.
    groups: Mutex<Box<dyn GroupsAccumulator>>,
}

impl fmt::Debug for Whole {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Whole").finish_non_exhaustive()
    }
}

impl Whole {
    /// Makes the one group, which is there though it has no row.
    pub(super) fn new(mut groups: Box<dyn GroupsAccumulator>, arguments: &[DataType]) -> Result<Self> {
        let mut none: Vec<ArrayRef> = arguments.iter().map(new_empty_array).collect();
        if none.is_empty() {
            none.push(Arc::new(BooleanArray::from(Vec::<bool>::new())));
        }
        groups.update_batch(&none, &[], None, 1)?;
        Ok(Self { groups: Mutex::new(groups) })
    }

    fn own(&mut self) -> &mut dyn GroupsAccumulator {
        self.groups.get_mut().unwrap_or_else(PoisonError::into_inner).as_mut()
    }
}

impl Accumulator for Whole {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let rows = values.first().map_or(0, |values| values.len());
        self.own().update_batch(values, &vec![0; rows], None, 1)
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        ScalarValue::try_from_array(&self.own().evaluate(EmitTo::All)?, 0)
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.groups.lock().unwrap_or_else(PoisonError::into_inner).size()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        self.own().state(EmitTo::All)?.iter().map(|state| ScalarValue::try_from_array(state, 0)).collect()
    }

    fn merge_batch(&mut self, _: &[ArrayRef]) -> Result<()> {
        internal_err!("all rows are aggregated in one step")
    }
}
