//! From a bound window to the operator: places in place of ids, and the frame that the standard says where none is written.

use super::{
    relation::{Window, WindowCall, WindowKind},
    window::{self, Bound, Frame, FrameUnit, WindowExec, WindowFunction, WindowPlan},
};
use crate::expression::{OverBound, OverFrame};
use datafusion_common::{Result, internal_err};
use datafusion_physical_plan::ExecutionPlan;
use sqlparser::ast::WindowFrameUnits;
use std::{collections::BTreeSet, sync::Arc};

/// Puts a window operator above a plan; gives also the results that can be lost, which are pairs (value, lost).
///
/// # Errors
/// Bug only.
pub(super) fn windowed(
    plan: Arc<dyn ExecutionPlan>,
    wanted: &Window,
    calls: &[&WindowCall],
) -> Result<(Arc<dyn ExecutionPlan>, BTreeSet<String>)> {
    let schema = plan.schema();
    let place = |column: &super::relation::Column| Ok(schema.index_of(&column.id)?);
    let partition = wanted.partition.iter().map(place).collect::<Result<_>>()?;
    let order = wanted.order.iter().map(|(by, options)| Ok((place(by)?, *options))).collect::<Result<Vec<_>>>()?;
    let ties = wanted.ties.iter().map(place).collect::<Result<_>>()?;
    let has_order = !order.is_empty();
    let calls = calls.iter().map(|call| {
        let arguments = call.arguments.iter().map(place).collect::<Result<Vec<_>>>()?;
        let (function, arguments) = function(&call.function, arguments)?;
        Ok(window::WindowCall {
            name: call.result.id.clone(),
            function,
            arguments,
            filter: call.filter.as_ref().map(place).transpose()?,
            frame: frame(call.frame.as_ref(), has_order),
            data_type: call.result.data_type.clone(),
        })
    });
    let calls = calls.collect::<Result<Vec<_>>>()?;
    let ids: Vec<String> = calls.iter().map(|call| call.name.clone()).collect();
    let windowed: Arc<dyn ExecutionPlan> =
        Arc::new(WindowExec::try_new(plan, WindowPlan { partition, order, ties, calls })?);
    let schema = windowed.schema();
    let is_pair = |id: &String| schema.field_with_name(id).is_ok_and(|field| field.data_type().is_nested());
    let lossy = ids.into_iter().filter(is_pair).collect();
    Ok((windowed, lossy))
}

fn function(kind: &WindowKind, mut arguments: Vec<usize>) -> Result<(WindowFunction, Vec<usize>)> {
    let (name, number, ignore_nulls) = match kind {
        WindowKind::Aggregate(kernel) => return Ok((WindowFunction::Aggregate(*kernel), arguments)),
        WindowKind::Named { name, number, ignores_nulls } => (*name, *number, *ignores_nulls),
    };
    let offset = number.unwrap_or(1);
    let n = offset.unsigned_abs();
    // lag and lead: the value, and behind it the default.
    let default = (arguments.len() > 1).then(|| arguments.pop()).flatten();
    let function = match name {
        "row_number" => WindowFunction::RowNumber,
        "rank" => WindowFunction::Rank,
        "dense_rank" => WindowFunction::DenseRank,
        "percent_rank" => WindowFunction::PercentRank,
        "cume_dist" => WindowFunction::CumeDist,
        "ntile" => WindowFunction::Ntile(n),
        "lag" => WindowFunction::Lag { offset, default, ignore_nulls },
        "lead" => WindowFunction::Lead { offset, default, ignore_nulls },
        "first_value" => WindowFunction::FirstValue { ignore_nulls },
        "last_value" => WindowFunction::LastValue { ignore_nulls },
        "nth_value" => WindowFunction::NthValue { n, ignore_nulls },
        other => return internal_err!("{other} is no window function"),
    };
    Ok((function, arguments))
}

/// Gives the frame; where none is written, all rows up to the last peer of the row, and without an order all.
fn frame(written: Option<&OverFrame>, has_order: bool) -> Frame {
    let Some(OverFrame { units, start, end }) = written else {
        return match has_order {
            true => Frame { unit: FrameUnit::Range, start: Bound::UnboundedPreceding, end: Bound::CurrentRow },
            false => Frame::whole(),
        };
    };
    let unit = match units {
        WindowFrameUnits::Rows => FrameUnit::Rows,
        WindowFrameUnits::Range => FrameUnit::Range,
        WindowFrameUnits::Groups => FrameUnit::Groups,
    };
    let bound = |bound: &OverBound| match bound {
        OverBound::First => Bound::UnboundedPreceding,
        OverBound::Before(distance) => Bound::Preceding(distance.clone()),
        OverBound::Current => Bound::CurrentRow,
        OverBound::After(distance) => Bound::Following(distance.clone()),
        OverBound::Last => Bound::UnboundedFollowing,
    };
    Frame { unit, start: bound(start), end: bound(end) }
}
