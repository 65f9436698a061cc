//! Functions of dates and points in time.

use arrow::datatypes::DataType;
use chrono_tz::Tz;
use datafusion_common::ScalarValue;
use datafusion_expr::Expr;
use sqlparser::ast::BinaryOperator;

use super::calls::call;
use crate::expression::ExpressionError;
use crate::expression::calendar::{Span, first_day, local_day};
use crate::expression::operand::Operand;
use crate::expression::operators::binary;
use crate::expression::registry::{
    ScalarFunction,
    Takes::{Integer, Number, Text, Time},
    needed,
};
use crate::expression::temporal::to_instant;
use crate::expression::value_functions::{Format, Reading};
use crate::values::{TimeFormat, TimeUnit};

/// A function of a number that counts from 1970.
macro_rules! since_1970 {
    ($name:literal, $unit:ident, $units:literal, $example:literal) => {
        ScalarFunction {
            name: $name,
            parameters: &[needed("x", Number)],
            repeats: false,
            result: "timestamp",
            description: concat!(
                "the point in time so many ",
                $units,
                " after 1970-01-01 00:00 UTC, or before it if negative"
            ),
            example: $example,
            build: |arguments, zone| read(arguments, zone, Reading::Since1970(TimeUnit::$unit)),
        }
    };
}

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction {
        name: "from_excel_serial",
        parameters: &[needed("x", Number)],
        repeats: false,
        result: "timestamp",
        description: "the time that a spreadsheet shows for a serial number of its 1900 date system, in the job's timezone: 45383 is 2024-04-01",
        example: "from_excel_serial(45383.5)",
        build: |arguments, zone| read(arguments, zone, Reading::Serial),
    },
    ScalarFunction {
        name: "date_diff",
        parameters: &[needed("part", Text), needed("from", Time), needed("to", Time)],
        repeats: false,
        result: "int",
        description: "how many years, quarters, months, weeks (from Monday) or days begin after from up to to, in the job's timezone; negative if to is earlier",
        example: "date_diff('month', date '2025-12-31', time)",
        build: difference,
    },
    ScalarFunction {
        name: "date_part",
        parameters: &[needed("part", Text), needed("time", Time)],
        repeats: false,
        result: "int",
        description: "year, quarter, month, week, day, dow (0 = Sunday), isodow, doy, hour, minute, second or epoch, in the job's timezone",
        example: "date_part('month', time)",
        build: part,
    },
    ScalarFunction {
        name: "date_trunc",
        parameters: &[needed("part", Text), needed("time", Time)],
        repeats: false,
        result: "date or timestamp",
        description: "the start of the year, quarter, month, week, day, hour or minute, in the job's timezone",
        example: "date_trunc('month', time)",
        build: truncate,
    },
    ScalarFunction {
        name: "make_date",
        parameters: &[needed("year", Integer), needed("month", Integer), needed("day", Integer)],
        repeats: false,
        result: "date",
        description: "the date with these numbers",
        example: "make_date(2010, 12, 31)",
        build: |arguments, _| call(datafusion_functions::datetime::make_date(), arguments),
    },
    ScalarFunction {
        name: "to_date",
        parameters: &[needed("text", Text), needed("format", Text)],
        repeats: false,
        result: "date",
        description: "text read as a date by strftime codes; a row that cannot be read is in error, empty text is null",
        example: "to_date('31.12.2010', '%d.%m.%Y')",
        build: |arguments, zone| by_format(arguments, zone, Reading::Date),
    },
    ScalarFunction {
        name: "to_timestamp",
        parameters: &[needed("text", Text), needed("format", Text)],
        repeats: false,
        result: "timestamp",
        description: "text read as a date and time by strftime codes, in the job's timezone unless a zone is read; empty text is null",
        example: "to_timestamp('31.12.2010 14:30', '%d.%m.%Y %H:%M')",
        build: |arguments, zone| by_format(arguments, zone, Reading::Instant),
    },
    since_1970!("to_timestamp_micros", Microseconds, "microseconds", "to_timestamp_micros(1741392000000000)"),
    since_1970!("to_timestamp_millis", Milliseconds, "milliseconds", "to_timestamp_millis(1741392000000)"),
    since_1970!("to_timestamp_nanos", Nanoseconds, "nanoseconds", "to_timestamp_nanos(1741392000000000000)"),
    since_1970!("to_timestamp_seconds", Seconds, "seconds", "to_timestamp_seconds(1741392000.5)"),
];

/// Reads the only argument.
fn read(arguments: Vec<Operand>, zone: Tz, reading: Reading) -> Result<Expr, ExpressionError> {
    let [argument] = <[Operand; 1]>::try_from(arguments).map_err(|_| ExpressionError::new("expected one argument"))?;
    Ok(reading.call(argument, false, zone).expr)
}

/// Reads the first argument by the format that is the second.
fn by_format(arguments: Vec<Operand>, zone: Tz, reading: fn(Format) -> Reading) -> Result<Expr, ExpressionError> {
    let [text, format] =
        <[Operand; 2]>::try_from(arguments).map_err(|_| ExpressionError::new("expected a text and a format"))?;
    let pattern = format.text().ok_or_else(|| {
        ExpressionError::new("a format is one text for all rows")
            .with_hint("write it in single quotes, as in '%d.%m.%Y'; choose between several with `case`")
            .at(format.position)
    })?;
    let compiled = TimeFormat::compile(pattern)
        .map_err(|error| ExpressionError::new(error.message).with_hint(error.hint).at(format.position))?;
    Ok(reading(Format::new(compiled)).call(text, false, zone).expr)
}

/// Parts of a day itself need only the day.
fn part(arguments: Vec<Operand>, _: Tz) -> Result<Expr, ExpressionError> {
    const OF_A_DAY: [&str; 9] = ["year", "isoyear", "quarter", "month", "week", "day", "dow", "doy", "isodow"];
    let arguments = match <[Operand; 2]>::try_from(arguments) {
        Ok([part, time]) => {
            let is_of_day = part.text().is_some_and(|part| OF_A_DAY.contains(&part.to_lowercase().as_str()));
            match zone_of(&time) {
                Some(zone) if is_of_day => vec![part, local_day(time, zone)],
                _ => vec![part, time],
            }
        }
        Err(arguments) => arguments,
    };
    call(datafusion_functions::datetime::date_part(), arguments)
}

/// Spans of the calendar from one day to another: those that begin in between.
fn difference(arguments: Vec<Operand>, zone: Tz) -> Result<Expr, ExpressionError> {
    let [part, from, to] =
        <[Operand; 3]>::try_from(arguments).map_err(|_| ExpressionError::new("expected a part and two times"))?;
    let span = part.text().and_then(Span::named).ok_or_else(|| {
        ExpressionError::new("date_diff counts year, quarter, month, week or day")
            .with_hint("for shorter parts write date_part('epoch', b) - date_part('epoch', a), in seconds")
            .at(part.position)
    })?;
    let (from, to) = (day_of("date_diff", from)?, day_of("date_diff", to)?);
    let int = |value: i64| Operand::literal(ScalarValue::Int64(Some(value)));
    let minus = |a, b| binary(a, &BinaryOperator::Minus, b, zone);
    let months = |day: Operand| -> Result<Operand, ExpressionError> {
        let of = |name: &str| -> Result<Operand, ExpressionError> {
            let name = Operand::literal(ScalarValue::Utf8(Some(name.to_owned())));
            let part = call(datafusion_functions::datetime::date_part(), vec![name, day.clone()])?;
            Operand::new(part, DataType::Int32).cast(&DataType::Int64)
        };
        let years = binary(of("year")?, &BinaryOperator::Multiply, int(12), zone)?;
        binary(years, &BinaryOperator::Plus, of("month")?, zone)
    };
    let (difference, divisor) = match span {
        Span::Day => (minus(to, from)?, 1),
        Span::Week => (minus(first_day(to, span), first_day(from, span))?, 7),
        Span::Month => (minus(months(to)?, months(from)?)?, 1),
        Span::Quarter => (minus(months(first_day(to, span))?, months(first_day(from, span))?)?, 3),
        Span::Year => (minus(months(first_day(to, span))?, months(first_day(from, span))?)?, 12),
    };
    match divisor {
        1 => Ok(difference.cast(&DataType::Int64)?.expr),
        // Without a rest: both are first days.
        divisor => Ok(binary(difference, &BinaryOperator::Divide, int(divisor), zone)?.cast(&DataType::Int64)?.expr),
    }
}

/// Gives the local day of a time.
pub(super) fn day_of(name: &str, time: Operand) -> Result<Operand, ExpressionError> {
    match (zone_of(&time), &time.data_type) {
        (Some(zone), _) => Ok(local_day(time, zone)),
        (None, DataType::Date32 | DataType::Null) => time.cast(&DataType::Date32),
        _ => Err(ExpressionError::new(format!("{name} expects dates or timestamps")).at(time.position)),
    }
}

/// A date stays a date; an instant becomes the local midnight of the first day.
fn truncate(arguments: Vec<Operand>, _: Tz) -> Result<Expr, ExpressionError> {
    let [part, time] = match <[Operand; 2]>::try_from(arguments) {
        Ok(arguments) => arguments,
        Err(arguments) => return call(datafusion_functions::datetime::date_trunc(), arguments),
    };
    let span = part.text().and_then(Span::named);
    match (span, zone_of(&time), &time.data_type) {
        (Some(span), Some(zone), _) => Ok(to_instant(first_day(local_day(time, zone), span), zone)?.expr),
        (Some(span), None, DataType::Date32) => Ok(first_day(time, span).expr),
        (None, _, DataType::Date32) => {
            Err(ExpressionError::new("a date is cut to a year, quarter, month, week or day"))
        }
        _ => call(datafusion_functions::datetime::date_trunc(), vec![part, time]),
    }
}

/// Gives the timezone that an instant is shown in.
fn zone_of(time: &Operand) -> Option<Tz> {
    match &time.data_type {
        DataType::Timestamp(_, Some(zone)) => zone.parse().ok(),
        _ => None,
    }
}
