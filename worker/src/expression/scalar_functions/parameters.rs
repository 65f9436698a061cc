//! Functions of lists of keys and values.

use chrono_tz::Tz;
use datafusion_expr::Expr;

use crate::expression::ExpressionError;
use crate::expression::operand::Operand;
use crate::expression::parameters::value_of_key;
use crate::expression::registry::{
    ScalarFunction,
    Takes::{Parameters, Text},
    needed,
};

pub(super) const FUNCTIONS: &[ScalarFunction] = &[ScalarFunction {
    name: "ga4_param",
    parameters: &[needed("parameters", Parameters), needed("key", Text)],
    repeats: false,
    result: "text",
    description: "the value that a key has in a list such as event_params or user_properties of Google Analytics, or in its JSON text: string_value as it is, int_value, float_value and double_value by their digits; null where the key or its value is not there; a row that has the key with two values cannot be computed",
    example: "ga4_param('[{\"key\": \"page_location\", \"value\": {\"string_value\": \"/cart\"}}]', 'page_location')",
    build: ga4_param,
}];

fn ga4_param(arguments: Vec<Operand>, _: Tz) -> Result<Expr, ExpressionError> {
    let [parameters, key] =
        <[Operand; 2]>::try_from(arguments).map_err(|_| ExpressionError::new("expected a list and a key"))?;
    let Some(key) = key.text().map(str::to_owned) else {
        return Err(ExpressionError::new("the key is the same for all rows")
            .with_hint("write it in single quotes: ga4_param(event_params, 'ga_session_id')")
            .at(key.position));
    };
    Ok(value_of_key(parameters.expr, key))
}
