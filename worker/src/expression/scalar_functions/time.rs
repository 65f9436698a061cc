//! Functions of dates and points in time.

use arrow::datatypes::DataType;
use chrono_tz::Tz;
use datafusion_expr::Expr;

use super::calls::call;
use crate::expression::ExpressionError;
use crate::expression::calendar::{Span, first_day, local_day};
use crate::expression::operand::Operand;
use crate::expression::registry::{
    ScalarFunction,
    Takes::{Integer, Text, Time},
    needed,
};
use crate::expression::temporal::to_instant;

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
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
        build: |arguments| call(datafusion_functions::datetime::make_date(), arguments),
    },
    ScalarFunction {
        name: "to_date",
        parameters: &[needed("text", Text), needed("format", Text)],
        repeats: false,
        result: "date",
        description: "text read as a date by strftime codes",
        example: "to_date('31.12.2010', '%d.%m.%Y')",
        build: |arguments| call(datafusion_functions::datetime::to_date(), arguments),
    },
];

/// Parts of a day itself need only the day.
fn part(arguments: Vec<Operand>) -> Result<Expr, ExpressionError> {
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

/// A date stays a date; an instant becomes the local midnight of the first day.
fn truncate(arguments: Vec<Operand>) -> Result<Expr, ExpressionError> {
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
