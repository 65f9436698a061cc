//! Functions that choose among their arguments.

use chrono_tz::Tz;
use datafusion_expr::{Expr, expr::Case};

use super::calls::call;
use crate::expression::ExpressionError;
use crate::expression::operand::Operand;
use crate::expression::registry::{ScalarFunction, Takes::Same, needed};

pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    ScalarFunction {
        name: "coalesce",
        parameters: &[needed("x", Same)],
        repeats: true,
        result: "any",
        description: "the first argument that is not null",
        example: "coalesce(city, 'unknown')",
        build: coalesce,
    },
    ScalarFunction {
        name: "greatest",
        parameters: &[needed("x", Same)],
        repeats: true,
        result: "any",
        description: "the largest argument; nulls are left out",
        example: "greatest(amount, 0)",
        build: |arguments, _| call(datafusion_functions::core::greatest(), arguments),
    },
    ScalarFunction {
        name: "least",
        parameters: &[needed("x", Same)],
        repeats: true,
        result: "any",
        description: "the smallest argument; nulls are left out",
        example: "least(quantity, 100)",
        build: |arguments, _| call(datafusion_functions::core::least(), arguments),
    },
    ScalarFunction {
        name: "nullif",
        parameters: &[needed("x", Same), needed("y", Same)],
        repeats: false,
        result: "any",
        description: "null where both are equal, else the first",
        example: "nullif(city, '')",
        build: |arguments, _| call(datafusion_functions::core::nullif(), arguments),
    },
];

/// The engine's own would have to be simplified before it can be evaluated.
fn coalesce(mut arguments: Vec<Operand>, _: Tz) -> Result<Expr, ExpressionError> {
    let Some(last) = arguments.pop() else { return Err(ExpressionError::new("coalesce expects an argument")) };
    if arguments.is_empty() {
        return Ok(last.expr);
    }
    let branches = arguments
        .into_iter()
        .map(|argument| (Box::new(Expr::IsNotNull(Box::new(argument.expr.clone()))), Box::new(argument.expr)))
        .collect();
    Ok(Expr::Case(Case::new(None, branches, Some(Box::new(last.expr)))))
}
