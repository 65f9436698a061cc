//! The frame of each row: which rows a function looks at.

use arrow::array::{ArrayRef, UInt32Array};
use arrow::compute::take;
use datafusion_common::Result;
use std::iter::repeat_n;
use std::ops::Range;

use super::boundaries::{Chunk, Partition};
use super::check::{bug, steps};
use super::plan::{Bound, Frame, FrameUnit, WindowPlan};
use super::range::Axis;

/// The ranges of rows that functions look at. Along a partition neither end ever goes back.
#[derive(Debug)]
pub(super) struct Frames {
    /// A frame is here once, however many rows one after another have it.
    ranges: Vec<(u32, u32)>,
    /// Which one each row has; none if each has its own.
    places: Option<UInt32Array>,
}

/// The end of the frame that is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Start,
    End,
}

impl Frames {
    /// Finds the frames of all rows.
    pub(super) fn new(chunk: &Chunk, frame: &Frame, plan: &WindowPlan) -> Result<Self> {
        let starts = edges(chunk, frame.unit, &frame.start, Side::Start, plan)?;
        let mut ends = edges(chunk, frame.unit, &frame.end, Side::End, plan)?;
        // An empty frame stands where it would start, so that ends do not go back.
        ends.iter_mut().zip(&starts).for_each(|(end, start)| *end = (*end).max(*start));
        let mut ranges: Vec<(u32, u32)> = Vec::new();
        let mut places = Vec::with_capacity(chunk.len());
        for range in starts.into_iter().zip(ends) {
            if ranges.last() != Some(&range) {
                ranges.push(range);
            }
            places.push(ranges.len() as u32 - 1);
        }
        let places = (ranges.len() < places.len()).then(|| UInt32Array::from(places));
        Ok(Self { ranges, places })
    }

    pub(super) fn len(&self) -> usize {
        self.ranges.len()
    }

    /// Gives the frames in turn.
    pub(super) fn iter(&self) -> impl Iterator<Item = Range<usize>> {
        self.ranges.iter().map(|(start, end)| *start as usize..*end as usize)
    }

    /// Gives each row the value of its frame.
    pub(super) fn to_rows(&self, values: ArrayRef) -> Result<ArrayRef> {
        match &self.places {
            Some(places) => Ok(take(&values, places, None)?),
            None => Ok(values),
        }
    }
}

/// Gives the first row of each frame, or the one behind its last.
fn edges(chunk: &Chunk, unit: FrameUnit, bound: &Bound, side: Side, plan: &WindowPlan) -> Result<Vec<u32>> {
    let mut edges = Vec::with_capacity(chunk.len());
    let axis = match (unit, bound.distance(), plan.order.as_slice()) {
        (FrameUnit::Range, Some(_), [(column, options)]) => Some(Axis::new(chunk.rows.column(*column), *options)?),
        _ => None,
    };
    for partition in chunk.partitions() {
        let Range { start, end } = partition.rows.clone();
        match (bound, axis.as_ref(), unit) {
            (Bound::UnboundedPreceding, ..) => edges.extend(repeat_n(start as u32, end - start)),
            (Bound::UnboundedFollowing, ..) => edges.extend(repeat_n(end as u32, end - start)),
            (_, Some(axis), _) => axis.edges(&partition, bound, side, &mut edges)?,
            (_, None, FrameUnit::Rows) => {
                let places = (start..end).map(|row| stepped(row, bound, side).map(|row| row.clamp(start, end)));
                for place in places {
                    edges.push(place? as u32);
                }
            }
            (_, None, FrameUnit::Range | FrameUnit::Groups) => by_groups(&partition, bound, side, &mut edges)?,
        }
    }
    Ok(edges)
}

fn by_groups(partition: &Partition<'_>, bound: &Bound, side: Side, edges: &mut Vec<u32>) -> Result<()> {
    let last = partition.peers.len() - 1;
    for (group, rows) in partition.groups().enumerate() {
        let place = stepped(group, bound, side)?.min(last);
        edges.extend(repeat_n(partition.peers[place] as u32, rows.len()));
    }
    Ok(())
}

/// Goes from a row or group as far as the bound says.
fn stepped(from: usize, bound: &Bound, side: Side) -> Result<usize> {
    let from = if side == Side::End { from + 1 } else { from };
    let distance = || bound.distance().and_then(steps).ok_or_else(|| bug("a frame has no distance"));
    Ok(match bound {
        Bound::Preceding(_) => from.saturating_sub(distance()?),
        Bound::Following(_) => from.saturating_add(distance()?),
        _ => from,
    })
}
