//! Calls with `over (…)`: translated as they stand; the query decides what they become.

use arrow::compute::SortOptions;
use arrow::datatypes::{DataType, IntervalMonthDayNano};
use datafusion_common::ScalarValue;
use datafusion_expr::Expr;
use sqlparser::ast::{
    Function, FunctionArg, FunctionArgExpr, FunctionArgumentClause, FunctionArgumentList, FunctionArguments,
    NullTreatment, Spanned, WindowFrame, WindowFrameBound, WindowFrameUnits, WindowSpec, WindowType,
};

use super::error::{Position, position_of};
use super::operand::{Operand, unify};
use super::translate::{AggregateCall, Place, Translator};
use super::types::Family;
use super::window_functions::WindowFunctionDoc;
use super::{ExpressionError, aggregate_functions, window_functions};

/// A call with `over (…)`.
#[derive(Debug, Clone)]
pub(crate) struct OverCall {
    pub(crate) function: OverFunction,
    pub(crate) partition: Vec<Operand>,
    pub(crate) order: Vec<(Operand, SortOptions)>,
    /// None: what the standard says where no frame is written.
    pub(crate) frame: Option<OverFrame>,
    pub(crate) position: Option<Position>,
}

/// What is computed.
#[derive(Debug, Clone)]
pub(crate) enum OverFunction {
    Aggregate(AggregateCall),
    /// One of [`window_functions::ALL`], its arguments checked.
    Window {
        name: &'static str,
        arguments: Vec<Operand>,
        number: Option<i64>,
        ignores_nulls: bool,
    },
}

impl OverFunction {
    /// Gives the type of the result.
    pub(crate) fn data_type(&self) -> DataType {
        match self {
            Self::Aggregate(call) => call.data_type.clone(),
            Self::Window { name: "percent_rank" | "cume_dist", .. } => DataType::Float64,
            Self::Window { arguments, .. } => {
                arguments.first().map_or(DataType::Int64, |argument| argument.data_type.clone())
            }
        }
    }
}

/// The rows around a row that its value is computed from.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct OverFrame {
    pub(crate) units: WindowFrameUnits,
    pub(crate) start: OverBound,
    pub(crate) end: OverBound,
}

/// Where a frame begins or ends.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum OverBound {
    First,
    Before(ScalarValue),
    Current,
    After(ScalarValue),
    Last,
}

impl Translator<'_> {
    pub(super) fn over(&mut self, name: &str, call: &Function) -> Result<Operand, ExpressionError> {
        let (Some(names), Some(over)) = (self.names, &call.over) else {
            return Err(ExpressionError::new("window functions (`over`) are not allowed here")
                .with_hint("they stand in queries: [[features.sql]]"));
        };
        if matches!(self.place, Place::Key) {
            return Err(ExpressionError::new("a window function is no key of groups"));
        }
        let spec = match over {
            WindowType::WindowSpec(spec) if spec.window_name.is_none() => spec,
            _ => {
                return Err(ExpressionError::new("named windows are not allowed")
                    .with_hint("write partition by and order by out in over (…)"));
            }
        };
        let FunctionArguments::List(list) = &call.args else {
            return Err(ExpressionError::new(format!("{name} needs its arguments in brackets")));
        };
        let is_order =
            |clause: &FunctionArgumentClause| !matches!(clause, FunctionArgumentClause::IgnoreOrRespectNulls(_));
        if !call.within_group.is_empty() || list.clauses.iter().any(is_order) {
            return Err(ExpressionError::new(format!("{name}: `order by` stands in over (…)")));
        }
        let function = match (aggregate_functions::find(name), window_functions::find(name)) {
            (Some(function), _) => OverFunction::Aggregate(self.aggregate_call(function, list, call)?),
            (None, Some(function)) => self.window_call(function, list, call)?,
            (None, None) => {
                return Err(ExpressionError::new(format!("{name} is no window function"))
                    .with_hint("`segmenter functions` lists aggregates and window functions"));
            }
        };
        let partition = spec.partition_by.iter().map(|part| self.translate(part)).collect::<Result<_, _>>()?;
        let order = self.order(spec)?;
        let frame = spec.window_frame.as_ref().map(|frame| self.frame(frame, &order)).transpose()?;
        names.window(OverCall { function, partition, order, frame, position: position_of(call.span().start) })
    }

    fn order(&mut self, spec: &WindowSpec) -> Result<Vec<(Operand, SortOptions)>, ExpressionError> {
        let parts = spec.order_by.iter().map(|part| {
            let operand = self.translate(&part.expr)?;
            if matches!(operand.expr, Expr::Literal(..)) {
                return Err(ExpressionError::new("an order by a constant says nothing")
                    .with_hint("write the column or the expression, not its number")
                    .at(operand.position));
            }
            let descending = part.options.asc == Some(false);
            // As in PostgreSQL: null is larger than everything.
            let nulls_first = part.options.nulls_first.unwrap_or(descending);
            Ok((operand, SortOptions { descending, nulls_first }))
        });
        parts.collect()
    }

    fn window_call(
        &mut self,
        function: &'static WindowFunctionDoc,
        list: &FunctionArgumentList,
        call: &Function,
    ) -> Result<OverFunction, ExpressionError> {
        let name = function.name;
        if call.filter.is_some() || list.duplicate_treatment.is_some() {
            return Err(ExpressionError::new(format!("{name}: `filter` and `distinct` belong to aggregates")));
        }
        let arguments = list.args.iter().map(|argument| match argument {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(argument)) => self.translate(argument),
            _ => Err(ExpressionError::new(format!("{name} takes expressions only"))),
        });
        let mut arguments: Vec<Operand> = arguments.collect::<Result<_, _>>()?;
        let wrong = || ExpressionError::new(format!("{name} is not called like this")).with_hint(function.signature);
        let takes_value = matches!(name, "lag" | "lead" | "first_value" | "last_value" | "nth_value");
        let most = match name {
            "lag" | "lead" => 3,
            "nth_value" => 2,
            "first_value" | "last_value" | "ntile" => 1,
            _ => 0,
        };
        let least = match name {
            "nth_value" => 2,
            "ntile" => 1,
            _ => usize::from(takes_value),
        };
        if arguments.len() < least || arguments.len() > most {
            return Err(wrong());
        }
        let at = usize::from(takes_value);
        let number = match arguments.len() > at {
            true => {
                let operand = arguments.remove(at);
                let least = i64::from(!matches!(name, "lag" | "lead"));
                match &operand.expr {
                    Expr::Literal(ScalarValue::Int64(Some(number)), _) if *number >= least => Some(*number),
                    _ => {
                        return Err(ExpressionError::new(format!("{name} expects a whole number from {least} here"))
                            .with_hint(function.signature)
                            .at(operand.position));
                    }
                }
            }
            false => None,
        };
        if arguments.len() == 2 {
            arguments = unify(name, arguments, self.settings.zone())?.0;
        }
        if matches!(arguments.first().map(Operand::family), Some(Family::Interval | Family::Duration)) {
            return Err(wrong());
        }
        let within = list.clauses.contains(&FunctionArgumentClause::IgnoreOrRespectNulls(NullTreatment::IgnoreNulls));
        let ignores_nulls = within || call.null_treatment == Some(NullTreatment::IgnoreNulls);
        if ignores_nulls && !takes_value {
            return Err(ExpressionError::new(format!("{name} takes no `ignore nulls`")));
        }
        Ok(OverFunction::Window { name, arguments, number, ignores_nulls })
    }

    fn frame(&mut self, frame: &WindowFrame, order: &[(Operand, SortOptions)]) -> Result<OverFrame, ExpressionError> {
        let start = self.bound(&frame.start_bound, frame.units, order)?;
        let end = match &frame.end_bound {
            Some(bound) => self.bound(bound, frame.units, order)?,
            None => OverBound::Current,
        };
        let rank = |bound: &OverBound| match bound {
            OverBound::First => 0,
            OverBound::Before(_) => 1,
            OverBound::Current => 2,
            OverBound::After(_) => 3,
            OverBound::Last => 4,
        };
        if start == OverBound::Last || end == OverBound::First || rank(&start) > rank(&end) {
            return Err(ExpressionError::new("the frame ends before it begins"));
        }
        Ok(OverFrame { units: frame.units, start, end })
    }

    fn bound(
        &mut self,
        bound: &WindowFrameBound,
        units: WindowFrameUnits,
        order: &[(Operand, SortOptions)],
    ) -> Result<OverBound, ExpressionError> {
        let (distance, is_before) = match bound {
            WindowFrameBound::CurrentRow => return Ok(OverBound::Current),
            WindowFrameBound::Preceding(None) => return Ok(OverBound::First),
            WindowFrameBound::Following(None) => return Ok(OverBound::Last),
            WindowFrameBound::Preceding(Some(distance)) => (distance, true),
            WindowFrameBound::Following(Some(distance)) => (distance, false),
        };
        let distance = self.translate(distance)?;
        let value = match (&distance.expr, units) {
            (Expr::Literal(ScalarValue::Int64(Some(rows)), _), WindowFrameUnits::Rows | WindowFrameUnits::Groups)
                if *rows >= 0 =>
            {
                ScalarValue::Int64(Some(*rows))
            }
            (_, WindowFrameUnits::Rows | WindowFrameUnits::Groups) => {
                return Err(ExpressionError::new("the frame expects a whole number from 0 here").at(distance.position));
            }
            (Expr::Literal(value, _), WindowFrameUnits::Range) => {
                let [(by, _)] = order else {
                    return Err(ExpressionError::new("a frame by distance needs exactly one column in `order by`")
                        .at(distance.position));
                };
                range_distance(value, by, &distance)?
            }
            _ => {
                return Err(ExpressionError::new("the frame expects a constant here").at(distance.position));
            }
        };
        Ok(if is_before { OverBound::Before(value) } else { OverBound::After(value) })
    }
}

/// Gives a distance in the kind of the column that the rows are ordered by.
fn range_distance(value: &ScalarValue, by: &Operand, distance: &Operand) -> Result<ScalarValue, ExpressionError> {
    let wrong = |what: &str| ExpressionError::new(format!("the frame expects {what} here")).at(distance.position);
    match (by.family(), distance.family()) {
        (Family::Number, Family::Number) => {
            let zero = ScalarValue::new_zero(&value.data_type()).map_err(|_| wrong("a number from 0"))?;
            if value.partial_cmp(&zero).is_none_or(std::cmp::Ordering::is_lt) {
                return Err(wrong("a number from 0"));
            }
            Ok(value.clone())
        }
        (Family::Date, Family::Number) => match value {
            ScalarValue::Int64(Some(days)) if *days >= 0 && *days <= i64::from(i32::MAX) => Ok(fixed(*days as i32, 0)),
            _ => Err(wrong("a whole number of days from 0, or an interval of days")),
        },
        (Family::Date, Family::Interval) => match value {
            ScalarValue::IntervalMonthDayNano(Some(length)) if length.months == 0 && length.days >= 0 => {
                Ok(fixed(length.days, length.nanoseconds))
            }
            _ => Err(wrong("an interval of days, since months differ in length,")),
        },
        (Family::Instant, Family::Interval) => match value {
            ScalarValue::IntervalMonthDayNano(Some(length)) if length.months == 0 && length.days == 0 => {
                Ok(fixed(0, length.nanoseconds))
            }
            _ => Err(wrong("an interval of hours or less, since days differ in length where clocks change,")
                .with_hint("order by cast(time as date), whose frames take days, or write interval '24 hours'")),
        },
        (Family::Number, _) => Err(wrong("a number from 0")),
        (Family::Date, _) => Err(wrong("a number of days or an interval")),
        (Family::Instant, _) => Err(wrong("an interval such as interval '24 hours'")),
        _ => Err(wrong("rows: over this order no distance is known; write `rows`")),
    }
}

/// Gives an interval of fixed length.
fn fixed(days: i32, nanoseconds: i64) -> ScalarValue {
    ScalarValue::IntervalMonthDayNano(Some(IntervalMonthDayNano::new(0, days, nanoseconds)))
}
