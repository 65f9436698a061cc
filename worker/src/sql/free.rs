//! Rows of reference tables, which belong to nobody: what of them may fail, and how that reaches the customers who meet it.
//!
//! A row of customers that cannot be computed takes its customer with it. A row of a reference table has none: it stays, with a flag, through
//! every step, even through a condition that it fails, until it is joined to rows of customers. Those it meets are lost, and nobody else is.
//!
//! That needs the row to be found, so what may fail is no key: not of a join, not of a group.

use super::{
    failing::can_fail,
    relation::{Column, Ids, columns_of},
};
use crate::expression::{ExpressionError, Kernel, wider};
use arrow::datatypes::DataType;
use datafusion_expr::Expr;
use std::collections::BTreeSet;

/// What is known of rows that belong to nobody.
#[derive(Debug, Clone)]
pub(super) struct Free {
    /// The id of the column that says of each row whether something of it could not be computed; not there while nothing was.
    pub(super) flag: String,
    /// Whether something may fail on a row.
    pub(super) may_fail: bool,
    /// Columns that are not right in rows with the flag.
    pub(super) doubtful: BTreeSet<String>,
}

impl Free {
    /// Begins with the rows of a table.
    pub(super) fn new(ids: &Ids) -> Self {
        Self { flag: ids.column("", DataType::Boolean).id, may_fail: false, doubtful: BTreeSet::new() }
    }

    /// Says whether an expression may be wrong on a row with the flag, or raise it.
    pub(super) fn is_doubtful(&self, expr: &Expr) -> bool {
        can_fail(expr) || columns_of(expr).iter().any(|id| self.doubtful.contains(id))
    }

    /// Takes note of a column that is computed of known ones.
    pub(super) fn computed(&mut self, expr: &Expr, id: &str, known: &[Column]) {
        self.may_fail |= can_fail(expr);
        if self.is_doubtful(expr)
            && (!is_lenient(expr, known) || columns_of(expr).iter().any(|id| self.doubtful.contains(id)))
        {
            self.doubtful.insert(id.to_owned());
        }
    }

    /// Takes note of the result of an aggregate or window, which is wrong where one of its rows is.
    pub(super) fn aggregated(&mut self, kernel: Option<Kernel>, id: &str) {
        let is_lossy = kernel.is_some_and(can_be_lost);
        if self.may_fail || is_lossy {
            self.doubtful.insert(id.to_owned());
        }
        self.may_fail |= is_lossy;
    }

    /// Adds what is known of other rows that stand beside these.
    pub(super) fn joined(&mut self, other: &Self) {
        self.may_fail |= other.may_fail;
        self.doubtful.extend(other.doubtful.iter().cloned());
    }
}

/// Says whether an expression is only of casts that give null where they fail, or a number in a type that holds it.
fn is_lenient(expr: &Expr, known: &[Column]) -> bool {
    match expr {
        // A text may be read as a float that is none of ours, such as infinity.
        Expr::TryCast(cast) => !cast.field.data_type().is_floating() && is_lenient(&cast.expr, known),
        Expr::Cast(cast) => {
            let to = cast.field.data_type();
            let from = type_of(&cast.expr, known).filter(DataType::is_numeric);
            from.is_some_and(|from| to.is_numeric() && wider(from, to.clone()) == *to) && is_lenient(&cast.expr, known)
        }
        other => !can_fail(other),
    }
}

fn type_of(expr: &Expr, known: &[Column]) -> Option<DataType> {
    match expr {
        Expr::Column(column) => known.iter().find(|own| own.id == column.name).map(|own| own.data_type.clone()),
        Expr::TryCast(cast) => Some(cast.field.data_type().clone()),
        Expr::Cast(cast) => Some(cast.field.data_type().clone()),
        _ => None,
    }
}

/// Says whether an aggregate may be too large for its type.
fn can_be_lost(kernel: Kernel) -> bool {
    !matches!(
        kernel,
        Kernel::Count
            | Kernel::CountDistinct
            | Kernel::Minimum
            | Kernel::Maximum
            | Kernel::Mode
            | Kernel::All
            | Kernel::Any
            | Kernel::Entropy
    )
}

/// Refuses a key of a join or group that may fail on a row of a reference table.
pub(super) fn doubtful_key(of: &str) -> ExpressionError {
    ExpressionError::new(format!("a key of {of} that may fail on a row of a reference table is not allowed"))
        .with_hint("compute it in [source.columns] of the reference, where a row that fails is quarantined, or write try_cast(… as bigint)")
}
