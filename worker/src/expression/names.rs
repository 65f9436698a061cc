//! What a query knows of names, beyond one list of columns.

use datafusion_expr::Expr;
use sqlparser::ast::Ident;

use super::ExpressionError;
use super::operand::Operand;
use super::over::OverCall;

/// The names that a query has in scope. Expressions outside of queries have the columns of one schema instead.
pub(crate) trait Names: std::fmt::Debug {
    /// Gives what a name stands for, with its table in front of it or without.
    fn resolve(&self, parts: &[Ident]) -> Result<Operand, ExpressionError>;

    /// Gives the key of `group by` that an expression over rows is.
    fn key(&self, expr: &Expr) -> Option<Operand>;

    /// Takes a call with `over (…)`, and gives what stands for its result.
    fn window(&self, call: OverCall) -> Result<Operand, ExpressionError>;

    /// Calls a function that only queries have; none if there is no such function.
    fn call(&self, name: &str, arguments: &[Operand]) -> Option<Result<Operand, ExpressionError>>;
}
