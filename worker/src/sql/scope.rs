//! The names that a part of a query sees.

use super::{
    binder::Binder,
    relation::{Column, columns_of},
};
use crate::{
    expression::{
        AggregateCall, ExpressionError, Kernel, Names, Operand, OverCall, OverFunction, Place, Position, Translator,
        instant_type, near, position_of, unknown_name,
    },
    spec::midnight,
};
use arrow::datatypes::DataType;
use chrono::{Days, NaiveDate};
use datafusion_common::ScalarValue;
use datafusion_expr::Expr;
use segmenter_proto::jobs::OWN_ID;
use sqlparser::ast::{Expr as Syntax, Ident, Spanned};
use std::{cell::RefCell, collections::BTreeSet};

/// A column that can be named.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// The table's name or alias.
    pub(super) table: String,
    pub(super) name: String,
    pub(super) column: Column,
    /// What it is in every row, where that is known.
    pub(super) constant: Option<String>,
    /// Why it cannot be used.
    pub(super) trouble: Option<String>,
}

/// The names of one select.
#[derive(Debug)]
pub(super) struct Scope<'a> {
    binder: &'a Binder<'a>,
    pub(super) entries: Vec<Entry>,
    used: RefCell<BTreeSet<usize>>,
    /// Keys of `group by`: the expression over rows, and what stands for it behind the grouping.
    pub(super) keys: Vec<(Expr, Operand)>,
    /// Calls with `over (…)` and their results; none where they cannot stand.
    windows: RefCell<Option<Vec<(OverCall, Column)>>>,
}

impl<'a> Scope<'a> {
    pub(super) fn new(binder: &'a Binder<'a>, entries: Vec<Entry>) -> Self {
        Self { binder, entries, used: RefCell::default(), keys: Vec::new(), windows: RefCell::default() }
    }

    /// Translates a part that looks at rows, without windows.
    pub(super) fn row(&self, part: &Syntax) -> Result<Operand, ExpressionError> {
        self.translate(part, Place::Rows).map(|(operand, _)| operand)
    }

    /// Translates a part; gives the place back, with the aggregates that it collected.
    pub(super) fn translate(&self, part: &Syntax, place: Place) -> Result<(Operand, Place), ExpressionError> {
        let mut translator = Translator {
            schema: &self.binder.no_columns,
            settings: self.binder.catalogue.settings,
            place,
            names: Some(self),
        };
        let operand = translator.translate(part)?;
        Ok((operand, translator.place))
    }

    /// From here on windows can stand.
    pub(super) fn allow_windows(&self) {
        *self.windows.borrow_mut() = Some(Vec::new());
    }

    /// Gives the windows that were named, which ends that they can stand.
    pub(super) fn take_windows(&self) -> Vec<(OverCall, Column)> {
        self.windows.borrow_mut().take().unwrap_or_default()
    }

    /// Puts other columns in the place of those that the windows were translated with.
    pub(super) fn rename_windows(&self, rename: impl Fn(Expr) -> Expr) {
        let mut windows = self.windows.borrow_mut();
        for (call, _) in windows.iter_mut().flatten() {
            let change = |operand: &mut Operand| operand.expr = rename(std::mem::take(&mut operand.expr));
            call.partition.iter_mut().for_each(change);
            call.order.iter_mut().map(|(by, _)| by).for_each(change);
            match &mut call.function {
                OverFunction::Window { arguments, .. } => arguments.iter_mut().for_each(change),
                OverFunction::Aggregate(call) => {
                    for expr in call.arguments.iter_mut().chain(&mut call.filter) {
                        *expr = rename(std::mem::take(expr));
                    }
                }
            }
        }
    }

    /// Gives the columns that were named, in the order of the tables.
    pub(super) fn used(&self) -> Vec<Column> {
        self.used.borrow().iter().map(|&at| self.entries[at].column.clone()).collect()
    }

    /// Gives the columns of a table, or of all.
    pub(super) fn every(&self, table: Option<&str>) -> Vec<&Entry> {
        // The id that rows are weighed by is nothing that the job maps.
        let of_table = |entry: &&Entry| table.is_none_or(|table| entry.table == table) && entry.name != OWN_ID;
        let mut used = self.used.borrow_mut();
        used.extend(self.entries.iter().enumerate().filter(|(_, entry)| of_table(entry)).map(|(at, _)| at));
        self.entries.iter().filter(of_table).collect()
    }
}

impl Names for Scope<'_> {
    fn resolve(&self, parts: &[Ident]) -> Result<Operand, ExpressionError> {
        let (table, name) = match parts {
            [name] => (None, &name.value),
            [table, name] => (Some(&table.value), &name.value),
            _ => {
                return Err(ExpressionError::new("a name has at most its table in front of it")
                    .with_hint("write table.column; a name with dots stands in double quotes"));
            }
        };
        if let Some(table) = table
            && self.entries.iter().all(|entry| entry.table != *table)
        {
            let mut tables: Vec<&str> = self.entries.iter().map(|entry| entry.table.as_str()).collect();
            tables.dedup();
            return Err(near(format!("there is no table `{table}` in this from"), table, &tables, "the tables"));
        }
        let fits = |entry: &Entry| entry.name == *name && table.is_none_or(|table| entry.table == *table);
        let found: Vec<usize> = (0..self.entries.len()).filter(|&at| fits(&self.entries[at])).collect();
        match found.as_slice() {
            [] => {
                // A column of the same name, which a query may make itself, comes first.
                let constant = table.is_none().then(|| self.binder.catalogue.constant(name)).flatten();
                let of_table = |entry: &&Entry| table.is_none_or(|table| entry.table == *table);
                let known = self.entries.iter().filter(of_table).map(|entry| entry.name.as_str());
                constant.ok_or_else(|| unknown_name(name, known, false))
            }
            [at] => {
                let entry = &self.entries[*at];
                if let Some(trouble) = &entry.trouble {
                    return Err(ExpressionError::new(trouble.clone()).with_hint(
                        "name one source in from, or map the column to another name or type in [source.columns]",
                    ));
                }
                if let Some(constant) = &entry.constant {
                    return Ok(Operand::literal(ScalarValue::Utf8(Some(constant.clone()))));
                }
                self.used.borrow_mut().insert(*at);
                Ok(entry.column.operand())
            }
            [first, second, ..] => {
                let [first, second] = [first, second].map(|at| &self.entries[*at].table);
                Err(ExpressionError::new(format!("`{name}` stands in {first} and in {second}"))
                    .with_hint(format!("say which: {first}.{name}")))
            }
        }
    }

    fn key(&self, expr: &Expr) -> Option<Operand> {
        self.keys.iter().find(|(key, _)| key == expr).map(|(_, operand)| operand.clone())
    }

    fn window(&self, call: OverCall) -> Result<Operand, ExpressionError> {
        let mut windows = self.windows.borrow_mut();
        let Some(windows) = windows.as_mut() else {
            return Err(ExpressionError::new("a window function cannot stand here")
                .with_hint("give it a name in a query within from (…), and use that name around it"));
        };
        if let OverFunction::Aggregate(aggregate) = &call.function
            && (of_groups_only(aggregate.kernel) || is_of_several(aggregate))
        {
            return Err(ExpressionError::new("this aggregate is computed of groups only, not over a window")
                .with_hint("compute it in a query with group by customer_id, and join that")
                .at(call.position));
        }
        let parts = call.partition.iter().chain(call.order.iter().map(|(by, _)| by));
        let arguments: Vec<&Expr> = match &call.function {
            OverFunction::Window { arguments, .. } => arguments.iter().map(|argument| &argument.expr).collect(),
            OverFunction::Aggregate(call) => call.arguments.iter().chain(&call.filter).collect(),
        };
        let inner: BTreeSet<String> = parts.map(|part| &part.expr).chain(arguments).flat_map(columns_of).collect();
        if windows.iter().any(|(_, result)| inner.contains(&result.id)) {
            return Err(ExpressionError::new("a window function within another")
                .with_hint("compute the inner one in a query within from (…)")
                .at(call.position));
        }
        let result = self.binder.ids.column("", call.function.data_type());
        let operand = result.operand();
        windows.push((call, result));
        Ok(operand)
    }

    fn call(&self, name: &str, arguments: &[Operand]) -> Option<Result<Operand, ExpressionError>> {
        let (as_of, zone) = (self.binder.catalogue.as_of, self.binder.catalogue.settings.zone());
        let expected = || ExpressionError::new("window_start expects days such as '365d'");
        match (name, arguments) {
            ("as_of", []) => {
                let day = as_of.signed_duration_since(NaiveDate::default()).num_days();
                Some(Ok(Operand::literal(ScalarValue::Date32(i32::try_from(day).ok()))))
            }
            ("as_of", _) => Some(Err(ExpressionError::new("as_of takes no arguments"))),
            ("window_start", [window, times @ ..]) if times.len() < 2 => {
                let times = match times.first().map(|times| &times.expr) {
                    None => Some(1),
                    Some(Expr::Literal(ScalarValue::Int64(Some(times)), _)) => u32::try_from(*times).ok(),
                    Some(_) => None,
                };
                let days = window.text().and_then(days_of).zip(times).and_then(|(days, times)| days.checked_mul(times));
                let start = days.and_then(|days| as_of.checked_sub_days(Days::new(days.into())));
                match (start.map(|day| midnight(day, zone.name())), instant_type(zone)) {
                    (Some(Ok(time)), DataType::Timestamp(_, zone)) => {
                        Some(Ok(Operand::literal(ScalarValue::TimestampMicrosecond(Some(time), zone))))
                    }
                    _ => Some(Err(expected().at(window.position))),
                }
            }
            ("window_start", _) => Some(Err(expected())),
            _ => None,
        }
    }
}

/// Says whether an aggregate has no form that goes from row to row.
fn of_groups_only(kernel: Kernel) -> bool {
    matches!(kernel, Kernel::Quantile(_) | Kernel::Mode | Kernel::Skewness | Kernel::Correlation | Kernel::Entropy)
}

/// Says whether different values of several columns together are counted.
fn is_of_several(call: &AggregateCall) -> bool {
    call.kernel == Kernel::CountDistinct && call.arguments.len() > 1
}

/// Gives the days of a window such as `365d`.
fn days_of(text: &str) -> Option<u32> {
    text.strip_suffix('d')?.parse::<u32>().ok().filter(|days| *days > 0)
}

/// Gives where a part of a query stands.
pub(super) fn place_of(part: &impl Spanned) -> Option<Position> {
    position_of(part.span().start)
}

/// Gives where a name stands.
pub(super) fn place_of_name(name: &Ident) -> Option<Position> {
    position_of(name.span.start)
}
