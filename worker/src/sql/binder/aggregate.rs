//! `group by`: keys, aggregates, having.

use super::super::{
    relation::{Column, GroupCall, Node, Relation},
    scope::place_of,
};
use super::query::Binder;
use super::select::{Item, Parts};
use crate::expression::{AggregateCall, ExpressionError, Operand, Place, condition, result_name};
use arrow::datatypes::DataType;
use datafusion_common::{
    Column as EngineColumn,
    tree_node::{Transformed, TreeNode},
};
use datafusion_expr::Expr;
use sqlparser::ast::{Expr as Syntax, Value};
use std::collections::BTreeSet;

impl Binder<'_> {
    /// Groups the rows, and gives the select list over the groups.
    pub(super) fn grouped(
        &self,
        parts: &mut Parts<'_>,
        keys: &[Syntax],
        having: Option<&Syntax>,
        items: &[Item<'_>],
    ) -> Result<Vec<Operand>, ExpressionError> {
        let place = keys.first().and_then(place_of).or_else(|| having.and_then(place_of));
        let operands = keys.iter().map(|key| self.key(parts, key, items)).collect::<Result<Vec<_>, _>>()?;
        let (relation, columns) =
            parts.relation.take().extended(&operands, &vec![""; keys.len()], &self.ids, &parts.known);
        parts.scope.keys =
            operands.iter().map(|key| key.expr.clone()).zip(columns.iter().map(Column::operand)).collect();
        parts.scope.allow_windows();
        let mut groups = Place::Groups(Vec::new());
        let mut values = Vec::with_capacity(items.len());
        for item in items {
            let Item::Expression { part, .. } = item else {
                return Err(ExpressionError::new("`*` does not stand beside group by")
                    .with_hint("name the keys and aggregates")
                    .at(place));
            };
            let (value, collected) = parts.scope.translate(part, groups)?;
            values.push(value);
            groups = collected;
        }
        let mut having = match having {
            Some(part) => {
                let (truth, collected) = parts.scope.translate(part, groups)?;
                groups = collected;
                Some(condition("`having`", truth)?)
            }
            None => None,
        };
        let Place::Groups(calls) = groups else { return Err(ExpressionError::new("aggregates got lost")) };
        let mut unique: Vec<Column> = Vec::new();
        for column in columns {
            if !unique.contains(&column) {
                unique.push(column);
            }
        }
        let owners: BTreeSet<String> =
            relation.owners.iter().filter(|owner| unique.iter().any(|key| key.id == **owner)).cloned().collect();
        if owners.is_empty() && self.catalogue.is_local {
            return Err(ExpressionError::new("the groups mix rows of different customers")
                .with_hint("add the customer: group by customer_id, …")
                .at(place));
        }
        let (relation, calls) = self.arguments(relation, calls, &parts.known);
        let results: Vec<Column> = calls.iter().map(|call| call.result.clone()).collect();
        for operand in values.iter_mut().chain(&mut having) {
            operand.expr = renamed(operand.expr.clone(), &results);
        }
        parts.scope.rename_windows(|expr| renamed(expr, &results));
        parts.known = unique.iter().chain(&results).cloned().collect();
        let one_a_customer = !owners.is_empty() && unique.iter().all(|key| owners.contains(&key.id));
        let node = Node::Aggregate { input: Box::new(relation), keys: unique, calls };
        parts.relation = Relation { node, owners, one_a_customer };
        if let Some(having) = having {
            parts.relation = parts.relation.take().filtered(having.expr);
        }
        Ok(values)
    }

    /// Translates a key, which may be the name of an item of the select list.
    fn key(&self, parts: &Parts<'_>, key: &Syntax, items: &[Item<'_>]) -> Result<Operand, ExpressionError> {
        if matches!(key, Syntax::Value(value) if matches!(value.value, Value::Number(..))) {
            return Err(ExpressionError::new("`group by` takes no numbers of columns")
                .with_hint("write the expression itself, or its name")
                .at(place_of(key)));
        }
        let of_table = parts.scope.row(key);
        let Syntax::Identifier(wanted) = key else { return of_table };
        of_table.or_else(|error| {
            let named = items.iter().find_map(|item| match item {
                Item::Expression { name, part } if *name == wanted.value => Some(part),
                _ => None,
            });
            match named {
                Some(part) if !matches!(part, Syntax::Identifier(_)) => parts.scope.row(part),
                _ => Err(error),
            }
        })
    }

    /// Makes columns of what the aggregates are computed from.
    fn arguments(
        &self,
        mut relation: Relation,
        found: Vec<AggregateCall>,
        known: &[Column],
    ) -> (Relation, Vec<GroupCall>) {
        // What is counted or compared of customers are their ids.
        let known: Vec<Column> = known.iter().filter(|column| !column.is_customer).cloned().collect();
        let mut calls = Vec::with_capacity(found.len());
        for AggregateCall { kernel, arguments, filter, data_type } in found {
            let parts: Vec<Operand> =
                arguments.into_iter().chain(filter.clone()).map(|expr| Operand::new(expr, DataType::Null)).collect();
            let (extended, mut arguments) = relation.extended(&parts, &vec![""; parts.len()], &self.ids, &known);
            relation = extended;
            let filter = filter.and_then(|_| arguments.pop());
            let result = self.ids.column("", data_type);
            calls.push(GroupCall { kernel, arguments, filter, result });
        }
        (relation, calls)
    }
}

/// Puts the columns of the grouping in the place of what translation calls the aggregates.
fn renamed(expr: Expr, results: &[Column]) -> Expr {
    let original = expr.clone();
    let done = expr.transform(|part| match &part {
        Expr::Column(column) => {
            let at = (0..results.len()).find(|at| result_name(*at) == column.name);
            Ok(match at.and_then(|at| results.get(at)) {
                Some(result) => Transformed::yes(Expr::Column(EngineColumn::new_unqualified(&result.id))),
                None => Transformed::no(part),
            })
        }
        _ => Ok(Transformed::no(part)),
    });
    // Never fails: the rewriting has no error.
    done.map_or(original, |done| done.data)
}
