//! From a syntax tree to the engine's expression: names resolved, types checked, only what is allowed.

use arrow::datatypes::{DataType, SchemaRef};
use datafusion_common::{Column, ScalarValue};
use datafusion_expr::expr::{Between, Case, InList, Like};
use datafusion_expr::{Expr, Operator};
use sqlparser::ast::{
    BinaryOperator, CaseWhen, CastKind, CeilFloorKind, DateTimeField, Expr as Syntax, Ident, Spanned, TrimWhereField,
    TypedString, UnaryOperator, Value, ValueWithSpan,
};
use std::mem;

use super::aggregate_functions::Kernel;
use super::error::position_of;
use super::names::Names;
use super::operand::{Operand, unify};
use super::operators::{binary, compare, condition, negate};
use super::types::{Family, type_name};
use super::{ExpressionError, Settings, casts, literals, syntax};

/// An aggregate within an expression.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AggregateCall {
    pub(crate) kernel: Kernel,
    /// None of `count(*)`.
    pub(crate) arguments: Vec<Expr>,
    /// The condition of `filter (where …)`.
    pub(crate) filter: Option<Expr>,
    pub(crate) data_type: DataType,
}

/// Where in an expression the translator is.
#[derive(Debug)]
pub(crate) enum Place {
    /// In a scalar expression over rows.
    Rows,
    /// Outside of any aggregate, collecting them.
    Groups(Vec<AggregateCall>),
    /// Within the aggregate of this name.
    Argument(&'static str),
    /// In what may be a key of `group by`: no aggregate, no window.
    Key,
}

/// Translates one expression.
#[derive(Debug)]
pub(crate) struct Translator<'a> {
    pub(crate) schema: &'a SchemaRef,
    pub(crate) settings: Settings,
    pub(crate) place: Place,
    /// What a query has in scope, in place of the schema.
    pub(crate) names: Option<&'a dyn Names>,
}

impl Translator<'_> {
    /// Translates `part`; an error without a place of its own gets this one.
    pub(crate) fn translate(&mut self, part: &Syntax) -> Result<Operand, ExpressionError> {
        let position = position_of(part.span().start);
        if let Some(key) = self.group_key(part) {
            return Ok(Operand { position, ..key });
        }
        match self.part(part) {
            Ok(operand) => Ok(Operand { position, ..operand }),
            Err(error) => Err(error.at(position)),
        }
    }

    /// Gives the key of `group by` that `part` is, whatever way it is written.
    fn group_key(&mut self, part: &Syntax) -> Option<Operand> {
        let names = self.names?;
        if !matches!(self.place, Place::Groups(_)) || matches!(part, Syntax::Value(_) | Syntax::Nested(_)) {
            return None;
        }
        let groups = mem::replace(&mut self.place, Place::Key);
        let tried = self.part(part);
        self.place = groups;
        names.key(&tried.ok()?.expr)
    }

    fn part(&mut self, part: &Syntax) -> Result<Operand, ExpressionError> {
        let zone = self.settings.zone();
        match part {
            Syntax::Identifier(name) if self.names.is_some() => self.name_of_query(std::slice::from_ref(name)),
            Syntax::CompoundIdentifier(parts) if self.names.is_some() => self.name_of_query(parts),
            Syntax::Identifier(name) => self.name(&name.value),
            Syntax::CompoundIdentifier(parts) => self.name(&syntax::path(parts)),
            Syntax::Nested(inner) => self.translate(inner),
            Syntax::Value(value) => literals::value(&value.value, false),
            Syntax::TypedString(TypedString { data_type, value, .. }) => match text_of(value) {
                Some(text) => literals::typed(data_type, text, zone),
                None => Err(ExpressionError::new("expected a text in single quotes")),
            },
            Syntax::Interval(interval) => literals::interval(interval),
            Syntax::UnaryOp { op, expr } => self.unary(*op, expr),
            Syntax::BinaryOp { left, op, right } => {
                let (left, right) = (self.translate(left)?, self.translate(right)?);
                binary(left, op, right, zone)
            }
            Syntax::IsNull(inner) => Ok(truth(Expr::IsNull(Box::new(self.translate(inner)?.expr)))),
            Syntax::IsNotNull(inner) => Ok(truth(Expr::IsNotNull(Box::new(self.translate(inner)?.expr)))),
            Syntax::IsTrue(inner) => self.tested(inner, "`is true`", Expr::IsTrue),
            Syntax::IsNotTrue(inner) => self.tested(inner, "`is not true`", Expr::IsNotTrue),
            Syntax::IsFalse(inner) => self.tested(inner, "`is false`", Expr::IsFalse),
            Syntax::IsNotFalse(inner) => self.tested(inner, "`is not false`", Expr::IsNotFalse),
            Syntax::IsUnknown(inner) => self.tested(inner, "`is unknown`", Expr::IsUnknown),
            Syntax::IsNotUnknown(inner) => self.tested(inner, "`is not unknown`", Expr::IsNotUnknown),
            Syntax::IsDistinctFrom(_, right) | Syntax::IsNotDistinctFrom(_, right) if takes_too_much(right) => {
                // The parser lets the right side take all that follows, which SQL does not.
                Err(ExpressionError::new("what `is distinct from` compares with is not clear beside `and` and `or`")
                    .with_hint("write the comparison in brackets: (a is distinct from b) and …")
                    .at(position_of(right.span().start)))
            }
            Syntax::IsDistinctFrom(left, right) => {
                compare(self.translate(left)?, Operator::IsDistinctFrom, self.translate(right)?, zone)
            }
            Syntax::IsNotDistinctFrom(left, right) => {
                compare(self.translate(left)?, Operator::IsNotDistinctFrom, self.translate(right)?, zone)
            }
            Syntax::Between { expr, negated, low, high } => self.between(expr, *negated, low, high),
            Syntax::InList { expr, list, negated } => self.in_list(expr, list, *negated),
            Syntax::Like { negated, any: false, expr, pattern, escape_char } => {
                self.like(expr, pattern, escape_char.as_ref(), *negated, false)
            }
            Syntax::ILike { negated, any: false, expr, pattern, escape_char } => {
                self.like(expr, pattern, escape_char.as_ref(), *negated, true)
            }
            Syntax::Case { operand, conditions, else_result, .. } => {
                self.case(operand.as_deref(), conditions, else_result.as_deref())
            }
            Syntax::Cast { kind, expr, data_type, array: false, format: None } => {
                let operand = self.translate(expr)?;
                let is_lenient = matches!(kind, CastKind::TryCast | CastKind::SafeCast);
                casts::cast(operand, &casts::target(data_type, zone)?, is_lenient, zone)
            }
            Syntax::Extract { field, expr, .. } => {
                let part = Operand::literal(ScalarValue::Utf8(Some(field.to_string().to_lowercase())));
                let time = self.translate(expr)?;
                self.call("date_part", vec![part, time])
            }
            Syntax::Ceil { expr, field } => self.rounded("ceil", expr, field),
            Syntax::Floor { expr, field } => self.rounded("floor", expr, field),
            Syntax::Position { expr, r#in } => {
                let (part, text) = (self.translate(expr)?, self.translate(r#in)?);
                self.call("strpos", vec![text, part])
            }
            Syntax::Substring { expr, substring_from, substring_for, .. } => {
                let mut arguments = vec![self.translate(expr)?];
                arguments.push(match substring_from {
                    Some(from) => self.translate(from)?,
                    None => Operand::literal(ScalarValue::Int64(Some(1))),
                });
                if let Some(length) = substring_for {
                    arguments.push(self.translate(length)?);
                }
                self.call("substring", arguments)
            }
            Syntax::Trim { expr, trim_where, trim_what, trim_characters } => {
                let mut arguments = vec![self.translate(expr)?];
                let listed = trim_characters.iter().flatten();
                for characters in trim_what.as_deref().into_iter().chain(listed) {
                    arguments.push(self.translate(characters)?);
                }
                let name = match trim_where {
                    Some(TrimWhereField::Leading) => "ltrim",
                    Some(TrimWhereField::Trailing) => "rtrim",
                    Some(TrimWhereField::Both) | None => "btrim",
                };
                self.call(name, arguments)
            }
            Syntax::Function(function) => self.function(function),
            Syntax::Subquery(_) | Syntax::Exists { .. } | Syntax::InSubquery { .. } => Err(match self.names {
                Some(_) => syntax::subquery_in_query(),
                None => syntax::subquery(),
            }),
            Syntax::Wildcard(_) => Err(ExpressionError::new("`*` stands only in count(*)")),
            other => Err(ExpressionError::new(format!("`{other}` is not allowed in an expression"))),
        }
    }

    fn name(&self, name: &str) -> Result<Operand, ExpressionError> {
        let Ok(field) = self.schema.field_with_name(name) else {
            let known = self.schema.fields().iter().map(|field| field.name().as_str());
            return Err(syntax::unknown_name(name, known, false));
        };
        if matches!(self.place, Place::Groups(_)) {
            return Err(ExpressionError::new(format!("`{name}` stands outside of an aggregate"))
                .with_hint(format!("a value a customer needs one, for example max({name}) or sum({name})")));
        }
        Ok(Operand::new(Expr::Column(Column::new_unqualified(name)), field.data_type().clone()))
    }

    fn name_of_query(&self, parts: &[Ident]) -> Result<Operand, ExpressionError> {
        let Some(names) = self.names else { return self.name(&syntax::path(parts)) };
        let found = names.resolve(parts)?;
        match &self.place {
            // A constant is the same in every row.
            Place::Groups(_) if !matches!(found.expr, Expr::Placeholder(_)) => {
                let name = syntax::path(parts);
                Err(ExpressionError::new(format!("`{name}` is neither in `group by` nor in an aggregate"))
                    .with_hint(format!("add it to group by, or say which of its values: max({name})")))
            }
            _ => Ok(found),
        }
    }

    fn unary(&mut self, op: UnaryOperator, inner: &Syntax) -> Result<Operand, ExpressionError> {
        match (op, inner) {
            // One literal: the smallest whole number has no positive counterpart.
            (UnaryOperator::Minus, Syntax::Value(value)) if matches!(value.value, Value::Number(..)) => {
                literals::value(&value.value, true)
            }
            (UnaryOperator::Minus, _) => negate(self.translate(inner)?),
            (UnaryOperator::Plus, _) => {
                let operand = self.translate(inner)?;
                if operand.family() == Family::Number {
                    Ok(operand)
                } else {
                    Err(operand.expected("`+`", Family::Number))
                }
            }
            (UnaryOperator::Not, _) => Ok(truth(Expr::Not(Box::new(condition("`not`", self.translate(inner)?)?.expr)))),
            (other, _) => Err(ExpressionError::new(format!("the operator `{other}` is not allowed"))),
        }
    }

    fn tested(&mut self, inner: &Syntax, what: &str, test: fn(Box<Expr>) -> Expr) -> Result<Operand, ExpressionError> {
        Ok(truth(test(Box::new(condition(what, self.translate(inner)?)?.expr))))
    }

    fn between(
        &mut self,
        expr: &Syntax,
        negated: bool,
        low: &Syntax,
        high: &Syntax,
    ) -> Result<Operand, ExpressionError> {
        let parts = vec![self.translate(expr)?, self.translate(low)?, self.translate(high)?];
        let (parts, _) = unify("`between`", parts, self.settings.zone())?;
        let [expr, low, high] = boxed(parts)?;
        Ok(truth(Expr::Between(Between::new(expr, negated, low, high))))
    }

    fn in_list(&mut self, expr: &Syntax, list: &[Syntax], negated: bool) -> Result<Operand, ExpressionError> {
        let mut parts = vec![self.translate(expr)?];
        for value in list {
            parts.push(self.translate(value)?);
        }
        let (parts, _) = unify("`in`", parts, self.settings.zone())?;
        let mut parts = parts.into_iter().map(|part| part.expr);
        let expr = parts.next().unwrap_or_default();
        Ok(truth(Expr::InList(InList::new(Box::new(expr), parts.collect(), negated))))
    }

    fn like(
        &mut self,
        expr: &Syntax,
        pattern: &Syntax,
        escape: Option<&ValueWithSpan>,
        negated: bool,
        any_case: bool,
    ) -> Result<Operand, ExpressionError> {
        if escape.is_some_and(|escape| text_of(escape) != Some("\\")) {
            return Err(ExpressionError::new("`escape` is not allowed; a backslash escapes % and _"));
        }
        let mut sides = Vec::with_capacity(2);
        for side in [expr, pattern] {
            let side = self.translate(side)?;
            if !matches!(side.family(), Family::Text | Family::Null) {
                return Err(side.expected("`like`", Family::Text).with_hint("write cast(… as text) like …"));
            }
            sides.push(side.cast(&DataType::Utf8)?);
        }
        let [expr, pattern] = boxed(sides)?;
        Ok(truth(Expr::Like(Like::new(negated, expr, pattern, None, any_case))))
    }

    fn case(
        &mut self,
        operand: Option<&Syntax>,
        conditions: &[CaseWhen],
        otherwise: Option<&Syntax>,
    ) -> Result<Operand, ExpressionError> {
        let zone = self.settings.zone();
        let mut whens = Vec::with_capacity(conditions.len());
        let mut results = Vec::with_capacity(conditions.len() + 1);
        let compared = operand.map(|operand| self.translate(operand)).transpose()?;
        for branch in conditions {
            let when = self.translate(&branch.condition)?;
            whens.push(match &compared {
                Some(value) => compare(value.clone(), Operator::Eq, when, zone)?,
                None => condition("`when`", when)?,
            });
            results.push(self.translate(&branch.result)?);
        }
        results.push(match otherwise {
            Some(otherwise) => self.translate(otherwise)?,
            None => Operand::literal(ScalarValue::Null),
        });
        let (mut results, data_type) = unify("`case`", results, zone)?;
        let otherwise = results.pop().map(|last| Box::new(last.expr));
        let branches =
            whens.into_iter().zip(results).map(|(when, result)| (Box::new(when.expr), Box::new(result.expr))).collect();
        Ok(Operand::new(Expr::Case(Case::new(None, branches, otherwise)), data_type))
    }

    fn rounded(&mut self, name: &str, expr: &Syntax, field: &CeilFloorKind) -> Result<Operand, ExpressionError> {
        if *field != CeilFloorKind::DateTimeField(DateTimeField::NoDateTime) {
            return Err(ExpressionError::new(format!("{name} has one argument"))
                .with_hint("round(x, digits) rounds to decimals, date_trunc(part, time) cuts times"));
        }
        let operand = self.translate(expr)?;
        self.call(name, vec![operand])
    }
}

/// Checks the type that a whole expression has.
pub(crate) fn check_result(operand: &Operand) -> Result<(), ExpressionError> {
    match operand.family() {
        Family::Interval | Family::Duration => {
            Err(ExpressionError::new(format!("the result is a difference of times ({}), which no column can hold", type_name(&operand.data_type)))
                .with_hint("take a number out of it, for example date_part('day', a - b), or subtract dates: cast(a as date) - cast(b as date)")
                .at(operand.position))
        }
        _ => Ok(()),
    }
}

fn takes_too_much(part: &Syntax) -> bool {
    matches!(part, Syntax::BinaryOp { op: BinaryOperator::And | BinaryOperator::Or, .. })
}

fn truth(expr: Expr) -> Operand {
    Operand::new(expr, DataType::Boolean)
}

fn text_of(value: &ValueWithSpan) -> Option<&str> {
    match &value.value {
        Value::SingleQuotedString(text) => Some(text),
        _ => None,
    }
}

fn boxed<const N: usize>(parts: Vec<Operand>) -> Result<[Box<Expr>; N], ExpressionError> {
    let parts: Vec<Box<Expr>> = parts.into_iter().map(|part| Box::new(part.expr)).collect();
    parts.try_into().map_err(|_| ExpressionError::new("the parts of this expression do not match"))
}
