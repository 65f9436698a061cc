//! Which expressions may fail on a row.

use super::customers::number_of;
use datafusion_expr::{Expr, Operator};

/// Says whether an expression may fail on a row, or give what is out of range. What is not known to be safe may.
pub(super) fn can_fail(expr: &Expr) -> bool {
    match expr {
        Expr::Column(_) | Expr::Literal(..) | Expr::Placeholder(_) => false,
        Expr::BinaryExpr(binary) => {
            let is_safe = matches!(
                binary.op,
                Operator::Eq
                    | Operator::NotEq
                    | Operator::Lt
                    | Operator::LtEq
                    | Operator::Gt
                    | Operator::GtEq
                    | Operator::And
                    | Operator::Or
                    | Operator::IsDistinctFrom
                    | Operator::IsNotDistinctFrom
            );
            !is_safe || can_fail(&binary.left) || can_fail(&binary.right)
        }
        Expr::Not(inner)
        | Expr::IsNull(inner)
        | Expr::IsNotNull(inner)
        | Expr::IsTrue(inner)
        | Expr::IsFalse(inner)
        | Expr::IsUnknown(inner)
        | Expr::IsNotTrue(inner)
        | Expr::IsNotFalse(inner)
        | Expr::IsNotUnknown(inner) => can_fail(inner),
        Expr::InList(list) => can_fail(&list.expr) || list.list.iter().any(can_fail),
        Expr::Between(between) => can_fail(&between.expr) || can_fail(&between.low) || can_fail(&between.high),
        Expr::Case(case) => {
            let branches = case.when_then_expr.iter().flat_map(|(when, then)| [when, then]);
            let parts = case.expr.iter().chain(branches).chain(&case.else_expr);
            parts.into_iter().any(|part| can_fail(part))
        }
        other => number_of(other).is_none(),
    }
}
