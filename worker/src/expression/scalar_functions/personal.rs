//! Functions that blunt what is personal: what they give is shared by many.

use arrow::datatypes::DataType;
use chrono_tz::Tz;
use datafusion_common::ScalarValue;
use datafusion_expr::expr::Case;
use datafusion_expr::{Expr, Operator};
use sqlparser::ast::BinaryOperator;

use super::calls::call;
use super::text::extract;
use super::time::day_of;
use crate::expression::ExpressionError;
use crate::expression::operand::Operand;
use crate::expression::operators::{binary, compare};
use crate::expression::registry::{
    AS_OF, ScalarFunction,
    Takes::{Text, Time},
    needed,
};

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction {
        name: "age_band",
        parameters: &[needed("birth_date", Time), AS_OF],
        repeats: false,
        result: "text",
        description: "the band that whole years of age at as_of fall into: under 18, 18-24, 25-34, 35-44, 45-54, 55-64, 65-74 or 75+; null up to the day of birth and from 120 years on, which is more often a wrong date",
        example: "age_band(date '1985-06-30')",
        build: age_band,
    },
    ScalarFunction {
        name: "region_of",
        parameters: &[needed("postal_code", Text)],
        repeats: false,
        result: "text",
        description: "the region that a postal code begins with: its first two digits, or up to two letters, in upper case; null of another text",
        example: "region_of('30-001')",
        build: region_of,
    },
];

/// Bands of age: the first year that is too old for each, and its name.
const BANDS: [(i64, &str); 8] = [
    (18, "under 18"),
    (25, "18-24"),
    (35, "25-34"),
    (45, "35-44"),
    (55, "45-54"),
    (65, "55-64"),
    (75, "65-74"),
    (120, "75+"),
];

/// Days written as numbers such as 19850630 differ by 10000 and more where a year of age is completed.
const YEAR: i64 = 10_000;

fn age_band(arguments: Vec<Operand>, zone: Tz) -> Result<Expr, ExpressionError> {
    let [birth, as_of] =
        <[Operand; 2]>::try_from(arguments).map_err(|_| ExpressionError::new("age_band takes a day of birth"))?;
    let lived = binary(day_number(as_of, zone)?, &BinaryOperator::Minus, day_number(birth, zone)?, zone)?;
    let is_below = |number: i64| compare(lived.clone(), Operator::Lt, int(number), zone).map(|below| below.expr);
    let below = |years: i64| is_below(years * YEAR);
    // Who is born on the day itself is not known before it.
    let unborn = (Box::new(is_below(1)?), Box::new(text_literal(None).expr));
    let bands =
        BANDS.iter().map(|(years, name)| Ok((Box::new(below(*years)?), Box::new(text_literal(Some(name)).expr))));
    let whens = std::iter::once(Ok(unborn)).chain(bands).collect::<Result<_, ExpressionError>>()?;
    Ok(Expr::Case(Case::new(None, whens, None)))
}

/// Gives a day as a number: 19850630.
fn day_number(time: Operand, zone: Tz) -> Result<Operand, ExpressionError> {
    let day = day_of("age_band", time)?;
    let part = |name: &str| -> Result<Operand, ExpressionError> {
        let part = call(datafusion_functions::datetime::date_part(), vec![text_literal(Some(name)), day.clone()])?;
        Operand::new(part, DataType::Int32).cast(&DataType::Int64)
    };
    let years = binary(part("year")?, &BinaryOperator::Multiply, int(YEAR), zone)?;
    let months = binary(part("month")?, &BinaryOperator::Multiply, int(100), zone)?;
    binary(binary(years, &BinaryOperator::Plus, months, zone)?, &BinaryOperator::Plus, part("day")?, zone)
}

fn region_of(arguments: Vec<Operand>, zone: Tz) -> Result<Expr, ExpressionError> {
    let trimmed = Operand::new(call(datafusion_functions::string::btrim(), arguments)?, DataType::Utf8);
    let upper = Operand::new(call(datafusion_functions::string::upper(), vec![trimmed])?, DataType::Utf8);
    extract(vec![upper, text_literal(Some("^(?:[A-Z]{1,2}|[0-9]{2})"))], zone)
}

fn int(value: i64) -> Operand {
    Operand::literal(ScalarValue::Int64(Some(value)))
}

fn text_literal(text: Option<&str>) -> Operand {
    Operand::literal(ScalarValue::Utf8(text.map(str::to_owned)))
}
