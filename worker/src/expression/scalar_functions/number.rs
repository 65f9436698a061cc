//! Functions of numbers.

use arrow::datatypes::DataType;
use std::sync::Arc;

use chrono_tz::Tz;
use datafusion_expr::{Expr, ScalarUDF};

use super::calls::call;
use crate::expression::ExpressionError;
use crate::expression::decimal_functions::divide;
use crate::expression::operand::Operand;
use crate::expression::real_functions::Real;
use crate::expression::registry::{
    ScalarFunction,
    Takes::{Integer, Number, Real as Float},
    needed, optional,
};

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction {
        name: "abs",
        parameters: &[needed("x", Number)],
        repeats: false,
        result: "number",
        description: "the distance from 0",
        example: "abs(amount)",
        build: |arguments, _| call(datafusion_functions::math::abs(), arguments),
    },
    ScalarFunction {
        name: "asinh",
        parameters: &[needed("x", Float)],
        repeats: false,
        result: "double",
        description: "the inverse hyperbolic sine",
        example: "asinh(amount)",
        build: |arguments, _| call(Real::Asinh.function(), arguments),
    },
    ScalarFunction {
        name: "ceil",
        parameters: &[needed("x", Number)],
        repeats: false,
        result: "number",
        description: "the next whole number up",
        example: "ceil(weight)",
        build: |arguments, _| whole(datafusion_functions::math::ceil(), arguments),
    },
    ScalarFunction {
        name: "divide",
        parameters: &[needed("x", Number), needed("n", Integer)],
        repeats: false,
        result: "decimal(38,4)",
        description: "a decimal divided by a whole number, half away from zero at scale 4; null where n is 0",
        example: "divide(amount, quantity)",
        build: |arguments, _| divide(arguments),
    },
    ScalarFunction {
        name: "exp",
        parameters: &[needed("x", Float)],
        repeats: false,
        result: "double",
        description: "e to the power of x; too large is null",
        example: "exp(weight)",
        build: |arguments, _| call(Real::Exp.function(), arguments),
    },
    ScalarFunction {
        name: "floor",
        parameters: &[needed("x", Number)],
        repeats: false,
        result: "number",
        description: "the next whole number down",
        example: "floor(weight)",
        build: |arguments, _| whole(datafusion_functions::math::floor(), arguments),
    },
    ScalarFunction {
        name: "ln",
        parameters: &[needed("x", Float)],
        repeats: false,
        result: "double",
        description: "the natural logarithm; null where x ≤ 0",
        example: "ln(weight)",
        build: |arguments, _| call(Real::Ln.function(), arguments),
    },
    ScalarFunction {
        name: "log",
        parameters: &[needed("x", Float)],
        repeats: false,
        result: "double",
        description: "the logarithm to base 10, as log10",
        example: "log(weight)",
        build: |arguments, _| call(Real::Log10.function(), arguments),
    },
    ScalarFunction {
        name: "log10",
        parameters: &[needed("x", Float)],
        repeats: false,
        result: "double",
        description: "the logarithm to base 10; null where x ≤ 0",
        example: "log10(weight)",
        build: |arguments, _| call(Real::Log10.function(), arguments),
    },
    ScalarFunction {
        name: "log2",
        parameters: &[needed("x", Float)],
        repeats: false,
        result: "double",
        description: "the logarithm to base 2; null where x ≤ 0",
        example: "log2(weight)",
        build: |arguments, _| call(Real::Log2.function(), arguments),
    },
    ScalarFunction {
        name: "pow",
        parameters: &[needed("x", Float), needed("y", Float)],
        repeats: false,
        result: "double",
        description: "x to the power of y, as power",
        example: "pow(weight, 2)",
        build: |arguments, _| call(Real::Power.function(), arguments),
    },
    ScalarFunction {
        name: "power",
        parameters: &[needed("x", Float), needed("y", Float)],
        repeats: false,
        result: "double",
        description: "x to the power of y; null where not defined",
        example: "power(weight, 2)",
        build: |arguments, _| call(Real::Power.function(), arguments),
    },
    ScalarFunction {
        name: "round",
        parameters: &[needed("x", Number), optional("digits", Integer)],
        repeats: false,
        result: "number",
        description: "x rounded half away from zero, to a number of decimals",
        example: "round(amount, 1)",
        build: round,
    },
    ScalarFunction {
        name: "sign",
        parameters: &[needed("x", Float)],
        repeats: false,
        result: "double",
        description: "−1, 0 or 1",
        example: "sign(amount)",
        build: |arguments, _| call(datafusion_functions::math::signum(), arguments),
    },
    ScalarFunction {
        name: "sqrt",
        parameters: &[needed("x", Float)],
        repeats: false,
        result: "double",
        description: "the square root; null below 0",
        example: "sqrt(weight)",
        build: |arguments, _| call(Real::Sqrt.function(), arguments),
    },
];

/// The digits are handed over in the engine's own type: as a cast of a literal they would not narrow a decimal.
fn round(mut arguments: Vec<Operand>, _: Tz) -> Result<Expr, ExpressionError> {
    if let Some(digits) = arguments.get_mut(1) {
        *digits = digits.clone().cast(&DataType::Int32)?;
    }
    call(datafusion_functions::math::round(), arguments)
}

/// Whole numbers stay as they are: the engine would turn them into floats.
fn whole(function: Arc<ScalarUDF>, arguments: Vec<Operand>) -> Result<Expr, ExpressionError> {
    match <[Operand; 1]>::try_from(arguments) {
        Ok([argument]) if argument.data_type.is_integer() => Ok(argument.expr),
        Ok(argument) => call(function, argument.into()),
        Err(arguments) => call(function, arguments),
    }
}
