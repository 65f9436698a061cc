//! `group by`: keys, aggregates, having.

use super::super::{
    failing::can_fail,
    free::doubtful_key,
    relation::{Column, GroupCall, Ids, Node, Relation},
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
use datafusion_expr::{Expr, expr::Case};
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
        if let Some(free) = &relation.free {
            if unique.iter().any(|key| free.doubtful.contains(&key.id)) {
                return Err(doubtful_key("group by").at(place));
            }
        } else if owners.is_empty() && self.catalogue.is_local {
            return Err(ExpressionError::new("the groups mix rows of different customers")
                .with_hint("add the customer: group by customer_id, …")
                .at(place));
        }
        let (relation, calls) = arguments(&self.ids, relation, calls, &parts.known);
        let results: Vec<Column> = calls.iter().map(|call| call.result.clone()).collect();
        for operand in values.iter_mut().chain(&mut having) {
            operand.expr = renamed(operand.expr.clone(), &results);
        }
        parts.scope.rename_windows(|expr| renamed(expr, &results));
        parts.known = unique.iter().chain(&results).cloned().collect();
        let one_a_customer = !owners.is_empty() && unique.iter().all(|key| owners.contains(&key.id));
        let mut free = relation.free.clone();
        if let Some(free) = &mut free {
            calls.iter().for_each(|call| free.aggregated(Some(call.kernel), &call.result.id));
        }
        let node = Node::Aggregate { input: Box::new(relation), keys: unique, calls };
        parts.relation = Relation { node, owners, free, one_a_customer };
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
}

/// Makes columns of what aggregates are computed from.
pub(in crate::sql) fn arguments(
    ids: &Ids,
    relation: Relation,
    found: Vec<AggregateCall>,
    known: &[Column],
) -> (Relation, Vec<GroupCall>) {
    // What is counted or compared of customers are their ids.
    let known: Vec<Column> = known.iter().filter(|column| !column.is_customer).cloned().collect();
    let mut parts: Vec<Operand> = Vec::new();
    for AggregateCall { arguments, filter, .. } in &found {
        let passing = arguments.iter().map(|argument| where_it_passes(argument.clone(), filter.as_ref()));
        parts.extend(passing.chain(filter.clone()).map(|expr| Operand::new(expr, DataType::Null)));
    }
    let (relation, columns) = relation.extended(&parts, &vec![""; parts.len()], ids, &known);
    let mut columns = columns.into_iter();
    let calls = found.into_iter().map(|AggregateCall { kernel, arguments, filter, data_type }| {
        let arguments = columns.by_ref().take(arguments.len()).collect();
        let filter = filter.and_then(|_| columns.next());
        GroupCall { kernel, arguments, filter, result: ids.column("", data_type) }
    });
    let calls = calls.collect();
    (relation, calls)
}

/// Gives what is computed only of rows that a filter passes: one that it keeps out must not fail.
pub(super) fn where_it_passes(argument: Expr, filter: Option<&Expr>) -> Expr {
    match filter {
        Some(filter) if can_fail(&argument) => {
            let branch = (Box::new(filter.clone()), Box::new(argument));
            Expr::Case(Case { expr: None, when_then_expr: vec![branch], else_expr: None })
        }
        _ => argument,
    }
}

/// Puts the columns of the grouping in the place of what translation calls the aggregates.
pub(in crate::sql) fn renamed(expr: Expr, results: &[Column]) -> Expr {
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
