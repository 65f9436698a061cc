//! How a function of the list becomes a call of the engine.

use std::sync::Arc;

use datafusion_expr::{Expr, ScalarUDF};

use crate::expression::ExpressionError;
use crate::expression::operand::Operand;

/// Calls `function` with the arguments as they are.
pub(super) fn call(function: Arc<ScalarUDF>, arguments: Vec<Operand>) -> Result<Expr, ExpressionError> {
    Ok(function.call(arguments.into_iter().map(|argument| argument.expr).collect()))
}
