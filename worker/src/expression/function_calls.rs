//! Calls of functions: arguments checked against the list, cast, and tried once.

use arrow::datatypes::{DataType, Field, Schema};
use chrono::NaiveDate;
use chrono_tz::Tz;
use datafusion_common::{Column, ScalarValue};
use datafusion_expr::Expr;
use sqlparser::ast::{
    DuplicateTreatment, Function, FunctionArg, FunctionArgExpr, FunctionArgumentList, FunctionArguments, ObjectNamePart,
};
use std::mem;
use std::sync::Arc;

use super::aggregate_arguments::{Prepared, prepare, wrong_arguments};
use super::aggregate_functions::{self, AggregateFunction, Kernel};
use super::faults::fault_of;
use super::operand::{DIVIDER, Operand, unify};
use super::operators::{condition, shown};
use super::registry::{ScalarFunction, Takes};
use super::translate::{AggregateCall, Place, Translator};
use super::types::{Family, type_name, with_type_names};
use super::{ExpressionError, compile, syntax};
use crate::values::parameters_type;

impl Translator<'_> {
    pub(super) fn function(&mut self, call: &Function) -> Result<Operand, ExpressionError> {
        let name = match call.name.0.as_slice() {
            [ObjectNamePart::Identifier(name)] => name.value.to_lowercase(),
            _ => call.name.to_string(),
        };
        if call.over.is_some() {
            return self.over(&name, call);
        }
        if let Some(called) = self.call_of_query(&name, call) {
            return called;
        }
        syntax::check_function(call)?;
        if !call.within_group.is_empty() || call.null_treatment.is_some() || has_parameters(&call.parameters) {
            return Err(ExpressionError::new(format!("{name}: only arguments and `filter` are allowed in a call")));
        }
        let FunctionArguments::List(list) = &call.args else {
            return Err(ExpressionError::new(format!("{name} needs its arguments in brackets")));
        };
        if !list.clauses.is_empty() {
            return Err(ExpressionError::new(format!("{name}: `order by` and the like are not allowed in a call")));
        }
        if let Some(function) = aggregate_functions::find(&name) {
            return self.aggregate(function, list, call);
        }
        if call.filter.is_some() || list.duplicate_treatment.is_some() {
            return Err(ExpressionError::new(format!("{name}: `filter` and `distinct` belong to aggregates")));
        }
        let arguments = list
            .args
            .iter()
            .map(|argument| match argument {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(argument)) => self.translate(argument),
                _ => Err(ExpressionError::new(format!("{name} takes expressions only"))),
            })
            .collect::<Result<_, _>>()?;
        self.call(&name, arguments)
    }

    /// Calls a function that only queries have.
    fn call_of_query(&mut self, name: &str, call: &Function) -> Option<Result<Operand, ExpressionError>> {
        let names = self.names?;
        let FunctionArguments::List(list) = &call.args else { return None };
        if ScalarFunction::find(name).is_some() || aggregate_functions::find(name).is_some() {
            return None;
        }
        let arguments = list.args.iter().map(|argument| match argument {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(argument)) => self.translate(argument),
            _ => Err(ExpressionError::new(format!("{name} takes expressions only"))),
        });
        // What is wrong with the arguments of an unknown function does not matter.
        let arguments: Vec<Operand> = arguments.collect::<Result<_, _>>().ok()?;
        names.call(name, &arguments)
    }

    /// Calls a scalar function of the list.
    pub(super) fn call(&mut self, name: &str, arguments: Vec<Operand>) -> Result<Operand, ExpressionError> {
        let Some(function) = ScalarFunction::find(name) else {
            return Err(ExpressionError::new(format!("there is no function `{name}`")));
        };
        if !function.accepts(arguments.len()) {
            return Err(ExpressionError::new(format!("{name} does not take {} arguments", arguments.len()))
                .with_hint(function.usage()));
        }
        let zone = self.settings.zone();
        let mut taken = Vec::with_capacity(arguments.len());
        let mut same = Vec::new();
        for (i, argument) in arguments.into_iter().enumerate() {
            match function.parameter(i).map(|parameter| parameter.takes) {
                Some(Takes::Same) | None => same.push(argument),
                Some(takes) => taken.push(take(name, takes, argument)?),
            }
        }
        if !same.is_empty() {
            taken = unify(name, same, zone)?.0;
        }
        if function.needs_as_of() {
            let as_of = self.settings.as_of().map(|day| day.signed_duration_since(NaiveDate::default()).num_days());
            let as_of = as_of.and_then(|days| i32::try_from(days).ok()).ok_or_else(|| {
                ExpressionError::new(format!("{name} looks at the day of a job, and there is none here"))
            })?;
            taken.push(Operand::literal(ScalarValue::Date32(Some(as_of))));
        }
        if function.needs_country() {
            taken.push(Operand::literal(ScalarValue::Utf8(self.settings.country().map(str::to_owned))));
        }
        build(function, taken, zone)
    }

    fn aggregate(
        &mut self,
        function: &'static AggregateFunction,
        list: &FunctionArgumentList,
        call: &Function,
    ) -> Result<Operand, ExpressionError> {
        let name = function.name;
        let calls = match mem::replace(&mut self.place, Place::Argument(name)) {
            Place::Groups(calls) => calls,
            Place::Rows if self.names.is_some() => {
                return Err(ExpressionError::new(format!(
                    "{name} is an aggregate, which cannot stand in where, on or group by"
                ))
                .with_hint("conditions on aggregates stand in having, or in a query around this one"));
            }
            Place::Rows => {
                return Err(ExpressionError::new(format!("{name} is an aggregate, which cannot stand here"))
                    .with_hint("aggregates belong in [[features.custom]]; here each row is looked at by itself"));
            }
            Place::Argument(outer) => {
                return Err(ExpressionError::new(format!("{name} cannot stand within {outer}")));
            }
            Place::Key => return Err(ExpressionError::new(format!("{name} is an aggregate, and no key of groups"))),
        };
        let translated = self.aggregate_call(function, list, call);
        let calls = self.add(calls, translated?);
        let (index, data_type) = calls;
        Ok(Operand::new(Expr::Column(Column::new_unqualified(result_name(index))), data_type))
    }

    /// Adds a call unless the same one is there already; gives its number.
    fn add(&mut self, mut calls: Vec<AggregateCall>, call: AggregateCall) -> (usize, DataType) {
        let data_type = call.data_type.clone();
        let index = match calls.iter().position(|other| *other == call) {
            Some(index) => index,
            None => {
                calls.push(call);
                calls.len() - 1
            }
        };
        self.place = Place::Groups(calls);
        (index, data_type)
    }

    pub(super) fn aggregate_call(
        &mut self,
        function: &'static AggregateFunction,
        list: &FunctionArgumentList,
        call: &Function,
    ) -> Result<AggregateCall, ExpressionError> {
        let name = function.name;
        let is_distinct = list.duplicate_treatment == Some(DuplicateTreatment::Distinct);
        if is_distinct && function.kernel != Kernel::Count {
            return Err(ExpressionError::new(format!("{name}(distinct …) is not allowed"))
                .with_hint("only count takes `distinct`"));
        }
        let kernel = if is_distinct { Kernel::CountDistinct } else { function.kernel };
        let filter = match &call.filter {
            Some(filter) => Some(condition("`filter`", self.translate(filter)?)?.expr),
            None => None,
        };
        if let [FunctionArg::Unnamed(FunctionArgExpr::Wildcard)] = list.args.as_slice()
            && kernel == Kernel::Count
        {
            return Ok(AggregateCall { kernel, arguments: Vec::new(), filter, data_type: DataType::Int64 });
        }
        let arguments = list.args.iter().map(|argument| match argument {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(argument)) => self.translate(argument),
            _ => Err(wrong_arguments(function)),
        });
        let arguments = arguments.collect::<Result<Vec<_>, _>>()?;
        let Prepared { kernel, arguments, data_type } = prepare(function, kernel, arguments)?;
        Ok(AggregateCall { kernel, arguments, filter, data_type })
    }
}

/// Names the column that holds the result of aggregate `index`.
pub(crate) fn result_name(index: usize) -> String {
    // Not to be taken for a name of the user's.
    format!("{DIVIDER}aggregate {index}")
}

/// Checks and casts one argument.
fn take(name: &str, takes: Takes, argument: Operand) -> Result<Operand, ExpressionError> {
    let family = argument.family();
    match takes {
        Takes::Shown => shown(name, argument),
        Takes::Text if matches!(family, Family::Text | Family::Null) => argument.cast(&DataType::Utf8),
        Takes::Text => Err(argument.expected(name, Family::Text).with_hint("write cast(… as text)")),
        Takes::Real if matches!(family, Family::Number | Family::Null) => argument.cast(&DataType::Float64),
        Takes::Number if family == Family::Null => argument.cast(&DataType::Float64),
        Takes::Number if family == Family::Number => Ok(argument),
        Takes::Integer if argument.data_type.is_integer() || family == Family::Null => argument.cast(&DataType::Int64),
        Takes::Integer if family == Family::Number => {
            Err(ExpressionError::new(format!("{name} expects a whole number here")).at(argument.position))
        }
        Takes::Real | Takes::Number | Takes::Integer => Err(argument.expected(name, Family::Number)),
        Takes::Time if family.is_temporal() || family == Family::Duration => Ok(argument),
        Takes::Time => Err(argument.expected(name, Family::Instant)),
        Takes::Parameters if argument.data_type == parameters_type() || family == Family::Null => Ok(argument),
        Takes::Parameters if family == Family::Text => argument.cast(&DataType::Utf8),
        Takes::Parameters => Err(ExpressionError::new(format!(
            "{name} expects a list of keys and values, found {}",
            type_name(&argument.data_type)
        ))
        .with_hint("such as event_params or user_properties of Google Analytics: a list of structs with key and value")
        .at(argument.position)),
        Takes::Same | Takes::AsOf | Takes::Country => Ok(argument),
    }
}

/// Builds the call, finds its type, and tries it once so that a wrong literal (a pattern, a unit) is an error now.
fn build(function: &ScalarFunction, arguments: Vec<Operand>, zone: Tz) -> Result<Operand, ExpressionError> {
    let fields: Vec<Field> = arguments
        .iter()
        .enumerate()
        .map(|(i, argument)| Field::new(i.to_string(), argument.data_type.clone(), true))
        .collect();
    let replace = |stand_in: &dyn Fn(usize, &Operand) -> Expr| -> Vec<Operand> {
        let stand_ins = arguments.iter().enumerate().map(|(i, argument)| match &argument.expr {
            Expr::Literal(..) => argument.clone(),
            _ => Operand { expr: stand_in(i, argument), ..argument.clone() },
        });
        stand_ins.collect()
    };
    let typed = (function.build)(replace(&|i, _| Expr::Column(Column::new_unqualified(i.to_string()))), zone)?;
    let wrong = |error: datafusion_common::DataFusionError| {
        if let Some(failed) = fault_of(error.find_root()) {
            return ExpressionError::new(format!("{}: {}", function.name, failed.reason()));
        }
        // Without the engine's name for the kind of error.
        let reason = with_type_names(&error.find_root().message());
        let reason = reason.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or_default();
        ExpressionError::new(format!("{} cannot be called like this: {reason}", function.name))
            .with_hint(function.usage())
    };
    let data_type = compile::type_of(typed, &Arc::new(Schema::new(fields))).map_err(wrong)?;
    let tried = (function.build)(replace(&|_, argument| Expr::Literal(sample(&argument.data_type), None)), zone)?;
    compile::constant(tried).map_err(wrong)?;
    Ok(Operand::new((function.build)(arguments, zone)?, data_type))
}

/// Gives a harmless value of a type.
fn sample(data_type: &DataType) -> ScalarValue {
    let one = ScalarValue::Int64(Some(1));
    match data_type {
        DataType::Utf8 => ScalarValue::Utf8(Some(String::new())),
        DataType::Boolean => ScalarValue::Boolean(Some(true)),
        other => one.cast_to(other).or_else(|_| ScalarValue::try_from(other)).unwrap_or(ScalarValue::Null),
    }
}

fn has_parameters(parameters: &FunctionArguments) -> bool {
    !matches!(parameters, FunctionArguments::None)
}
