//! Expressions of derived features: scalar ones over features, in which functions of the population may stand.
//!
//! A call is taken out: its argument is an expression of its own, and a column with its answers stands in its place.

use std::ops::ControlFlow;

use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow::compute::{cast, nullif};
use arrow::datatypes::{DataType, Field, Schema};
use segmenter_proto::models::PopulationValue;
use segmenter_proto::{Error, Result};
use sqlparser::ast::{Expr as Syntax, Ident, Spanned, visit_expressions_mut};

use super::error::{Position, position_of};
use super::operand::DIVIDER;
use super::population::{self, PopulationFunction};
use super::types::{Family, type_name};
use super::{ExpressionError, Scalar, Settings, syntax};

/// An expression that was read, without knowing what there is.
#[derive(Debug)]
pub struct DerivedSyntax {
    outer: Syntax,
    calls: Vec<CallSyntax>,
}

#[derive(Debug)]
struct CallSyntax {
    function: PopulationFunction,
    argument: Syntax,
    text: String,
    position: Option<Position>,
}

/// The name of the column that stands for a call; no feature has it.
fn stand_in(call: usize) -> String {
    format!("{DIVIDER}{call}")
}

impl DerivedSyntax {
    /// Reads an expression.
    ///
    /// # Errors
    /// The text is no expression, or functions of the population stand within each other.
    pub fn parse(sql: &str) -> Result<Self, ExpressionError> {
        let mut outer = syntax::parse(sql)?;
        let mut calls: Vec<CallSyntax> = Vec::new();
        let flow = visit_expressions_mut(&mut outer, |part| {
            let Syntax::Function(function) = &*part else { return ControlFlow::Continue(()) };
            let Some(read) = population::read(function) else { return ControlFlow::Continue(()) };
            let span = function.name.span();
            let position = position_of(span.start);
            let stops = |error: ExpressionError| ControlFlow::Break(error.at(position));
            let (function, argument) = match read {
                Ok(read) => read,
                Err(error) => return stops(error),
            };
            // Those within were taken out before.
            if syntax::identifiers(&argument).iter().any(|name| name.starts_with(DIVIDER)) {
                return stops(
                    ExpressionError::new("functions of the population stand within each other")
                        .with_hint("make the inner one a derived feature of its own, and name that"),
                );
            }
            let text = part.to_string();
            let known = calls.iter().position(|call| call.text == text);
            let number = known.unwrap_or(calls.len());
            if known.is_none() {
                calls.push(CallSyntax { function, argument, text, position });
            }
            *part = Syntax::Identifier(Ident::with_span(span, stand_in(number)));
            ControlFlow::Continue(())
        });
        match flow {
            ControlFlow::Break(error) => Err(error),
            ControlFlow::Continue(()) => Ok(Self { outer, calls }),
        }
    }

    /// Gives the names that it uses, each where it stands first.
    ///
    /// # Errors
    /// It uses something that is not allowed.
    pub fn names(&self) -> Result<Vec<(String, Option<Position>)>, ExpressionError> {
        let mut names: Vec<(String, Option<Position>)> = Vec::new();
        for part in [&self.outer].into_iter().chain(self.calls.iter().map(|call| &call.argument)) {
            for (name, position) in syntax::placed_names(part)? {
                if !name.starts_with(DIVIDER) && names.iter().all(|(known, _)| *known != name) {
                    names.push((name, position));
                }
            }
        }
        Ok(names)
    }

    /// Gives the calls of functions of the population, as they are written in one form.
    pub fn calls(&self) -> impl Iterator<Item = &str> {
        self.calls.iter().map(|call| call.text.as_str())
    }

    /// Gives the same expression with some names replaced.
    pub(crate) fn renamed(sql: &str, mut new: impl FnMut(&str) -> Option<String>) -> Result<String, ExpressionError> {
        let mut syntax = syntax::parse(sql)?;
        let _: ControlFlow<()> = visit_expressions_mut(&mut syntax, |part| {
            if let Syntax::Identifier(name) = part
                && let Some(new) = new(&name.value)
            {
                name.value = new;
            }
            ControlFlow::Continue(())
        });
        Ok(syntax.to_string())
    }
}

/// An expression of a derived feature, compiled.
#[derive(Debug)]
pub struct Derived {
    calls: Vec<Call>,
    outer: Scalar,
}

/// A call of a function of the population.
#[derive(Debug)]
pub struct Call {
    /// What is called.
    pub function: PopulationFunction,
    /// The call as it is written in one form.
    pub text: String,
    argument: Scalar,
}

impl Derived {
    /// Compiles an expression over the features of `schema`.
    ///
    /// # Errors
    /// A name is unknown, a function is not allowed, or types do not fit.
    pub fn compile(read: &DerivedSyntax, schema: &Schema, settings: &Settings) -> Result<Self, ExpressionError> {
        let known = || schema.fields().iter().map(|field| field.name().as_str());
        for (name, position) in read.names()? {
            if known().all(|known| known != name) {
                return Err(syntax::unknown_name(&name, known(), false).at(position));
            }
        }
        let mut fields: Vec<Field> = schema.fields().iter().map(|field| field.as_ref().clone()).collect();
        let mut calls = Vec::new();
        for (number, call) in read.calls.iter().enumerate() {
            let argument = Scalar::translate(&call.argument, schema, settings)?;
            let (family, wanted) = match call.function.is_of_text() {
                true => (Family::Text, "text"),
                false => (Family::Number, "a number"),
            };
            if Family::of(argument.data_type()) != family {
                let found = type_name(argument.data_type());
                return Err(
                    ExpressionError::new(format!("{} expects {wanted}, found {found}", call.text)).at(call.position)
                );
            }
            fields.push(Field::new(stand_in(number), call.function.data_type(), true));
            calls.push(Call { function: call.function, text: call.text.clone(), argument });
        }
        let outer = Scalar::translate(&read.outer, &Schema::new(fields), settings)?;
        if *outer.data_type() == DataType::Null {
            return Err(ExpressionError::new("the expression is always null, and of no type"));
        }
        Ok(Self { calls, outer })
    }

    /// Gives the type of the feature.
    pub fn data_type(&self) -> &DataType {
        self.outer.data_type()
    }

    /// Gives the names of the columns that it uses.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        let own = self.outer.columns().iter().filter(|name| !name.starts_with(DIVIDER));
        let of_calls = self.calls.iter().flat_map(|call| call.argument.columns());
        own.chain(of_calls).map(String::as_str)
    }

    /// Gives the calls of functions of the population.
    pub fn calls(&self) -> &[Call] {
        &self.calls
    }

    /// Evaluates every row with what its calls know, in their order; rows that cannot be evaluated are null and counted.
    ///
    /// # Errors
    /// Bug only.
    pub fn evaluate(&self, rows: &RecordBatch, known: &[&PopulationValue]) -> Result<(ArrayRef, u64)> {
        if known.len() != self.calls.len() {
            return Err(Error::bug("a derived feature does not know what its calls need"));
        }
        let mut lost = vec![false; rows.num_rows()];
        let mut fields: Vec<Field> = rows.schema().fields().iter().map(|field| field.as_ref().clone()).collect();
        let mut columns = rows.columns().to_vec();
        for (number, (call, known)) in self.calls.iter().zip(known).enumerate() {
            let (values, failed) = call.values(rows)?;
            failed.into_iter().for_each(|row| lost[row] = true);
            fields.push(Field::new(stand_in(number), call.function.data_type(), true));
            columns.push(call.function.answer(&values, known)?);
        }
        let options = RecordBatchOptions::new().with_row_count(Some(rows.num_rows()));
        let rows = RecordBatch::try_new_with_options(Schema::new(fields).into(), columns, &options)
            .map_err(|error| Error::bug("answers do not stand beside their features").caused_by(error))?;
        let (values, errors) = self.outer.evaluate_rows(&rows)?;
        errors.into_iter().for_each(|error| lost[error.row] = true);
        let count = lost.iter().filter(|lost| **lost).count() as u64;
        let values = match count {
            0 => values,
            _ => nullif(&values, &lost.into())
                .map_err(|error| Error::bug("what failed could not be left out").caused_by(error))?,
        };
        Ok((values, count))
    }
}

impl Call {
    /// Gives the argument of every row as the function looks at it, and the rows in which it fails.
    ///
    /// # Errors
    /// Bug only.
    pub fn values(&self, rows: &RecordBatch) -> Result<(ArrayRef, Vec<usize>)> {
        let (values, errors) = self.argument.evaluate_rows(rows)?;
        let seen = if self.function.is_of_text() { DataType::Utf8 } else { DataType::Float64 };
        let values = cast(&values, &seen)
            .map_err(|error| Error::bug("an argument has no value that can be compared").caused_by(error))?;
        Ok((values, errors.into_iter().map(|error| error.row).collect()))
    }
}
