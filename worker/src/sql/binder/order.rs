//! `order by`, `limit` and `offset`: of queries at a prompt.

use super::super::{
    relation::{Column, Node, Relation},
    scope::place_of,
};
use super::query::{Binder, Bound, With, refuse_others};
use crate::expression::{ExpressionError, Operand, check_result, own_name, unknown_name};
use arrow::compute::SortOptions;
use sqlparser::ast::{
    Expr as Syntax, LimitClause, OrderBy, OrderByExpr, OrderByKind, Query, SelectItem, SetExpr, Value,
};
use std::collections::BTreeSet;

/// What rows are sorted by.
enum By<'q> {
    /// A column of the select list, from 0.
    Place(usize),
    /// A column of the select list by its name.
    Name(&'q str),
    /// A value that stands behind the columns of the select list, from 0.
    More(usize),
}

/// What decides among rows that are else equal.
const ASCENDING: SortOptions = SortOptions { descending: false, nulls_first: false };

impl Binder<'_> {
    /// Binds the body of a query, its rows ordered and cut as it says. Rows that are equal in what they are ordered by are ordered by all
    /// columns, so that the answer is the same every time.
    pub(super) fn ordered<'q>(&self, query: &'q Query, with: &With<'q>) -> Result<Bound, ExpressionError> {
        refuse_others(query)?;
        let written = written(query.order_by.as_ref(), query)?;
        let (skip, fetch) = limits(query)?;
        let names = names(&query.body);
        let mut more: Vec<&Syntax> = Vec::new();
        let mut by = Vec::with_capacity(written.len());
        for term in written {
            by.push((kind(&term.expr, names.as_ref(), &mut more)?, term));
        }
        let mut bound = match query.body.as_ref() {
            SetExpr::Select(select) => {
                if let (Some(_), Some(first)) = (&select.distinct, more.first()) {
                    return Err(ExpressionError::new(
                        "beside `distinct` rows are ordered by columns of the select list",
                    )
                    .with_hint("add it to the select list")
                    .at(place_of(*first)));
                }
                self.select(select, &more, with)?
            }
            other => match more.first() {
                None => self.body(other, with)?,
                Some(first) => {
                    return Err(ExpressionError::new("rows of a union are ordered by its columns")
                        .with_hint("write the name or the number of a column")
                        .at(place_of(*first)));
                }
            },
        };
        let more = bound.columns.split_off(bound.columns.len().saturating_sub(more.len()));
        let by = by.into_iter().map(|(by, term)| Ok((column(&by, term, &bound, &more)?, options(term))));
        let by = by.collect::<Result<Vec<_>, ExpressionError>>()?;
        if by.is_empty() && skip == 0 && fetch.is_none() {
            return Ok(bound);
        }
        let by = if by.is_empty() && is_settled(&bound.relation) { by } else { with_ties(by, &bound) };
        Ok(in_order(bound, by, skip, fetch))
    }
}

/// Gives the rows of a whole query an order that does not depend on how they were computed, where they have none.
pub(super) fn settled(bound: Bound) -> Bound {
    match is_settled(&bound.relation) {
        true => bound,
        false => {
            let by = with_ties(Vec::new(), &bound);
            in_order(bound, by, 0, None)
        }
    }
}

fn in_order(bound: Bound, by: Vec<(Column, SortOptions)>, skip: usize, fetch: Option<usize>) -> Bound {
    let node = Node::Ordered { input: Box::new(bound.relation), by, skip, fetch };
    Bound {
        relation: Relation { node, owners: BTreeSet::new(), free: None, one_a_customer: false },
        columns: bound.columns,
    }
}

fn with_ties(mut by: Vec<(Column, SortOptions)>, bound: &Bound) -> Vec<(Column, SortOptions)> {
    for (_, column) in &bound.columns {
        if by.iter().all(|(known, _)| known != column) {
            by.push((column.clone(), ASCENDING));
        }
    }
    by
}

/// Says whether rows come in the same order whatever memory there is: groups that were written to disk come in another one.
fn is_settled(relation: &Relation) -> bool {
    match &relation.node {
        Node::Scan { .. } | Node::Window { .. } => true,
        Node::Extend { input, .. } | Node::Filter { input, .. } => is_settled(input),
        Node::Ordered { input, by, .. } => !by.is_empty() || is_settled(input),
        Node::Aggregate { keys, .. } => keys.is_empty(),
        Node::Join { left, right, .. } => is_settled(left) && is_settled(right),
        Node::Union { inputs, .. } => inputs.iter().all(|(input, _)| is_settled(input)),
    }
}

fn written<'q>(order: Option<&'q OrderBy>, query: &Query) -> Result<&'q [OrderByExpr], ExpressionError> {
    match order {
        None => Ok(&[]),
        Some(OrderBy { kind: OrderByKind::Expressions(by), interpolate: None }) => {
            match by.iter().find(|term| term.with_fill.is_some()) {
                None => Ok(by),
                Some(term) => Err(ExpressionError::new("`with fill` is not allowed").at(place_of(&term.expr))),
            }
        }
        Some(_) => Err(ExpressionError::new("`order by all` is not allowed")
            .with_hint("name the columns to order by")
            .at(place_of(query))),
    }
}

/// Gives the names of a body's columns; none where `*` stands among them.
fn names(body: &SetExpr) -> Option<Vec<String>> {
    match body {
        SetExpr::Select(select) => select
            .projection
            .iter()
            .map(|item| match item {
                SelectItem::UnnamedExpr(part) => Some(own_name(part)),
                SelectItem::ExprWithAlias { alias, .. } => Some(alias.value.clone()),
                _ => None,
            })
            .collect(),
        // Whatever is named is one of its columns.
        _ => None,
    }
}

fn kind<'q>(
    term: &'q Syntax,
    names: Option<&Vec<String>>,
    more: &mut Vec<&'q Syntax>,
) -> Result<By<'q>, ExpressionError> {
    match term {
        Syntax::Value(value) if matches!(value.value, Value::Number(..)) => {
            let place: Option<usize> = value.value.to_string().parse().ok();
            match place.and_then(|place| place.checked_sub(1)) {
                Some(place) => Ok(By::Place(place)),
                None => Err(ExpressionError::new("columns are numbered from 1").at(place_of(term))),
            }
        }
        Syntax::Value(_) => Err(ExpressionError::new("an order by a constant says nothing")
            .with_hint("write the column, its number, or an expression")
            .at(place_of(term))),
        Syntax::Identifier(name) if names.is_none_or(|names| names.contains(&name.value)) => Ok(By::Name(&name.value)),
        _ => {
            more.push(term);
            Ok(By::More(more.len() - 1))
        }
    }
}

fn column(
    by: &By<'_>,
    term: &OrderByExpr,
    bound: &Bound,
    more: &[(String, Column)],
) -> Result<Column, ExpressionError> {
    let place = place_of(&term.expr);
    let lost = || ExpressionError::new("a value to order by got lost").at(place);
    let found =
        match by {
            By::Place(at) => bound.columns.get(*at).map(|(_, column)| column.clone()).ok_or_else(|| {
                ExpressionError::new(format!("the query has {} columns", bound.columns.len())).at(place)
            })?,
            By::More(at) => more.get(*at).map(|(_, column)| column.clone()).ok_or_else(lost)?,
            By::Name(wanted) => {
                let mut found = bound.columns.iter().filter(|(name, _)| name == wanted).map(|(_, column)| column);
                let known = bound.columns.iter().map(|(name, _)| name.as_str()).filter(|name| !name.is_empty());
                let first = found.next().ok_or_else(|| unknown_name(wanted, known, false).at(place))?;
                if found.any(|other| other != first) {
                    return Err(ExpressionError::new(format!("two columns of the query are named `{wanted}`"))
                        .with_hint("write its number, or give one another name")
                        .at(place));
                }
                first.clone()
            }
        };
    check_result(&Operand { position: place, ..found.operand() })?;
    Ok(found)
}

fn options(term: &OrderByExpr) -> SortOptions {
    let descending = term.options.asc == Some(false);
    // As in PostgreSQL: null is larger than everything.
    SortOptions { descending, nulls_first: term.options.nulls_first.unwrap_or(descending) }
}

/// Gives how many rows are passed over, and how many follow at most.
fn limits(query: &Query) -> Result<(usize, Option<usize>), ExpressionError> {
    let number = |part: &Syntax| {
        let found = match part {
            Syntax::Value(value) => value.value.to_string().parse().ok(),
            _ => None,
        };
        found
            .ok_or_else(|| ExpressionError::new("`limit` and `offset` expect a whole number from 0").at(place_of(part)))
    };
    match &query.limit_clause {
        None => Ok((0, None)),
        Some(LimitClause::LimitOffset { limit, offset, limit_by }) if limit_by.is_empty() => {
            let skip = offset.as_ref().map(|offset| number(&offset.value)).transpose()?.unwrap_or(0);
            Ok((skip, limit.as_ref().map(number).transpose()?))
        }
        Some(LimitClause::LimitOffset { limit_by, .. }) => {
            Err(ExpressionError::new("`limit … by` is not allowed").at(limit_by.first().and_then(place_of)))
        }
        Some(LimitClause::OffsetCommaLimit { limit, .. }) => Err(ExpressionError::new("`limit` takes one number")
            .with_hint("write limit 10 offset 20")
            .at(place_of(limit))),
    }
}
