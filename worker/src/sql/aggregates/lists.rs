//! States that hold several values a group.

use arrow::array::{Array, ArrayRef, AsArray, ListArray};
use arrow::buffer::{OffsetBuffer, ScalarBuffer};
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion_common::{Result, exec_datafusion_err};
use std::ops::Range;
use std::sync::Arc;

/// Gives the type of lists of `item`.
pub(super) fn list_type(item: DataType) -> DataType {
    DataType::List(field(item))
}

fn field(item: DataType) -> FieldRef {
    Arc::new(Field::new("item", item, true))
}

/// Divides `values` into lists of these lengths.
pub(super) fn lists(lengths: impl Iterator<Item = usize>, values: ArrayRef) -> Result<ArrayRef> {
    let mut end = 0_usize;
    let ends = lengths.map(|length| {
        end += length;
        i32::try_from(end).map_err(|_| exec_datafusion_err!("an aggregate has too many values to be written to disk"))
    });
    let offsets = std::iter::once(Ok(0)).chain(ends).collect::<Result<Vec<i32>>>()?;
    let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
    Ok(Arc::new(ListArray::try_new(field(values.data_type().clone()), offsets, values, None)?))
}

/// Gives for each list where its values stand, and the values.
pub(super) fn opened(lists: &ArrayRef) -> (impl Iterator<Item = Range<usize>>, &ArrayRef) {
    let lists = lists.as_list::<i32>();
    (lists.value_offsets().windows(2).map(|ends| ends[0] as usize..ends[1] as usize), lists.values())
}
