//! Aggregates over frames: which way each is computed.

use arrow::array::{Array, ArrayRef, BooleanArray, Int64Array, StructArray, UInt32Array};
use arrow::compute::take;
use datafusion_common::Result;
use std::cmp::Ordering;
use std::sync::Arc;

use super::boundaries::Chunk;
use super::check::bug;
use super::frames::Frames;
use super::plan::{WindowCall, value_and_lost};
use super::recomputed::{LIMIT, recompute};
use super::sliding::{Count, Counted, Different, Extreme, Truth, slide};
use super::sums::{average, sum};
use crate::expression::Kernel;

/// Computes an aggregate of each frame, in the form of the call's output.
pub(super) fn aggregate(chunk: &Chunk, frames: &Frames, call: &WindowCall, kernel: Kernel) -> Result<ArrayRef> {
    let argument = call.arguments.first().map(|column| chunk.rows.column(*column));
    let counted = Counted::new(chunk, call);
    let whole = |values: Vec<i64>| -> Result<ArrayRef> { Ok(Arc::new(Int64Array::from(values))) };
    let (values, lost) = match (kernel, argument) {
        (Kernel::Count, _) => return whole(slide(Count::default(), frames, &counted)),
        (_, None) => return Err(bug(format!("`{}` lacks its argument", call.name))),
        (Kernel::CountDistinct, Some(values)) => {
            return whole(slide(Different::new(chunk, values)?, frames, &counted));
        }
        (Kernel::Minimum, Some(values)) => return extreme(values, frames, &counted, Ordering::Less),
        (Kernel::Maximum, Some(values)) => return extreme(values, frames, &counted, Ordering::Greater),
        (Kernel::All | Kernel::Any, Some(values)) => {
            let truths = slide(Truth::new(values, kernel == Kernel::All), frames, &counted);
            return Ok(Arc::new(BooleanArray::from(truths)));
        }
        (Kernel::Sum, Some(values)) => sum(values, frames, &counted)?,
        (Kernel::Average, Some(values)) => average(values, frames, &counted)?,
        (
            Kernel::Median
            | Kernel::Quantile(_)
            | Kernel::Mode
            | Kernel::Spread { .. }
            | Kernel::Skewness
            | Kernel::Correlation
            | Kernel::Entropy,
            Some(_),
        ) => recompute(chunk, frames, &counted, (kernel, call), LIMIT)?,
    };
    if !call.can_be_lost(argument.map(|values| values.data_type())) {
        return Ok(values);
    }
    let fields = value_and_lost(values.data_type());
    Ok(Arc::new(StructArray::try_new(fields, vec![values, Arc::new(lost)], None)?))
}

fn extreme(values: &ArrayRef, frames: &Frames, counted: &Counted, wanted: Ordering) -> Result<ArrayRef> {
    let places = slide(Extreme::new(values, wanted)?, frames, counted);
    Ok(take(values, &UInt32Array::from(places), None)?)
}
