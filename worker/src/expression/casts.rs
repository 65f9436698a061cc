//! `cast` and `try_cast`.

use arrow::datatypes::DataType;
use chrono_tz::Tz;
use datafusion_expr::{Cast, Expr, TryCast};
use sqlparser::ast::{DataType as SqlType, ExactNumberInfo};

use super::ExpressionError;
use super::calendar::local_day;
use super::operand::Operand;
use super::registry::FunctionDoc;
use super::temporal::instant_from;
use super::types::{Family, type_name};
use super::value_functions::Reading;
use super::zone::instant_type;

/// Gives the type that is meant in `cast(… as TYPE)`.
pub(super) fn target(data_type: &SqlType, zone: Tz) -> Result<DataType, ExpressionError> {
    Ok(match data_type {
        SqlType::Text | SqlType::String(_) | SqlType::Varchar(None) | SqlType::Char(None) => DataType::Utf8,
        SqlType::Boolean | SqlType::Bool => DataType::Boolean,
        SqlType::Int(_) | SqlType::Integer(_) => DataType::Int32,
        SqlType::BigInt(_) | SqlType::Int8(_) | SqlType::Int64 => DataType::Int64,
        SqlType::SmallInt(_) | SqlType::Int2(_) => DataType::Int16,
        SqlType::TinyInt(_) => DataType::Int8,
        SqlType::Int4(_) | SqlType::Int32 => DataType::Int32,
        SqlType::Double(_) | SqlType::DoublePrecision | SqlType::Float64 | SqlType::Float8 => DataType::Float64,
        SqlType::Float(_) | SqlType::Real | SqlType::Float4 => DataType::Float64,
        SqlType::Decimal(size) | SqlType::Numeric(size) | SqlType::Dec(size) => decimal(size)?,
        SqlType::Date => DataType::Date32,
        SqlType::Timestamp(..) | SqlType::Datetime(_) => instant_type(zone),
        other => {
            return Err(ExpressionError::new(format!("the type {other} is not known"))
                .with_hint("text, boolean, int, bigint, double, decimal(p,s), date or timestamp"));
        }
    })
}

/// Casts a value; where it cannot be, the row is an error, or null with `lenient`.
pub(super) fn cast(operand: Operand, to: &DataType, lenient: bool, zone: Tz) -> Result<Operand, ExpressionError> {
    let (from, into) = (operand.family(), Family::of(to));
    let is_allowed = match (from, into) {
        (Family::Null, _) => true,
        (Family::Other | Family::Interval | Family::Duration, _) => false,
        (Family::Text, _) | (_, Family::Text) => true,
        (Family::Date | Family::Instant, Family::Date | Family::Instant) => true,
        (Family::Number | Family::Boolean, Family::Number | Family::Boolean) => true,
        _ => false,
    };
    if !is_allowed {
        let (a, b) = (type_name(&operand.data_type), type_name(to));
        return Err(ExpressionError::new(format!("{a} cannot be cast to {b}")));
    }
    if operand.data_type == *to {
        return Ok(operand);
    }
    if into == Family::Instant && matches!(from, Family::Text | Family::Date) {
        return instant_from(operand, zone, lenient);
    }
    if (from, to) == (Family::Text, &DataType::Date32) {
        return Ok(Reading::SqlDate.call(operand, lenient, zone));
    }
    if let (Family::Text, DataType::Decimal128(precision, scale)) = (from, to) {
        return Ok(Reading::Decimal(*precision, *scale).call(operand, lenient, zone));
    }
    if into == Family::Date && from == Family::Instant {
        return Ok(local_day(operand, zone));
    }
    let position = operand.position;
    // A boolean becomes a decimal by way of a whole number.
    let operand = match (from, to) {
        (Family::Boolean, DataType::Decimal128(..)) => operand.cast(&DataType::Int64)?,
        _ => operand,
    };
    let inner = Box::new(operand.expr);
    let expr =
        if lenient { Expr::TryCast(TryCast::new(inner, to.clone())) } else { Expr::Cast(Cast::new(inner, to.clone())) };
    Ok(Operand { expr, data_type: to.clone(), position })
}

/// Documents both, which are no functions to the parser.
pub(super) fn documented() -> [FunctionDoc; 2] {
    let signature = |name: &str| format!("{name}(x any as type) → type");
    [
        FunctionDoc {
            name: "cast",
            category: "scalar",
            signature: signature("cast"),
            description: "x as text, boolean, int, bigint, double, decimal(p,s), date or timestamp; a row where it is none is in error, and so is a text with more decimals than the type keeps; a number cast to int loses its fraction (2.7 is 2, -2.7 is -2)",
            example: "cast(quantity as decimal(18,2))",
        },
        FunctionDoc {
            name: "try_cast",
            category: "scalar",
            signature: signature("try_cast"),
            description: "as cast, but null where x is none",
            example: "try_cast(city as int)",
        },
    ]
}

fn decimal(size: &ExactNumberInfo) -> Result<DataType, ExpressionError> {
    let (precision, scale) = match size {
        ExactNumberInfo::None => (38, 4),
        ExactNumberInfo::Precision(precision) => (*precision, 0),
        ExactNumberInfo::PrecisionAndScale(precision, scale) => (*precision, *scale),
    };
    match (u8::try_from(precision), i8::try_from(scale)) {
        (Ok(p @ 1..=38), Ok(s @ 0..)) if s.unsigned_abs() <= p => Ok(DataType::Decimal128(p, s)),
        _ => Err(ExpressionError::new(format!("decimal({precision},{scale}) is not possible"))
            .with_hint("at most 38 digits, of which not more than all behind the point")),
    }
}
