//! Expressions of exports: scalar ones, in which `recommendation(n)` may stand.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use arrow::datatypes::Schema;
use sqlparser::ast::{
    Expr as Syntax, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Ident, Spanned, Value,
    visit_expressions, visit_expressions_mut,
};

use super::error::position_of;
use super::operand::DIVIDER;
use super::scalar_functions::CONTACTS;
use super::{ExpressionError, Scalar, Settings, syntax};

/// Functions whose answers are hashes.
const HASHES: [&str; 2] = ["email_sha256", "sha256_hex"];
/// The function that gives the item of a rank.
const RECOMMENDATION: &str = "recommendation";
/// The largest rank: that of `top` of `[recommendations]`.
const LAST: u32 = 100;

/// An expression of an export that was read, without knowing what there is.
#[derive(Debug)]
pub struct ExportSyntax {
    syntax: Syntax,
    ranks: BTreeSet<u32>,
    functions: BTreeSet<String>,
}

/// Gives the name of the column that stands for the recommendation of a rank; no feature has it.
pub fn recommendation_column(rank: u32) -> String {
    format!("{DIVIDER}recommendation {rank}")
}

impl ExportSyntax {
    /// Reads an expression.
    ///
    /// # Errors
    /// The text is no expression, or a recommendation is asked for without a rank.
    pub fn parse(sql: &str) -> Result<Self, ExpressionError> {
        let mut syntax = syntax::parse(sql)?;
        let mut functions = BTreeSet::new();
        let _: ControlFlow<()> = visit_expressions(&syntax, |part| {
            if let Syntax::Function(function) = part {
                functions.insert(function.name.to_string().to_lowercase());
            }
            ControlFlow::Continue(())
        });
        let mut ranks = BTreeSet::new();
        let flow = visit_expressions_mut(&mut syntax, |part| {
            let Syntax::Function(function) = &*part else { return ControlFlow::Continue(()) };
            if function.name.to_string().to_lowercase() != RECOMMENDATION {
                return ControlFlow::Continue(());
            }
            let span = function.name.span();
            let Some(rank) = rank(function) else {
                let error = ExpressionError::new(format!("{RECOMMENDATION} takes a rank from 1 to {LAST}"))
                    .with_hint(format!("{RECOMMENDATION}(1) is the item that is recommended first"));
                return ControlFlow::Break(error.at(position_of(span.start)));
            };
            ranks.insert(rank);
            *part = Syntax::Identifier(Ident::with_span(span, recommendation_column(rank)));
            ControlFlow::Continue(())
        });
        match flow {
            ControlFlow::Break(error) => Err(error),
            ControlFlow::Continue(()) => Ok(Self { syntax, ranks, functions }),
        }
    }

    /// Gives the names that it uses, in alphabetical order.
    ///
    /// # Errors
    /// It uses something that is not allowed.
    pub fn names(&self) -> Result<BTreeSet<String>, ExpressionError> {
        let names = syntax::placed_names(&self.syntax)?.into_iter().map(|(name, _)| name);
        Ok(names.filter(|name| !name.starts_with(DIVIDER)).collect())
    }

    /// Gives the ranks of the recommendations that it uses.
    pub fn ranks(&self) -> &BTreeSet<u32> {
        &self.ranks
    }

    /// Says whether it calls a function whose answer tells how to reach a customer.
    pub fn calls_contact(&self) -> bool {
        CONTACTS.iter().any(|name| self.functions.contains(*name))
    }

    /// Says whether its answer is a hash or null, whatever it is given: with anything around it, it may be what was to be hashed.
    pub fn is_hash(&self) -> bool {
        let mut outermost = &self.syntax;
        while let Syntax::Nested(inner) = outermost {
            outermost = inner;
        }
        matches!(outermost, Syntax::Function(function) if HASHES.contains(&function.name.to_string().to_lowercase().as_str()))
    }

    /// Says whether it calls a function that hashes.
    pub fn calls_hash(&self) -> bool {
        HASHES.iter().any(|name| self.functions.contains(*name))
    }

    /// Compiles it over the columns of `schema`, which has those of its recommendations.
    ///
    /// # Errors
    /// As of [`Scalar::parse`].
    pub fn compile(&self, schema: &Schema, settings: &Settings) -> Result<Scalar, ExpressionError> {
        Scalar::translate(&self.syntax, schema, settings)
    }
}

fn rank(function: &Function) -> Option<u32> {
    let FunctionArguments::List(list) = &function.args else { return None };
    let [FunctionArg::Unnamed(FunctionArgExpr::Expr(Syntax::Value(value)))] = list.args.as_slice() else { return None };
    let Value::Number(number, _) = &value.value else { return None };
    number.to_string().parse().ok().filter(|rank| (1..=LAST).contains(rank))
}
