//! Operators: what they accept, and what their result is.

use arrow::datatypes::{DataType, Field, Schema};
use chrono_tz::Tz;
use datafusion_common::ScalarValue;
use datafusion_expr::{BinaryExpr, Expr, Operator};
use sqlparser::ast::BinaryOperator;
use std::sync::Arc;

use super::operand::{Operand, digits, unify};
use super::real_functions::Real;
use super::types::{Family, type_name};
use super::{ExpressionError, compile, temporal};

/// Builds `left op right`.
pub(crate) fn binary(left: Operand, op: &BinaryOperator, right: Operand, zone: Tz) -> Result<Operand, ExpressionError> {
    let operator = match op {
        BinaryOperator::Plus => Operator::Plus,
        BinaryOperator::Minus => Operator::Minus,
        BinaryOperator::Multiply => Operator::Multiply,
        BinaryOperator::Divide => return divide(left, right),
        BinaryOperator::Modulo => return modulo(left, right),
        BinaryOperator::StringConcat => return concatenate(left, right),
        BinaryOperator::And => return logic(left, Operator::And, right),
        BinaryOperator::Or => return logic(left, Operator::Or, right),
        BinaryOperator::Eq => return compare(left, Operator::Eq, right, zone),
        BinaryOperator::NotEq => return compare(left, Operator::NotEq, right, zone),
        BinaryOperator::Lt => return compare(left, Operator::Lt, right, zone),
        BinaryOperator::LtEq => return compare(left, Operator::LtEq, right, zone),
        BinaryOperator::Gt => return compare(left, Operator::Gt, right, zone),
        BinaryOperator::GtEq => return compare(left, Operator::GtEq, right, zone),
        other => return Err(ExpressionError::new(format!("the operator `{other}` is not allowed")).at(left.position)),
    };
    arithmetic(left, operator, right, zone)
}

/// Builds a comparison; both sides are of one family.
pub(crate) fn compare(left: Operand, operator: Operator, right: Operand, zone: Tz) -> Result<Operand, ExpressionError> {
    let position = left.position;
    let what = format!("the comparison `{operator}`");
    let (sides, common) = unify(&what, vec![left, right], zone).map_err(|error| error.at(position))?;
    if matches!(Family::of(&common), Family::Other | Family::Interval) {
        return Err(ExpressionError::new(format!("{what} is not possible for {}", type_name(&common))).at(position));
    }
    Ok(joined(sides, operator, DataType::Boolean, position))
}

/// Casts to a truth value where it already is one or null.
pub(crate) fn condition(what: &str, operand: Operand) -> Result<Operand, ExpressionError> {
    match operand.family() {
        Family::Boolean => Ok(operand),
        Family::Null => operand.cast(&DataType::Boolean),
        _ => Err(operand.expected(what, Family::Boolean)),
    }
}

/// Negates a number or an interval.
pub(crate) fn negate(operand: Operand) -> Result<Operand, ExpressionError> {
    match operand.family() {
        Family::Number if operand.data_type.is_integer() => {
            // 0 − x, because the engine's own negation wraps around.
            let zero = Operand::literal(ScalarValue::Int64(Some(0)));
            let position = operand.position;
            numbers(zero, Operator::Minus, operand).map(|done| Operand { position, ..done })
        }
        Family::Number | Family::Interval | Family::Null => {
            Ok(Operand { expr: Expr::Negative(Box::new(operand.expr)), ..operand })
        }
        _ => Err(operand.expected("`-`", Family::Number)),
    }
}

fn arithmetic(left: Operand, operator: Operator, right: Operand, zone: Tz) -> Result<Operand, ExpressionError> {
    let (a, b) = (left.family(), right.family());
    let is_step = |family| matches!(family, Family::Interval | Family::Duration);
    let adds = matches!(operator, Operator::Plus | Operator::Minus);
    if adds && (a.is_temporal() || b.is_temporal() || is_step(a) || is_step(b)) {
        return temporal_arithmetic(left, operator, right, zone);
    }
    numbers(left, operator, right)
}

/// Dates and timestamps plus or minus intervals, and differences of two.
fn temporal_arithmetic(
    left: Operand,
    operator: Operator,
    right: Operand,
    zone: Tz,
) -> Result<Operand, ExpressionError> {
    let position = left.position;
    if let Some(moved) = days_later(&left, operator, &right) {
        return moved;
    }
    let (left, right) = match (left.family(), right.family()) {
        (a, b) if a.is_temporal() && b.is_temporal() && operator == Operator::Minus && a != b => {
            (temporal::to_instant(left, zone)?, temporal::to_instant(right, zone)?)
        }
        _ => (left, right),
    };
    let is_step = |family| matches!(family, Family::Interval | Family::Duration);
    let (a, b) = (left.family(), right.family());
    let is_allowed = match operator {
        Operator::Minus => a.is_temporal() && (b == a || is_step(b)) || is_step(a) && a == b,
        _ => a.is_temporal() && is_step(b) || is_step(a) && b.is_temporal() || is_step(a) && a == b,
    };
    if !is_allowed {
        for (side, other) in [(&left, b), (&right, a)] {
            if side.family() == Family::Text {
                return Err(
                    side.expected(&format!("`{operator}`"), if other.is_temporal() { other } else { Family::Date })
                );
            }
        }
        let (a, b) = (type_name(&left.data_type), type_name(&right.data_type));
        return Err(ExpressionError::new(format!("`{operator}` is not possible for {a} and {b}"))
            .with_hint("add an interval: time + interval '30 days'; to dates also whole numbers of days: cast(time as date) + 30")
            .at(position));
    }
    let data_type = type_of_pair(&left, operator, &right)?;
    Ok(joined(vec![left, right], operator, data_type, position))
}

/// A date plus or minus a whole number of days; none for other types.
fn days_later(left: &Operand, operator: Operator, right: &Operand) -> Option<Result<Operand, ExpressionError>> {
    let is_days = |side: &Operand| side.family() == Family::Number && side.data_type.is_integer();
    let (date, days) = match (left.family(), right.family()) {
        (Family::Date, _) if is_days(right) => (left, right),
        (_, Family::Date) if is_days(left) && operator == Operator::Plus => (right, left),
        _ => return None,
    };
    // By way of 64 bits, where no sum of the two overflows in silence.
    let moved = date.clone().cast(&DataType::Int32).and_then(|date| numbers(date, operator, days.clone()));
    let position = left.position;
    Some(
        moved
            .and_then(|moved| moved.cast(&DataType::Int32)?.cast(&DataType::Date32))
            .map(|moved| Operand { position, ..moved }),
    )
}

/// Arithmetic of numbers: whole numbers in 64 bits, decimals exactly, anything with a float in float64.
fn numbers(left: Operand, operator: Operator, right: Operand) -> Result<Operand, ExpressionError> {
    let position = left.position;
    let what = format!("`{operator}`");
    for side in [&left, &right] {
        if !matches!(side.family(), Family::Number | Family::Null) {
            return Err(side.expected(&what, Family::Number));
        }
    }
    let types = [&left.data_type, &right.data_type];
    let is_decimal = |t: &&DataType| matches!(t, DataType::Decimal128(..) | DataType::UInt64);
    let (left, right) = if types.iter().any(|t| t.is_floating()) {
        (left.cast(&DataType::Float64)?, right.cast(&DataType::Float64)?)
    } else if types.iter().any(is_decimal) {
        (decimal(left)?, decimal(right)?)
    } else {
        (left.cast(&DataType::Int64)?, right.cast(&DataType::Int64)?)
    };
    let data_type = type_of_pair(&left, operator, &right)?;
    Ok(joined(vec![left, right], operator, data_type, position))
}

/// Casts a whole number to the smallest decimal that holds it.
fn decimal(operand: Operand) -> Result<Operand, ExpressionError> {
    if matches!(operand.data_type, DataType::Decimal128(..)) {
        return Ok(operand);
    }
    let precision = match &operand.expr {
        Expr::Literal(ScalarValue::Int64(Some(value)), _) => value.unsigned_abs().to_string().len() as u8,
        _ => digits(&operand.data_type).0,
    };
    operand.cast(&DataType::Decimal128(precision, 0))
}

/// True division, in float64; null on a zero divisor.
fn divide(left: Operand, right: Operand) -> Result<Operand, ExpressionError> {
    let position = left.position;
    let mut sides = Vec::with_capacity(2);
    for side in [left, right] {
        if !matches!(side.family(), Family::Number | Family::Null) {
            return Err(side.expected("`/`", Family::Number));
        }
        sides.push(side.cast(&DataType::Float64)?.expr);
    }
    Ok(Operand { expr: Real::Divide.function().call(sides), data_type: DataType::Float64, position })
}

/// Remainder; null on a zero divisor.
fn modulo(left: Operand, right: Operand) -> Result<Operand, ExpressionError> {
    if !matches!(right.family(), Family::Number | Family::Null) {
        return Err(right.expected("`%`", Family::Number));
    }
    let zero = Operand::literal(ScalarValue::Int64(Some(0))).cast(&right.data_type)?;
    let expr = datafusion_functions::core::nullif().call(vec![right.expr, zero.expr]);
    numbers(left, Operator::Modulo, Operand { expr, ..Operand::new(Expr::default(), right.data_type) })
}

fn logic(left: Operand, operator: Operator, right: Operand) -> Result<Operand, ExpressionError> {
    let position = left.position;
    let what = format!("`{}`", operator.to_string().to_lowercase());
    let sides = vec![condition(&what, left)?, condition(&what, right)?];
    Ok(joined(sides, operator, DataType::Boolean, position))
}

fn concatenate(left: Operand, right: Operand) -> Result<Operand, ExpressionError> {
    let position = left.position;
    let sides = vec![shown("`||`", left)?, shown("`||`", right)?];
    Ok(joined(sides, Operator::StringConcat, DataType::Utf8, position))
}

/// Casts to text where a value has one obvious text.
pub(crate) fn shown(what: &str, operand: Operand) -> Result<Operand, ExpressionError> {
    match operand.family() {
        Family::Other | Family::Interval | Family::Duration => Err(operand.expected(what, Family::Text)),
        _ => operand.cast(&DataType::Utf8),
    }
}

fn joined(
    sides: Vec<Operand>,
    operator: Operator,
    data_type: DataType,
    position: Option<super::error::Position>,
) -> Operand {
    let mut sides = sides.into_iter().map(|side| Box::new(side.expr));
    let (left, right) = (sides.next().unwrap_or_default(), sides.next().unwrap_or_default());
    Operand { expr: Expr::BinaryExpr(BinaryExpr::new(left, operator, right)), data_type, position }
}

/// Gives the result type from the types of both sides alone, so that it costs the same at any depth.
fn type_of_pair(left: &Operand, operator: Operator, right: &Operand) -> Result<DataType, ExpressionError> {
    let schema = Schema::new(vec![
        Field::new("left", left.data_type.clone(), true),
        Field::new("right", right.data_type.clone(), true),
    ]);
    let side = |name: &str| Box::new(Expr::Column(datafusion_common::Column::new_unqualified(name)));
    let pair = Expr::BinaryExpr(BinaryExpr::new(side("left"), operator, side("right")));
    compile::type_of(pair, &Arc::new(schema)).map_err(|_| {
        let (a, b) = (type_name(&left.data_type), type_name(&right.data_type));
        ExpressionError::new(format!("`{operator}` is not possible for {a} and {b}")).at(left.position)
    })
}
