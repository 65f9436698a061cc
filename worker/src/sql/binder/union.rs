//! Rows of several queries, one below the other.

use super::super::{
    free::{Free, doubtful_key},
    relation::{Column, GroupCall, Node, Relation},
    scope::place_of,
};
use super::query::{Binder, Bound, With};
use crate::expression::{ExpressionError, Operand, Position, unify};
use sqlparser::ast::{SetExpr, SetOperator, SetQuantifier};
use std::collections::BTreeSet;

impl Binder<'_> {
    pub(super) fn set_operation<'q>(
        &self,
        whole: &'q SetExpr,
        (left, right): (&'q SetExpr, &'q SetExpr),
        op: SetOperator,
        quantifier: SetQuantifier,
        with: &With<'q>,
    ) -> Result<Bound, ExpressionError> {
        let is_all = match (op, quantifier) {
            (SetOperator::Union, SetQuantifier::All) => true,
            (SetOperator::Union, SetQuantifier::None | SetQuantifier::Distinct) => false,
            (SetOperator::Union, _) => {
                return Err(ExpressionError::new("`union by name` is not allowed")
                    .with_hint("name the columns of both in the same order")
                    .at(place_of(right)));
            }
            _ => {
                return Err(ExpressionError::new(format!("`{}` is not allowed", op.to_string().to_lowercase()))
                    .with_hint("write join or left join with a condition on the customer and the columns")
                    .at(place_of(right)));
            }
        };
        let (left, right) = (self.body(left, with)?, self.body(right, with)?);
        if left.columns.len() != right.columns.len() {
            let (a, b) = (left.columns.len(), right.columns.len());
            return Err(
                ExpressionError::new(format!("the queries of a union have {a} and {b} columns")).at(place_of(whole))
            );
        }
        let names: Vec<String> = left.columns.iter().map(|(name, _)| name.clone()).collect();
        let [mut left, mut right] = [left, right].map(|bound| {
            let columns: Vec<Column> = bound.columns.into_iter().map(|(_, column)| column).collect();
            (bound.relation, columns)
        });
        let mut columns = Vec::with_capacity(names.len());
        let mut owners = BTreeSet::new();
        for (at, name) in names.iter().enumerate() {
            let (a, b) = (left.1[at].clone(), right.1[at].clone());
            if a.is_customer && b.is_customer {
                let column = Column { is_customer: true, ..self.ids.column(name, a.data_type.clone()) };
                if left.0.owners.contains(&a.id) && right.0.owners.contains(&b.id) {
                    owners.insert(column.id.clone());
                }
                columns.push(column);
                continue;
            }
            let what = format!("column {} of the union", at + 1);
            let (parts, common) = unify(&what, vec![a.operand(), b.operand()], self.catalogue.settings.zone())
                .map_err(|error| error.at(place_of(whole)))?;
            let mut parts = parts.into_iter();
            for (side, part) in [&mut left, &mut right].into_iter().zip(&mut parts) {
                self.recast(side, at, name, part);
            }
            columns.push(self.ids.column(name, common));
        }
        let free = match (&left.0.free, &right.0.free) {
            (Some(one), Some(other)) => Some(self.free_union((one, &left.1), (other, &right.1), &columns)),
            (None, None) => None,
            _ => {
                return Err(ExpressionError::new("a union of rows of customers and of a reference table")
                    .with_hint("join the reference table to rows of customers: join … on a.product_id = b.product_id")
                    .at(place_of(whole)));
            }
        };
        if free.is_none() && owners.is_empty() && self.catalogue.is_local {
            return Err(ExpressionError::new("the union loses the customer")
                .with_hint("customer_id stands in the same place of both select lists")
                .at(place_of(whole)));
        }
        let node = Node::Union { inputs: vec![left, right], columns: columns.clone() };
        let relation = Relation { node, owners, free, one_a_customer: false };
        let bound = Bound { relation, columns: names.into_iter().zip(columns).collect() };
        if is_all { Ok(bound) } else { self.distinct(bound, place_of(whole)) }
    }

    /// Gives what is known of the rows of two queries, by the positions of their columns.
    fn free_union(&self, one: (&Free, &[Column]), other: (&Free, &[Column]), columns: &[Column]) -> Free {
        let mut both = Free::new(&self.ids);
        for (free, of_input) in [one, other] {
            both.may_fail |= free.may_fail;
            let doubtful = of_input.iter().zip(columns).filter(|(own, _)| free.doubtful.contains(&own.id));
            both.doubtful.extend(doubtful.map(|(_, column)| column.id.clone()));
        }
        both
    }

    /// Puts `part` in the place of a column.
    fn recast(&self, side: &mut (Relation, Vec<Column>), at: usize, name: &str, part: Operand) {
        if side.1[at].operand().expr == part.expr && !side.1[at].is_customer {
            return;
        }
        let known: Vec<Column> = side.1.iter().filter(|column| !column.is_customer).cloned().collect();
        let (relation, found) = side.0.take().extended(&[part], &[name], &self.ids, &known);
        side.0 = relation;
        side.1.splice(at..=at, found);
    }

    /// Leaves one of each of equal rows.
    ///
    /// # Errors
    /// The customer is not among the columns.
    pub(super) fn distinct(&self, bound: Bound, place: Option<Position>) -> Result<Bound, ExpressionError> {
        let mut keys: Vec<Column> = Vec::new();
        for (_, column) in &bound.columns {
            if !keys.contains(column) {
                keys.push(column.clone());
            }
        }
        let owners: BTreeSet<String> =
            bound.relation.owners.iter().filter(|owner| keys.iter().any(|key| key.id == **owner)).cloned().collect();
        if let Some(free) = &bound.relation.free {
            if keys.iter().any(|key| free.doubtful.contains(&key.id)) {
                return Err(doubtful_key("`distinct`").at(place));
            }
        } else if owners.is_empty() && self.catalogue.is_local {
            return Err(ExpressionError::new("`distinct` without the customer looks at all customers at once")
                .with_hint("add customer_id to the select list")
                .at(place));
        }
        let one_a_customer = !owners.is_empty() && keys.iter().all(|key| owners.contains(&key.id));
        let (calls, free): (Vec<GroupCall>, _) = (Vec::new(), bound.relation.free.clone());
        let node = Node::Aggregate { input: Box::new(bound.relation), keys, calls };
        Ok(Bound { relation: Relation { node, owners, free, one_a_customer }, columns: bound.columns })
    }
}
