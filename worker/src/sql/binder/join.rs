//! Joins: of tables of customers by the customer, and with reference tables by whatever is equal.

use super::super::{
    customers::number_of,
    failing::can_fail,
    free::{Free, doubtful_key},
    relation::{Column, Node, Relation, columns_of},
    scope::{Entry, Scope, place_of},
};
use super::from::Named;
use super::query::Binder;
use crate::expression::{ExpressionError, Operand, condition};
use arrow::datatypes::DataType;
use datafusion_common::{
    ScalarValue,
    tree_node::{Transformed, TreeNode, TreeNodeRecursion},
};
use datafusion_expr::{BinaryExpr, Expr, Operator};
use sqlparser::ast::{BinaryOperator, Expr as Syntax, Join, JoinConstraint, JoinOperator};
use std::collections::BTreeSet;

/// The sides of a join while its condition is taken apart.
struct Sides {
    left: Relation,
    right: Relation,
    left_columns: Vec<Column>,
    right_columns: Vec<Column>,
    on: Vec<(Column, Column)>,
    /// What is neither an equality nor of the right side alone.
    rest: Vec<Expr>,
    keeps_left: bool,
}

impl Binder<'_> {
    pub(super) fn join(&self, left: Named, right: Named, join: &Join) -> Result<Named, ExpressionError> {
        let (constraint, keeps_left) = match &join.join_operator {
            JoinOperator::Join(constraint) | JoinOperator::Inner(constraint) => (constraint, false),
            JoinOperator::Left(constraint) | JoinOperator::LeftOuter(constraint) => (constraint, true),
            JoinOperator::Right(constraint) | JoinOperator::RightOuter(constraint) if !self.catalogue.is_local => {
                return self.turned(left, right, join, constraint);
            }
            JoinOperator::Right(_) | JoinOperator::RightOuter(_) => {
                return Err(refused(join, "right joins are not allowed", "turn it round: b left join a"));
            }
            JoinOperator::CrossJoin(constraint) if !self.catalogue.is_local => (constraint, false),
            JoinOperator::FullOuter(_) if !self.catalogue.is_local => {
                let instead = "write a left join b, union all, and b left join a where a's key is null";
                return Err(refused(join, "full joins are not allowed", instead));
            }
            JoinOperator::FullOuter(_) => {
                return Err(refused(
                    join,
                    "full joins are not allowed",
                    "join both to customers: from customers left join a … left join b …",
                ));
            }
            JoinOperator::CrossJoin(_) => {
                return Err(refused(
                    join,
                    "a cross join pairs all rows with all",
                    "write join … on a.customer_id = b.customer_id",
                ));
            }
            _ => return Err(refused(join, "this kind of join is not allowed", "write join … on or left join … on")),
        };
        let is_cross = matches!(join.join_operator, JoinOperator::CrossJoin(_));
        let on = match constraint {
            JoinConstraint::On(on) => Some(on),
            JoinConstraint::None if is_cross => None,
            _ => return Err(refused(join, "a join needs `on`", "write on a.customer_id = b.customer_id")),
        };
        let columns = |entries: &[Entry]| entries.iter().map(|entry| entry.column.clone()).collect::<Vec<_>>();
        let mut sides = Sides {
            left_columns: columns(&left.1),
            right_columns: columns(&right.1),
            left: left.0,
            right: right.0,
            on: Vec::new(),
            rest: Vec::new(),
            keeps_left,
        };
        let entries: Vec<Entry> = left.1.into_iter().chain(right.1).collect();
        let scope = Scope::new(self, entries.clone());
        for part in on.map(conjuncts).unwrap_or_default() {
            self.part_of_on(&mut sides, part, condition("`on`", scope.row(part)?)?)?;
        }
        if self.catalogue.is_local {
            match sides.left.free.is_none() && sides.right.free.is_none() {
                true => check_customers(&sides, on)?,
                false => check_reference(&sides, join, on)?,
            }
        }
        if sides.on.is_empty() {
            // All rows with all: they are equal in a constant.
            let one = Expr::Literal(ScalarValue::Boolean(Some(true)), None);
            self.equality(&mut sides, &one, &one);
        }
        Ok((joined(sides), entries))
    }

    /// Binds a right join as the left join that it is when it is turned round; columns stay in the order of the tables.
    fn turned(
        &self,
        left: Named,
        right: Named,
        join: &Join,
        constraint: &JoinConstraint,
    ) -> Result<Named, ExpressionError> {
        let of_left = left.1.len();
        let turned = Join { join_operator: JoinOperator::Left(constraint.clone()), ..join.clone() };
        let (relation, mut entries) = self.join(right, left, &turned)?;
        let of_right = entries.len() - of_left;
        entries.rotate_left(of_right);
        Ok((relation, entries))
    }

    fn part_of_on(&self, sides: &mut Sides, part: &Syntax, operand: Operand) -> Result<(), ExpressionError> {
        let ids = |columns: &[Column]| columns.iter().map(|column| column.id.clone()).collect::<BTreeSet<_>>();
        let (of_left, of_right) = (ids(&sides.left_columns), ids(&sides.right_columns));
        if let Expr::BinaryExpr(BinaryExpr { left, op: Operator::Eq, right }) = &operand.expr {
            let (a, b) = (columns_of(left), columns_of(right));
            let is_pair = |a: &BTreeSet<String>, b: &BTreeSet<String>| {
                !a.is_empty() && !b.is_empty() && a.is_subset(&of_left) && b.is_subset(&of_right)
            };
            let pair = match (is_pair(&a, &b), is_pair(&b, &a)) {
                (true, _) => Some((left, right)),
                (_, true) => Some((right, left)),
                _ => None,
            };
            if let Some((left, right)) = pair {
                self.equality(sides, left, right);
                return Ok(());
            }
        }
        let used = columns_of(&operand.expr);
        match (sides.keeps_left, used.is_subset(&of_right)) {
            (true, true) => {
                let right = sides.right.take();
                sides.right = right.filtered(operand.expr);
                Ok(())
            }
            (false, _) => {
                sides.rest.push(operand.expr);
                Ok(())
            }
            (true, false) => {
                let compared = self.hoisted(sides, operand.expr, (&of_left, &of_right))?;
                let of_sides = [&sides.left.free, &sides.right.free].into_iter().flatten();
                if can_fail(&compared) || of_sides.into_iter().any(|free| free.is_doubtful(&compared)) {
                    return Err(ExpressionError::new(
                        "a condition of a left join that may fail on a pair of rows is not allowed",
                    )
                    .with_hint("compare values of one table with values of the other, such as a.x + 1 > b.y")
                    .at(place_of(part)));
                }
                sides.rest.push(compared);
                Ok(())
            }
        }
    }

    /// Computes what is of one side alone there, before rows are paired.
    fn hoisted(
        &self,
        sides: &mut Sides,
        expr: Expr,
        (of_left, of_right): (&BTreeSet<String>, &BTreeSet<String>),
    ) -> Result<Expr, ExpressionError> {
        let done = expr.transform_down(|part| {
            let used = columns_of(&part);
            let is_left = used.is_subset(of_left);
            if used.is_empty() || matches!(part, Expr::Column(_)) || !(is_left || used.is_subset(of_right)) {
                return Ok(Transformed::no(part));
            }
            let (relation, columns) = match is_left {
                true => (&mut sides.left, &sides.left_columns),
                false => (&mut sides.right, &sides.right_columns),
            };
            let known: Vec<Column> = columns.iter().filter(|column| !column.is_customer).cloned().collect();
            let operand = Operand::new(part.clone(), DataType::Null);
            let taken = relation.take();
            let (extended, found) = taken.extended(&[operand], &[""], &self.ids, &known);
            *relation = extended;
            Ok(match found.first() {
                Some(column) => Transformed::new(column.expr(), true, TreeNodeRecursion::Jump),
                None => Transformed::no(part),
            })
        });
        done.map(|done| done.data).map_err(|error| ExpressionError::new(error.strip_backtrace()))
    }

    fn equality(&self, sides: &mut Sides, left: &Expr, right: &Expr) {
        // Customers are compared by number where both sides are one, else by id.
        let both = number_of(left).is_some() && number_of(right).is_some();
        let side = |relation: &mut Relation, columns: &[Column], expr: &Expr| {
            let taken = relation.take();
            // The type is not asked for any more: translation gave both sides the same.
            let part = Operand::new(expr.clone(), DataType::Null);
            let known: Vec<Column> = columns.iter().filter(|column| both || !column.is_customer).cloned().collect();
            let (extended, mut found) = taken.extended(&[part], &[""], &self.ids, &known);
            *relation = extended;
            found.pop()
        };
        let left = side(&mut sides.left, &sides.left_columns, left);
        let right = side(&mut sides.right, &sides.right_columns, right);
        sides.on.extend(left.zip(right));
    }
}

/// Checks that rows of customers meet those of the same.
fn check_customers(sides: &Sides, on: Option<&Syntax>) -> Result<(), ExpressionError> {
    let mut pairs = sides.on.iter();
    let of_one = |(left, right): &(Column, Column)| {
        sides.left.owners.contains(&left.id) && sides.right.owners.contains(&right.id)
    };
    match pairs.any(of_one) {
        true => Ok(()),
        false => Err(ExpressionError::new("the join pairs rows of different customers")
            .with_hint("add the customer: on a.customer_id = b.customer_id and …")
            .at(on.and_then(place_of))),
    }
}

/// Checks a join of which a side at least belongs to nobody: that it looks rows up, that no row is there for want of a customer's, and that
/// a row that fails is found.
fn check_reference(sides: &Sides, join: &Join, on: Option<&Syntax>) -> Result<(), ExpressionError> {
    if sides.keeps_left && sides.left.free.is_some() && sides.right.free.is_none() {
        return Err(refused(
            join,
            "a row of a reference table would be kept where no customer has one",
            "turn it round: from the customers' rows left join the reference table",
        ));
    }
    if sides.on.is_empty() {
        return Err(ExpressionError::new("the join pairs all rows with all")
            .with_hint("add an equality: on a.product_id = b.product_id and …")
            .at(on.and_then(place_of)));
    }
    let is_doubtful =
        |free: &Option<Free>, key: &Column| free.as_ref().is_some_and(|free| free.doubtful.contains(&key.id));
    let mut keys = sides.on.iter();
    match keys.any(|(left, right)| is_doubtful(&sides.left.free, left) || is_doubtful(&sides.right.free, right)) {
        true => Err(doubtful_key("a join").at(on.and_then(place_of))),
        false => Ok(()),
    }
}

fn joined(sides: Sides) -> Relation {
    let Sides { left, right, on, rest, keeps_left, .. } = sides;
    // A row may meet several of a reference table.
    let one_a_customer = left.one_a_customer && right.one_a_customer;
    let free = match (&left.free, &right.free) {
        (Some(one), Some(other)) => {
            let mut both = one.clone();
            both.joined(other);
            Some(both)
        }
        _ => None,
    };
    let mut owners = left.owners.clone();
    if !keeps_left {
        owners.extend(right.owners.iter().cloned());
    }
    let (left, right) = (Box::new(left), Box::new(right));
    if keeps_left {
        // Who has no pair for which these are true stays with nulls.
        let pairs = rest.into_iter().reduce(Expr::and);
        return Relation { node: Node::Join { left, right, on, pairs, keeps_left }, owners, free, one_a_customer };
    }
    let node = Node::Join { left, right, on, pairs: None, keeps_left };
    rest.into_iter().fold(Relation { node, owners, free, one_a_customer }, Relation::filtered)
}

/// Takes `a and b and c` apart.
fn conjuncts(part: &Syntax) -> Vec<&Syntax> {
    match part {
        Syntax::BinaryOp { left, op: BinaryOperator::And, right } => {
            let mut all = conjuncts(left);
            all.extend(conjuncts(right));
            all
        }
        Syntax::Nested(inner) => conjuncts(inner),
        other => vec![other],
    }
}

fn refused(join: &Join, what: &str, hint: &str) -> ExpressionError {
    ExpressionError::new(what).with_hint(hint).at(place_of(&join.relation))
}
