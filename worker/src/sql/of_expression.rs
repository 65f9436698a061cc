//! An aggregate expression as a query: a value a customer.

use super::{
    answer::Query,
    binder::{arguments, renamed},
    catalogue::Rows,
    customers::id_of,
    relation::{Column, Ids, Node, Relation, columns_of},
};
use crate::expression::{Aggregate, AggregateCall, Operand};
use arrow::datatypes::{DataType, Schema};
use datafusion_common::{
    Column as EngineColumn,
    tree_node::{Transformed, TreeNode},
};
use datafusion_expr::Expr;
use segmenter_proto::jobs::Unit;
use std::collections::BTreeSet;

impl Query {
    /// Gives the query of an aggregate over the rows of some sources, at and after a time; `schema` has the columns that it was parsed with, as
    /// expressions see them, and `unit` is who is segmented.
    pub(crate) fn of_expression(
        name: &str,
        aggregate: &Aggregate,
        schema: &Schema,
        unit: Unit,
        sources: BTreeSet<usize>,
        start: Option<i64>,
    ) -> Self {
        let ids = Ids::default();
        let rows = Rows::Of { sources, start, is_view: false };
        let Grouped { relation, customer, results } = grouped(&ids, &aggregate.calls, schema, unit, rows);
        let outer = Operand { expr: renamed(aggregate.outer.expr.clone(), &results), ..aggregate.outer.clone() };
        let (relation, values) = relation.extended(&[outer], &[name], &ids, &results);
        let values = values.into_iter().map(|column| (name.to_owned(), column)).collect();
        Self { relation, customer, values, counts_filters: true }
    }

    /// Gives the query of some aggregates, each a column, over the rows of some sources, or over the population, a row a customer; `schema`
    /// has the columns that they were parsed with, as expressions see them.
    pub(crate) fn of_calls(
        calls: &[AggregateCall],
        schema: &Schema,
        unit: Unit,
        sources: Option<BTreeSet<usize>>,
    ) -> Self {
        let ids = Ids::default();
        let rows = sources.map_or(Rows::Customers, |sources| Rows::Of { sources, start: None, is_view: false });
        let Grouped { relation, customer, results } = grouped(&ids, calls, schema, unit, rows);
        let values = results.into_iter().enumerate().map(|(at, column)| (at.to_string(), column)).collect();
        Self { relation, customer, values, counts_filters: false }
    }
}

/// Rows grouped by customer.
struct Grouped {
    relation: Relation,
    customer: Column,
    /// A column an aggregate.
    results: Vec<Column>,
}

fn grouped(ids: &Ids, calls: &[AggregateCall], schema: &Schema, unit: Unit, rows: Rows) -> Grouped {
    let id = unit.key();
    let mut customer = ids.column(id, DataType::Utf8);
    customer.is_customer = true;
    let named: BTreeSet<String> =
        calls.iter().flat_map(|call| call.arguments.iter().chain(&call.filter)).flat_map(columns_of).collect();
    let used = schema.fields().iter().filter(|field| named.contains(field.name()));
    let used = used.filter(|field| field.name() != id);
    let mut columns: Vec<(String, Column)> = vec![(id.to_owned(), customer.clone())];
    columns.extend(used.map(|field| (field.name().clone(), ids.column(field.name(), field.data_type().clone()))));
    let known: Vec<Column> = columns.iter().map(|(_, column)| column.clone()).collect();
    let calls = calls.iter().map(|call| AggregateCall {
        arguments: call.arguments.iter().map(|argument| over(argument.clone(), &columns)).collect(),
        filter: call.filter.clone().map(|filter| over(filter, &columns)),
        ..call.clone()
    });
    let owners = BTreeSet::from([customer.id.clone()]);
    let scan = Relation {
        node: Node::Scan { rows, columns: columns.clone() },
        owners: owners.clone(),
        one_a_customer: false,
        free: None,
    };
    let (relation, calls) = arguments(ids, scan, calls.collect(), &known);
    let results: Vec<Column> = calls.iter().map(|call| call.result.clone()).collect();
    let node = Node::Aggregate { input: Box::new(relation), keys: vec![customer.clone()], calls };
    let relation = Relation { node, owners, one_a_customer: true, free: None };
    Grouped { relation, customer, results }
}

/// Puts columns of the scan in the place of their names.
fn over(expr: Expr, columns: &[(String, Column)]) -> Expr {
    let original = expr.clone();
    let done = expr.transform(|part| match &part {
        Expr::Column(named) => Ok(match columns.iter().find(|(name, _)| *name == named.name) {
            Some((_, column)) if column.is_customer => Transformed::yes(id_of(column.expr())),
            Some((_, column)) => Transformed::yes(Expr::Column(EngineColumn::new_unqualified(&column.id))),
            None => Transformed::no(part),
        }),
        _ => Ok(Transformed::no(part)),
    });
    // Never fails: the rewriting has no error.
    done.map_or(original, |done| done.data)
}
