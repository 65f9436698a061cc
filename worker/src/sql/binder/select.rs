//! One select.

use super::super::{
    relation::{Column, Relation},
    scope::{Entry, Scope, place_of},
};
use super::query::{Binder, Bound, With};
use crate::expression::{ExpressionError, Operand, Place, condition, find_aggregate, own_name, subquery_in_query};
use sqlparser::ast::{
    Distinct, Expr as Syntax, GroupByExpr, Select, SelectItem, SelectItemQualifiedWildcardKind,
    WildcardAdditionalOptions, visit_expressions,
};
use std::ops::ControlFlow;

/// What a select is bound of, step by step.
pub(super) struct Parts<'a> {
    pub(super) scope: Scope<'a>,
    pub(super) relation: Relation,
    /// Columns that the next step may use as they are.
    pub(super) known: Vec<Column>,
}

/// An item of the select list.
pub(super) enum Item<'q> {
    Expression { name: String, part: &'q Syntax },
    Column(Entry),
}

impl Binder<'_> {
    /// Binds a select; the values of `more` stand behind its columns.
    pub(super) fn select<'q>(
        &self,
        select: &'q Select,
        more: &[&'q Syntax],
        with: &With<'q>,
    ) -> Result<Bound, ExpressionError> {
        refuse_clauses(select)?;
        let (relation, entries) = self.from(select, with)?;
        let known = entries.iter().map(|entry| entry.column.clone()).collect();
        let mut parts = Parts { scope: Scope::new(self, entries), relation, known };
        if let Some(selection) = &select.selection {
            let truth = condition("`where`", parts.scope.row(selection)?)?;
            parts.relation = parts.relation.filtered(truth.expr);
        }
        let mut items = items(select, &parts.scope)?;
        items.extend(more.iter().map(|part| Item::Expression { name: String::new(), part }));
        let GroupByExpr::Expressions(keys, _) = &select.group_by else {
            return Err(ExpressionError::new("`group by all` is not allowed")
                .with_hint("name the keys: group by customer_id, …"));
        };
        let of_all = || !self.catalogue.is_local && items.iter().any(Item::has_aggregate);
        let is_grouped = !keys.is_empty() || select.having.is_some() || of_all();
        let mut values = match is_grouped {
            true => self.grouped(&mut parts, keys, select.having.as_ref(), &items)?,
            false => plain_values(&mut parts, &items)?,
        };
        let ties = if is_grouped { parts.known.clone() } else { parts.scope.used() };
        self.windows(&mut parts, ties)?;
        let mut names: Vec<String> = items.iter().map(Item::name).collect();
        if !self.catalogue.is_local {
            let of_list = items.len() - more.len();
            for (name, item) in names.iter_mut().zip(&items[..of_list]).filter(|(name, _)| name.is_empty()) {
                *name = item.text();
            }
        }
        let shown: Vec<&str> = names.iter().map(String::as_str).collect();
        let (relation, columns) =
            parts.relation.extended(&std::mem::take(&mut values), &shown, &self.ids, &parts.known);
        let bound = Bound { relation, columns: names.into_iter().zip(columns).collect() };
        match &select.distinct {
            None | Some(Distinct::All) => Ok(bound),
            Some(Distinct::Distinct) => self.distinct(bound, place_of(select)),
            Some(Distinct::On(on)) => Err(ExpressionError::new("`distinct on` takes whichever row comes first")
                .with_hint("number the rows in a query within from (…), row_number() over (partition by customer_id order by …), and keep number 1 in where")
                .at(on.first().and_then(place_of).or_else(|| place_of(select)))),
        }
    }
}

impl Item<'_> {
    fn name(&self) -> String {
        match self {
            Self::Expression { name, .. } => name.clone(),
            Self::Column(entry) => entry.name.clone(),
        }
    }

    /// Gives the expression as it stands there, which is a name where nothing is promised of names.
    fn text(&self) -> String {
        match self {
            Self::Expression { part, .. } => part.to_string(),
            Self::Column(entry) => entry.name.clone(),
        }
    }

    fn has_aggregate(&self) -> bool {
        let Self::Expression { part, .. } = self else { return false };
        let flow = visit_expressions(*part, |inner| match aggregate_name(inner) {
            Some(_) => ControlFlow::Break(()),
            None => ControlFlow::Continue(()),
        });
        flow.is_break()
    }
}

/// Gives the name of an aggregate without `over`, where a part is one.
fn aggregate_name(part: &Syntax) -> Option<String> {
    match part {
        Syntax::Function(call) if call.over.is_none() => {
            let name = call.name.to_string().to_lowercase();
            find_aggregate(&name).map(|_| name)
        }
        _ => None,
    }
}

/// Translates the select list where there is no `group by`.
fn plain_values(parts: &mut Parts<'_>, items: &[Item<'_>]) -> Result<Vec<Operand>, ExpressionError> {
    parts.scope.allow_windows();
    let mut values = Vec::with_capacity(items.len());
    for item in items {
        values.push(match item {
            Item::Column(entry) => entry.column.operand(),
            Item::Expression { part, .. } => {
                if let Some(error) = ungrouped(part, parts.relation.free.is_some()) {
                    return Err(error);
                }
                parts.scope.translate(part, Place::Rows)?.0
            }
        });
    }
    Ok(values)
}

/// Refuses an aggregate over the rows of everybody, or of a whole reference table.
fn ungrouped(part: &Syntax, is_free: bool) -> Option<ExpressionError> {
    let flow = visit_expressions(part, |inner| match inner {
        Syntax::Subquery(_) | Syntax::Exists { .. } | Syntax::InSubquery { .. } => {
            ControlFlow::Break(subquery_in_query().at(place_of(inner)))
        }
        _ => match aggregate_name(inner) {
            Some(name) => {
                let refused = match is_free {
                    true => ExpressionError::new(format!("`{name}` stands without group by"))
                        .with_hint("group the reference table by the column by which it is joined"),
                    false => ExpressionError::new(format!("`{name}` would look at the rows of all customers"))
                        .with_hint("add group by customer_id"),
                };
                ControlFlow::Break(refused.at(place_of(inner)))
            }
            None => ControlFlow::Continue(()),
        },
    });
    match flow {
        ControlFlow::Break(error) => Some(error),
        ControlFlow::Continue(()) => None,
    }
}

fn items<'q>(select: &'q Select, scope: &Scope<'_>) -> Result<Vec<Item<'q>>, ExpressionError> {
    let mut items = Vec::new();
    for item in &select.projection {
        match item {
            SelectItem::UnnamedExpr(part) => items.push(Item::Expression { name: own_name(part), part }),
            SelectItem::ExprWithAlias { expr, alias } => {
                items.push(Item::Expression { name: alias.value.clone(), part: expr });
            }
            SelectItem::Wildcard(options) if is_bare(options) => {
                items.extend(scope.every(None).into_iter().cloned().map(Item::Column));
            }
            SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(table), options)
                if is_bare(options) =>
            {
                let table = table.to_string();
                let every = scope.every(Some(&table));
                if every.is_empty() {
                    return Err(
                        ExpressionError::new(format!("there is no table `{table}` in this from")).at(place_of(item))
                    );
                }
                items.extend(every.into_iter().cloned().map(Item::Column));
            }
            _ => {
                return Err(
                    ExpressionError::new("the select list takes expressions with a name, and `*`").at(place_of(item))
                );
            }
        }
    }
    Ok(items)
}

fn is_bare(options: &WildcardAdditionalOptions) -> bool {
    options.opt_ilike.is_none()
        && options.opt_exclude.is_none()
        && options.opt_except.is_none()
        && options.opt_replace.is_none()
        && options.opt_rename.is_none()
}

/// Refuses clauses that no query here has.
fn refuse_clauses(select: &Select) -> Result<(), ExpressionError> {
    let refused = |what: &str, hint: &str, place| Err(ExpressionError::new(what).with_hint(hint).at(place));
    if let Some(qualify) = &select.qualify {
        return refused(
            "`qualify` is not allowed",
            "give the window a name in a query within from (…), and filter it in where",
            place_of(qualify),
        );
    }
    if let GroupByExpr::Expressions(_, modifiers) = &select.group_by
        && !modifiers.is_empty()
    {
        return refused("`rollup`, `cube` and `totals` are not allowed", "write a query a grouping", place_of(select));
    }
    if !select.named_window.is_empty() {
        return refused(
            "named windows are not allowed",
            "write partition by and order by out in over (…)",
            place_of(select),
        );
    }
    let others = select.top.is_some()
        || select.exclude.is_some()
        || select.into.is_some()
        || !select.lateral_views.is_empty()
        || select.prewhere.is_some()
        || !select.connect_by.is_empty()
        || !select.cluster_by.is_empty()
        || !select.distribute_by.is_empty()
        || !select.sort_by.is_empty()
        || select.value_table_mode.is_some()
        || select.select_modifiers.is_some();
    match others {
        true => refused(
            "a select has from, where, group by and having",
            "leave out what else stands there",
            place_of(select),
        ),
        false => Ok(()),
    }
}
