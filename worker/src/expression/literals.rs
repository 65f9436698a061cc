//! Literals: numbers, texts, dates and intervals.

use arrow::compute::kernels::cast_utils::{IntervalParseConfig, IntervalUnit, parse_interval_month_day_nano_config};
use chrono_tz::Tz;
use datafusion_common::ScalarValue;
use sqlparser::ast::{DataType as SqlType, Expr as Syntax, Interval, UnaryOperator, Value};

use super::operand::Operand;
use super::{ExpressionError, temporal};

/// Translates a literal; `negative` for a number after a minus.
pub(super) fn value(value: &Value, negative: bool) -> Result<Operand, ExpressionError> {
    Ok(Operand::literal(match value {
        Value::Number(digits, _) => number(digits, negative)?,
        Value::SingleQuotedString(text) => ScalarValue::Utf8(Some(text.clone())),
        Value::Boolean(truth) => ScalarValue::Boolean(Some(*truth)),
        Value::Null => ScalarValue::Null,
        Value::Placeholder(name) => {
            return Err(ExpressionError::new(format!("placeholders like `{name}` are not allowed"))
                .with_hint("write the value itself; `${NAME}` of the environment is filled in before"));
        }
        other => {
            return Err(ExpressionError::new(format!("the literal `{other}` is not allowed"))
                .with_hint("text stands in single quotes"));
        }
    }))
}

/// Translates `date '…'` and `timestamp '…'`.
pub(super) fn typed(data_type: &SqlType, text: &str, zone: Tz) -> Result<Operand, ExpressionError> {
    match data_type {
        SqlType::Date => temporal::date(text).map(Operand::literal),
        SqlType::Timestamp(..) | SqlType::Datetime(_) => temporal::instant(text, zone).map(Operand::literal),
        other => Err(ExpressionError::new(format!("a literal of type {other} is not allowed"))
            .with_hint("write date '2010-12-31' or timestamp '2010-12-31 23:59:59'")),
    }
}

/// Translates `interval '30 days'` and `interval 30 day`.
pub(super) fn interval(interval: &Interval) -> Result<Operand, ExpressionError> {
    let wrong = || ExpressionError::new("not an interval").with_hint("write it as interval '30 days'");
    if interval.leading_precision.is_some() || interval.last_field.is_some() {
        return Err(wrong());
    }
    let mut text = interval_text(&interval.value).ok_or_else(wrong)?;
    if let Some(unit) = &interval.leading_field {
        text = format!("{text} {unit}");
    }
    let config = IntervalParseConfig::new(IntervalUnit::Second);
    let length = parse_interval_month_day_nano_config(&text, config).map_err(|_| wrong())?;
    Ok(Operand::literal(ScalarValue::IntervalMonthDayNano(Some(length))))
}

fn interval_text(value: &Syntax) -> Option<String> {
    match value {
        Syntax::Value(value) => match &value.value {
            Value::SingleQuotedString(text) | Value::Number(text, _) => Some(text.clone()),
            _ => None,
        },
        Syntax::UnaryOp { op: UnaryOperator::Minus, expr } => interval_text(expr).map(|text| format!("-{text}")),
        _ => None,
    }
}

/// Reads a number: whole ones as int64, all others exactly as decimals.
fn number(written: &str, negative: bool) -> Result<ScalarValue, ExpressionError> {
    let clean = written.replace('_', "");
    let signed = if negative { format!("-{clean}") } else { clean };
    if let Ok(whole) = signed.parse::<i64>() {
        return Ok(ScalarValue::Int64(Some(whole)));
    }
    decimal(&signed).ok_or_else(|| {
        ExpressionError::new(format!("the number {written} has more than 38 digits"))
            .with_hint("write cast('1e300' as double) for very large or small numbers")
    })
}

/// Reads `-12.5e3` as an exact decimal of at most 38 digits and a scale from 0 to 38.
fn decimal(text: &str) -> Option<ScalarValue> {
    let lower = text.to_lowercase();
    let (mantissa, exponent) = match lower.split_once('e') {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (lower.as_str(), 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mut value: i128 = format!("{whole}{fraction}").parse().ok()?;
    let mut scale = i32::try_from(fraction.len()).ok()?.checked_sub(exponent)?;
    while scale < 0 {
        value = value.checked_mul(10)?;
        scale += 1;
    }
    let digits = value.unsigned_abs().to_string().len().max(usize::try_from(scale).ok()?).max(1);
    if digits > 38 {
        return None;
    }
    Some(ScalarValue::Decimal128(Some(value), digits as u8, i8::try_from(scale).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay_exact() {
        assert_eq!(number("5000", false).unwrap(), ScalarValue::Int64(Some(5000)));
        assert_eq!(number("9223372036854775808", true).unwrap(), ScalarValue::Int64(Some(i64::MIN)));
        assert_eq!(number("0.10", false).unwrap(), ScalarValue::Decimal128(Some(10), 2, 2));
        assert_eq!(number("12.5", true).unwrap(), ScalarValue::Decimal128(Some(-125), 3, 1));
        assert_eq!(number("1.5e3", false).unwrap(), ScalarValue::Decimal128(Some(1500), 4, 0));
        assert_eq!(number("1e-3", false).unwrap(), ScalarValue::Decimal128(Some(1), 3, 3));
        assert!(number("1e300", false).is_err());
    }
}
