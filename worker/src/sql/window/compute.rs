//! The columns of all calls over whole partitions that are sorted.

use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow::datatypes::SchemaRef;
use datafusion_common::Result;
use std::rc::Rc;

use super::aggregate::aggregate;
use super::boundaries::Chunk;
use super::check::bug;
use super::frames::Frames;
use super::plan::{Frame, WindowCall, WindowFunction, WindowPlan};
use super::positions::{At, placed, shifted};
use super::ranks::{cume_dist, dense_rank, ntile, percent_rank, rank, row_number};

/// Adds a column a call to rows of whole partitions, sorted by partition, order and what breaks ties.
pub(super) fn compute(rows: RecordBatch, plan: &WindowPlan, schema: &SchemaRef) -> Result<RecordBatch> {
    let chunk = Chunk::new(rows, plan)?;
    let mut found = Found { plan, frames: Vec::new() };
    let mut columns = chunk.rows.columns().to_vec();
    for call in &plan.calls {
        columns.push(column(&chunk, call, &mut found)?);
    }
    let options = RecordBatchOptions::new().with_row_count(Some(chunk.len()));
    Ok(RecordBatch::try_new_with_options(SchemaRef::clone(schema), columns, &options)?)
}

/// Frames that were found, for calls that have the same.
struct Found<'a> {
    plan: &'a WindowPlan,
    frames: Vec<(&'a Frame, Rc<Frames>)>,
}

impl<'a> Found<'a> {
    fn get(&mut self, chunk: &Chunk, frame: &'a Frame) -> Result<Rc<Frames>> {
        if let Some((_, frames)) = self.frames.iter().find(|(known, _)| *known == frame) {
            return Ok(Rc::clone(frames));
        }
        let frames = Rc::new(Frames::new(chunk, frame, self.plan)?);
        self.frames.push((frame, Rc::clone(&frames)));
        Ok(frames)
    }
}

fn column<'a>(chunk: &Chunk, call: &'a WindowCall, found: &mut Found<'a>) -> Result<ArrayRef> {
    let values = || {
        let column = call.arguments.first().ok_or_else(|| bug(format!("`{}` lacks its argument", call.name)))?;
        Ok::<_, datafusion_common::DataFusionError>(chunk.rows.column(*column))
    };
    let moved = |by: i128, default: Option<usize>, ignore_nulls: bool| {
        shifted(chunk, values()?, by, default.map(|column| chunk.rows.column(column)), ignore_nulls)
    };
    let mut framed = |of: &dyn Fn(&Frames) -> Result<ArrayRef>| {
        let frames = found.get(chunk, &call.frame)?;
        frames.to_rows(of(&frames)?)
    };
    let mut at = |place: At, ignore_nulls: bool| framed(&|frames| placed(values()?, frames, place, ignore_nulls));
    match call.function {
        WindowFunction::RowNumber => Ok(row_number(chunk)),
        WindowFunction::Rank => Ok(rank(chunk)),
        WindowFunction::DenseRank => Ok(dense_rank(chunk)),
        WindowFunction::PercentRank => Ok(percent_rank(chunk)),
        WindowFunction::CumeDist => Ok(cume_dist(chunk)),
        WindowFunction::Ntile(buckets) => Ok(ntile(chunk, buckets)),
        WindowFunction::Lag { offset, default, ignore_nulls } => moved(-i128::from(offset), default, ignore_nulls),
        WindowFunction::Lead { offset, default, ignore_nulls } => moved(i128::from(offset), default, ignore_nulls),
        WindowFunction::FirstValue { ignore_nulls } => at(At::First, ignore_nulls),
        WindowFunction::LastValue { ignore_nulls } => at(At::Last, ignore_nulls),
        WindowFunction::NthValue { n, ignore_nulls } => {
            // No frame has more rows than fit; `check` refused 0.
            let n = usize::try_from(n).unwrap_or(usize::MAX).saturating_sub(1);
            at(At::Nth(n), ignore_nulls)
        }
        WindowFunction::Aggregate(kernel) => framed(&|frames| aggregate(chunk, frames, call, kernel)),
    }
}
