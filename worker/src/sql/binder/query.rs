//! A query as a whole: with, union, select.

use super::super::{
    catalogue::Catalogue,
    relation::{Column, Ids, Relation},
    scope::{place_of, place_of_name},
};
use super::order::settled;
use crate::expression::{ExpressionError, parse_query};
use arrow::datatypes::{Schema, SchemaRef};
use sqlparser::ast::{Ident, LimitClause, OrderBy, OrderByKind, Query, SetExpr, TableFactor};
use std::{cell::Cell, sync::Arc};

/// Binds one text.
#[derive(Debug)]
pub(in crate::sql) struct Binder<'a> {
    pub(in crate::sql) catalogue: &'a Catalogue,
    pub(in crate::sql) ids: Ids,
    /// Queries have their names in scopes and not in a schema.
    pub(in crate::sql) no_columns: SchemaRef,
    /// Tables that were opened; a query that is named twice is computed twice.
    opened: Cell<usize>,
}

/// Most tables of one query, with those of the queries that it names: each name of a `with` doubles what the one before it takes.
const MAX_TABLES: usize = 64;

/// A relation, and its columns by name.
#[derive(Debug, Clone)]
pub(in crate::sql) struct Bound {
    pub(in crate::sql) relation: Relation,
    /// Names as written; empty where an expression has none.
    pub(in crate::sql) columns: Vec<(String, Column)>,
}

/// The queries of `with` that can be named.
#[derive(Debug, Clone, Default)]
pub(super) struct With<'q> {
    queries: Vec<(&'q Ident, &'q Query)>,
}

impl<'q> With<'q> {
    /// Gives the query of a name, and those that it may name itself.
    pub(super) fn find(&self, name: &str) -> Option<(&'q Query, Self)> {
        let at = self.queries.iter().rposition(|(known, _)| known.value == name)?;
        Some((self.queries[at].1, Self { queries: self.queries[..at].to_vec() }))
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &'q str> {
        self.queries.iter().map(|(name, _)| name.value.as_str())
    }
}

impl<'a> Binder<'a> {
    pub(in crate::sql) fn new(catalogue: &'a Catalogue) -> Self {
        Self { catalogue, ids: Ids::default(), no_columns: Arc::new(Schema::empty()), opened: Cell::new(0) }
    }

    /// Binds a text that is one query.
    ///
    /// # Errors
    /// It is none, names what there is not, or does not look at one customer at a time where it has to.
    pub(in crate::sql) fn bind(&self, sql: &str) -> Result<Bound, ExpressionError> {
        let query = parse_query(sql)?;
        let bound = self.query(&query, &With::default())?;
        Ok(if self.catalogue.is_local { bound } else { settled(bound) })
    }

    pub(super) fn query<'q>(&self, query: &'q Query, outer: &With<'q>) -> Result<Bound, ExpressionError> {
        let mut with = outer.clone();
        if let Some(own) = &query.with {
            if own.recursive {
                return Err(ExpressionError::new("`with recursive` is not allowed").at(place_of(query)));
            }
            for cte in &own.cte_tables {
                if !cte.alias.columns.is_empty() {
                    return Err(ExpressionError::new("names in brackets behind a table's name are not allowed")
                        .with_hint("name the columns in its select list")
                        .at(place_of_name(&cte.alias.name)));
                }
                let name = &cte.alias.name.value;
                if own
                    .cte_tables
                    .iter()
                    .take_while(|other| !std::ptr::eq(*other, cte))
                    .any(|other| other.alias.name.value == *name)
                {
                    return Err(ExpressionError::new(format!("two queries of `with` are named `{name}`"))
                        .with_hint("give each a name of its own")
                        .at(place_of_name(&cte.alias.name)));
                }
                self.check(&cte.query, &with)?;
                with.queries.push((&cte.alias.name, &cte.query));
            }
        }
        if !self.catalogue.is_local {
            return self.ordered(query, &with);
        }
        refuse_order(query)?;
        self.body(&query.body, &with)
    }

    /// Binds a query of `with` for what is wrong with it, which counts for no table that is opened: it may never be named.
    fn check<'q>(&self, query: &'q Query, with: &With<'q>) -> Result<(), ExpressionError> {
        let opened = self.opened.get();
        let checked = self.query(query, with);
        self.opened.set(opened);
        checked.map(|_| ())
    }

    pub(super) fn body<'q>(&self, body: &'q SetExpr, with: &With<'q>) -> Result<Bound, ExpressionError> {
        match body {
            SetExpr::Select(select) => self.select(select, &[], with),
            SetExpr::Query(query) => self.query(query, with),
            SetExpr::SetOperation { left, op, set_quantifier, right } => {
                self.set_operation(body, (left, right), *op, *set_quantifier, with)
            }
            SetExpr::Values(_) => Err(ExpressionError::new("`values` belongs to no customer")
                .with_hint("write constants in a select list over a table")
                .at(place_of(body))),
            _ => Err(ExpressionError::new("expected a query: select … from …").at(place_of(body))),
        }
    }

    /// Counts a table that is opened.
    pub(super) fn open(&self, factor: &TableFactor) -> Result<(), ExpressionError> {
        self.opened.set(self.opened.get() + 1);
        if self.opened.get() > MAX_TABLES {
            return Err(ExpressionError::new(format!("the query opens more than {MAX_TABLES} tables"))
                .with_hint("a query of `with` is computed wherever it is named; divide the query into several")
                .at(place_of(factor)));
        }
        Ok(())
    }
}

/// Refuses what orders or cuts rows: a feature is the same for a customer whoever else is there.
fn refuse_order(query: &Query) -> Result<(), ExpressionError> {
    if let Some(OrderBy { kind, .. }) = &query.order_by {
        let place = match kind {
            OrderByKind::Expressions(by) => by.first().and_then(|by| place_of(&by.expr)),
            OrderByKind::All(_) => None,
        };
        return Err(ExpressionError::new("`order by` says nothing of a customer's values")
            .with_hint("leave it out; where the order matters it stands in over (… order by …)")
            .at(place.or_else(|| place_of(query))));
    }
    if let Some(limit) = &query.limit_clause {
        let expr = match limit {
            LimitClause::LimitOffset { limit, offset, .. } => {
                limit.as_ref().or(offset.as_ref().map(|offset| &offset.value))
            }
            LimitClause::OffsetCommaLimit { limit, .. } => Some(limit),
        };
        return Err(ExpressionError::new("`limit` would choose among customers")
            .with_hint(
                "number a customer's rows in a query within from (…), row_number() over (partition by customer_id order by …), and filter them in where",
            )
            .at(expr.and_then(place_of).or_else(|| place_of(query))));
    }
    refuse_others(query)
}

/// Refuses what no query here has behind its select.
pub(super) fn refuse_others(query: &Query) -> Result<(), ExpressionError> {
    let other = query.fetch.is_some()
        || !query.locks.is_empty()
        || query.for_clause.is_some()
        || query.settings.is_some()
        || query.format_clause.is_some()
        || !query.pipe_operators.is_empty();
    if other {
        return Err(ExpressionError::new("a query ends with its select").at(place_of(query.body.as_ref())));
    }
    Ok(())
}
