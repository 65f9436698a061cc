//! The form of results: a value, or a value and whether it is lost.

use arrow::array::{Array, ArrayRef, BooleanArray, StructArray};
use arrow::datatypes::{DataType, Field, Fields};
use datafusion_common::{DataFusionError, Result, internal_err};
use std::sync::Arc;

/// What an aggregate answers.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Answer {
    /// The type of the value.
    pub(super) value: DataType,
    /// Whether a value can be null because it cannot be known.
    pub(super) can_be_lost: bool,
}

impl Answer {
    /// Gives the type of the result.
    pub(super) fn data_type(&self) -> DataType {
        if self.can_be_lost { DataType::Struct(self.fields()) } else { self.value.clone() }
    }

    /// Gives the results of `groups` groups, of which `compute` gives the values and tells those that are lost.
    pub(super) fn of(
        &self,
        groups: usize,
        compute: impl FnOnce(&mut dyn FnMut(usize)) -> segmenter_proto::Result<ArrayRef>,
    ) -> Result<ArrayRef> {
        let mut lost = vec![false; groups];
        let values = compute(&mut |group| lost[group] = true).map_err(engine_error)?;
        if values.data_type() != &self.value || values.len() != groups {
            return internal_err!("an aggregate gives {} values of {}", values.len(), values.data_type());
        }
        if self.can_be_lost {
            let columns = vec![values, Arc::new(BooleanArray::from(lost)) as ArrayRef];
            return Ok(Arc::new(StructArray::try_new(self.fields(), columns, None)?));
        }
        if lost.contains(&true) {
            return internal_err!("an aggregate lost a value that cannot be lost");
        }
        Ok(values)
    }

    fn fields(&self) -> Fields {
        let value = Field::new("value", self.value.clone(), true);
        vec![value, Field::new("lost", DataType::Boolean, false)].into()
    }
}

/// Hands an error of ours through the engine.
pub(super) fn engine_error(error: segmenter_proto::Error) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}

/// Gives the column at `place` of states or arguments.
pub(super) fn at(columns: &[ArrayRef], place: usize) -> Result<&ArrayRef> {
    match columns.get(place) {
        Some(column) => Ok(column),
        None => internal_err!("an aggregate has no column {place}"),
    }
}
