//! Values of another row: some rows before or after, or at a place of the frame.

use arrow::array::{Array, ArrayRef, UInt32Array};
use arrow::buffer::NullBuffer;
use arrow::compute::{interleave, take};
use datafusion_common::Result;

use super::boundaries::{Chunk, Partition};
use super::frames::Frames;

/// A place of a frame.
#[derive(Debug, Clone, Copy)]
pub(super) enum At {
    First,
    Last,
    /// From 0.
    Nth(usize),
}

/// Gives the value `by` rows after each row (before it, if negative), or that of `default` at the row itself where the
/// partition has no such row. Rows without a value do not count where nulls are ignored.
pub(super) fn shifted(
    chunk: &Chunk,
    values: &ArrayRef,
    by: i128,
    default: Option<&ArrayRef>,
    ignore_nulls: bool,
) -> Result<ArrayRef> {
    let mut found = Vec::with_capacity(chunk.len());
    let nulls = values.logical_nulls().filter(|_| ignore_nulls && by != 0);
    for partition in chunk.partitions() {
        match &nulls {
            Some(nulls) => after_known(&partition, nulls, by, &mut found),
            None => found.extend(partition.rows.clone().map(|row| {
                let there = usize::try_from(row as i128 + by).ok();
                there.filter(|there| partition.rows.contains(there))
            })),
        }
    }
    let Some(default) = default else { return taken(values, found) };
    let places = found.iter().enumerate().map(|(row, found)| found.map_or((1, row), |there| (0, there)));
    Ok(interleave(&[values.as_ref(), default.as_ref()], &places.collect::<Vec<_>>())?)
}

/// As the rows between were not there; `by` is not 0.
fn after_known(partition: &Partition<'_>, nulls: &NullBuffer, by: i128, found: &mut Vec<Option<usize>>) {
    let known: Vec<usize> = partition.rows.clone().filter(|row| nulls.is_valid(*row)).collect();
    let mut before = 0;
    for row in partition.rows.clone() {
        let is_known = usize::from(nulls.is_valid(row));
        // The first one after has the distance 1, the last one before −1.
        let from = if by > 0 { before + is_known } else { before };
        let place = from as i128 + if by > 0 { by - 1 } else { by };
        found.push(usize::try_from(place).ok().and_then(|place| known.get(place).copied()));
        before += is_known;
    }
}

/// Gives the value at a place of each frame, null where the frame does not have it.
pub(super) fn placed(values: &ArrayRef, frames: &Frames, at: At, ignore_nulls: bool) -> Result<ArrayRef> {
    let nulls = values.logical_nulls().filter(|_| ignore_nulls);
    let Some(nulls) = nulls else {
        let found = frames.iter().map(|frame| match at {
            At::First => (!frame.is_empty()).then_some(frame.start),
            At::Last => (!frame.is_empty()).then(|| frame.end - 1),
            At::Nth(n) => frame.start.checked_add(n).filter(|row| *row < frame.end),
        });
        return taken(values, found.collect());
    };
    let known: Vec<usize> = (0..values.len()).filter(|row| nulls.is_valid(*row)).collect();
    // How many are known before a row, and before the end.
    let mut before = Vec::with_capacity(values.len() + 1);
    before.push(0);
    before.extend((0..values.len()).scan(0, |count, row| {
        *count += usize::from(nulls.is_valid(row));
        Some(*count)
    }));
    let found = frames.iter().map(|frame| {
        let (first, end) = (before[frame.start], before[frame.end]);
        let place = match at {
            At::First => Some(first),
            At::Last => end.checked_sub(1),
            At::Nth(n) => first.checked_add(n),
        };
        place.filter(|place| (first..end).contains(place)).map(|place| known[place])
    });
    taken(values, found.collect())
}

fn taken(values: &ArrayRef, found: Vec<Option<usize>>) -> Result<ArrayRef> {
    let places: UInt32Array = found.into_iter().map(|row| row.map(|row| row as u32)).collect();
    Ok(take(values, &places, None)?)
}
