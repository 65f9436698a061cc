//! The tables of a query.

use super::super::{
    catalogue::{Rows, SOURCE, Table},
    free::Free,
    relation::{Node, Relation},
    scope::{Entry, place_of, place_of_name},
};
use super::query::{Binder, Bound, With};
use crate::expression::{ExpressionError, near};
use sqlparser::ast::{Ident, ObjectName, ObjectNamePart, Select, TableAlias, TableFactor};
use std::collections::BTreeSet;

/// Rows with the names of their columns.
pub(super) type Named = (Relation, Vec<Entry>);

impl Binder<'_> {
    /// Binds the from of a select.
    pub(super) fn from<'q>(&self, select: &'q Select, with: &With<'q>) -> Result<Named, ExpressionError> {
        let first = match select.from.as_slice() {
            [first] => first,
            [] => {
                return Err(ExpressionError::new("a query needs from: a table").at(place_of(select)));
            }
            [_, second, ..] => {
                return Err(ExpressionError::new("a comma between tables pairs all rows with all")
                    .with_hint("write join … on a.customer_id = b.customer_id")
                    .at(place_of(&second.relation)));
            }
        };
        let mut named = self.factor(&first.relation, with)?;
        for join in &first.joins {
            let right = self.factor(&join.relation, with)?;
            let name = right.1.first().map(|entry| &entry.table);
            if let Some(name) =
                name.filter(|name| named.1.iter().any(|entry| entry.table == **name && !name.is_empty()))
            {
                return Err(ExpressionError::new(format!("two tables of this from are called `{name}`"))
                    .with_hint("give one another name: join orders o2 on …")
                    .at(place_of(&join.relation)));
            }
            named = self.join(named, right, join)?;
        }
        Ok(named)
    }

    fn factor<'q>(&self, factor: &'q TableFactor, with: &With<'q>) -> Result<Named, ExpressionError> {
        match factor {
            TableFactor::Table {
                name,
                alias,
                args: None,
                version: None,
                with_ordinality: false,
                json_path: None,
                sample: None,
                ..
            } => {
                self.open(factor)?;
                let (written, whole) = match self.catalogue.is_local {
                    true => single(name).map(|name| (name, name.value.clone()))?,
                    false => with_dots(name)?,
                };
                let shown = alias.as_ref().map_or(written, |alias| &alias.name).value.clone();
                no_columns(alias.as_ref())?;
                if let Some((query, visible)) = with.find(&whole) {
                    return Ok(named(self.query(query, &visible)?, &shown));
                }
                match self.catalogue.tables.iter().find(|table| table.name == whole) {
                    Some(table) => Ok(self.scan(table, &shown)),
                    None => {
                        let tables = self.catalogue.tables.iter().map(|table| table.name.as_str());
                        let known: Vec<&str> = with.names().chain(tables).collect();
                        Err(near(format!("there is no table `{whole}`"), &whole, &known, "the tables")
                            .at(place_of(name)))
                    }
                }
            }
            TableFactor::Derived { lateral: false, subquery, alias, sample: None } => {
                no_columns(alias.as_ref())?;
                let shown = alias.as_ref().map(|alias| alias.name.value.clone()).unwrap_or_default();
                Ok(named(self.query(subquery, with)?, &shown))
            }
            TableFactor::NestedJoin { .. } => Err(ExpressionError::new("joins in brackets are not allowed")
                .with_hint("write them one behind the other, or as a query in brackets")
                .at(place_of(factor))),
            TableFactor::Derived { .. } => {
                Err(ExpressionError::new("`lateral` and `tablesample` are not allowed").at(place_of(factor)))
            }
            _ => Err(ExpressionError::new("expected a table or a query in brackets").at(place_of(factor))),
        }
    }

    fn scan(&self, table: &Table, shown: &str) -> Named {
        let mut columns = Vec::with_capacity(table.columns.len());
        let mut owners = BTreeSet::new();
        let mut entries = Vec::with_capacity(table.columns.len());
        for field in &table.columns {
            let mut column = self.ids.column(field.name(), field.data_type().clone());
            let is_of_customers = self.catalogue.is_local && !matches!(table.rows, Rows::Reference(_));
            if field.name() == self.catalogue.unit.key() && is_of_customers {
                column.is_customer = true;
                owners.insert(column.id.clone());
            }
            let disagreeing = table.disagreeing.iter().find(|(name, _)| name == field.name());
            entries.push(Entry {
                table: shown.to_owned(),
                name: field.name().clone(),
                column: column.clone(),
                constant: table.one_source.clone().filter(|_| field.name() == SOURCE),
                trouble: disagreeing.map(|(_, trouble)| trouble.clone()),
            });
            columns.push((field.name().clone(), column));
        }
        let one_a_customer = table.rows == Rows::Customers;
        let free = matches!(table.rows, Rows::Reference(_)).then(|| Free::new(&self.ids));
        let node = Node::Scan { rows: table.rows.clone(), columns };
        (Relation { node, owners, free, one_a_customer }, entries)
    }
}

/// Gives the columns of a query the name of its table.
fn named(bound: Bound, table: &str) -> Named {
    let entries = bound.columns.into_iter().map(|(name, column)| Entry {
        table: table.to_owned(),
        name,
        column,
        constant: None,
        trouble: None,
    });
    (bound.relation, entries.filter(|entry| !entry.name.is_empty()).collect())
}

/// Gives the last part of a name, which is the table's where no alias is given, and the name as a whole.
pub(in crate::sql) fn with_dots(name: &ObjectName) -> Result<(&Ident, String), ExpressionError> {
    let parts: Option<Vec<&Ident>> = name.0.iter().map(ObjectNamePart::as_ident).collect();
    match parts.as_deref() {
        Some([.., last]) => {
            Ok((last, parts.iter().flatten().map(|part| part.value.as_str()).collect::<Vec<_>>().join(".")))
        }
        _ => Err(ExpressionError::new(format!("there is no table `{name}`")).at(place_of(name))),
    }
}

fn single(name: &ObjectName) -> Result<&Ident, ExpressionError> {
    match name.0.as_slice() {
        [ObjectNamePart::Identifier(name)] => Ok(name),
        _ => Err(ExpressionError::new(format!("there is no table `{name}`"))
            .with_hint("a table's name has no dots: the name of a source, of a kind of sources, or customers")
            .at(place_of(name))),
    }
}

fn no_columns(alias: Option<&TableAlias>) -> Result<(), ExpressionError> {
    match alias {
        Some(alias) if !alias.columns.is_empty() => {
            Err(ExpressionError::new("names in brackets behind a table's name are not allowed")
                .with_hint("name the columns in its select list")
                .at(place_of_name(&alias.name)))
        }
        _ => Ok(()),
    }
}
