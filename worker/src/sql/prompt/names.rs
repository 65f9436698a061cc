//! The tables that a query names, before anything is opened.

use super::super::binder::with_dots;
use crate::expression::{ExpressionError, parse_query};
use sqlparser::ast::visit_relations;
use std::{collections::BTreeSet, ops::ControlFlow};

/// Gives the names of the tables of a query, as in `source.orders`; among them those of its own `with`.
///
/// # Errors
/// The text is no query.
pub fn named_tables(sql: &str) -> Result<BTreeSet<String>, ExpressionError> {
    let query = parse_query(sql)?;
    let mut found = BTreeSet::new();
    let _: ControlFlow<()> = visit_relations(query.as_ref(), |name| {
        found.extend(with_dots(name).map(|(_, whole)| whole).ok());
        ControlFlow::Continue(())
    });
    Ok(found)
}
