//! A scalar expression: a value a row.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch};
use arrow::compute::prep_null_mask_filter;
use arrow::datatypes::{DataType, Schema, SchemaRef};
use datafusion_common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion_expr::Expr;
use datafusion_physical_expr::PhysicalExpr;
use datafusion_physical_expr::expressions::Column;
use segmenter_proto::{Error, Fault, Result};
use sqlparser::ast::Expr as Syntax;
use std::collections::BTreeSet;

use super::input::{Input, finish, result_type, seen, unit_that_fits};
use super::operand::Operand;
use super::rows::{RowError, evaluate_rows};
use super::scope::Scope;
use super::translate::{Place, Translator, check_result};
use super::types::{Family, type_name, with_type_names};
use super::{ExpressionError, Settings, compile, syntax};
use crate::values::ValueFault;

/// A scalar expression, compiled once and evaluated on any number of batches.
#[derive(Debug)]
pub struct Scalar {
    compiled: Compiled,
    columns: Vec<String>,
}

impl Scalar {
    /// Parses `sql` over the columns of `schema`.
    ///
    /// # Errors
    /// The text is no expression, uses an unknown name or a function that is not allowed, or its types do not fit.
    pub fn parse(sql: &str, schema: &Schema, settings: &Settings) -> Result<Self, ExpressionError> {
        Self::parse_in(sql, &Scope::of(schema), settings)
    }

    /// Does the same for one of many expressions over the same columns.
    ///
    /// # Errors
    /// As [`Scalar::parse`].
    pub fn parse_in(sql: &str, scope: &Scope<'_>, settings: &Settings) -> Result<Self, ExpressionError> {
        let syntax = syntax::parse(sql)?;
        match Self::translate(&syntax, &scope.narrowed(&syntax::identifiers(&syntax)), settings) {
            Ok(mut scalar) => {
                scalar.compiled.input.stand_as_in(scope);
                Ok(scalar)
            }
            // What is wrong is told against all names.
            Err(_) => Self::translate(&syntax, scope.schema(), settings),
        }
    }

    /// Does the same for a part of an expression that was parsed.
    pub(super) fn translate(syntax: &Syntax, schema: &Schema, settings: &Settings) -> Result<Self, ExpressionError> {
        let schema = seen(schema, settings.zone());
        let mut translator = Translator { schema: &schema, settings: *settings, place: Place::Rows, names: None };
        let operand = translator.translate(syntax)?;
        check_result(&operand)?;
        Self::compile(operand, &schema, settings)
    }

    /// Parses a condition: like [`Scalar::parse`], and the result must be true or false.
    ///
    /// # Errors
    /// As there, or the expression is no condition.
    pub fn parse_condition(sql: &str, schema: &Schema, settings: &Settings) -> Result<Self, ExpressionError> {
        let parsed = Self::parse(sql, schema, settings)?;
        match Family::of(parsed.data_type()) {
            Family::Boolean | Family::Null => Ok(parsed),
            _ => Err(ExpressionError::new(format!(
                "expected a condition (true or false), found {}",
                type_name(parsed.data_type())
            ))
            .with_hint("compare it, for example `x > 0` or `x is not null`")),
        }
    }

    /// Compiles a translated expression over a schema as expressions see it.
    pub(crate) fn compile(operand: Operand, schema: &SchemaRef, settings: &Settings) -> Result<Self, ExpressionError> {
        let columns = columns_of(&operand.expr);
        let input = Input::new(schema, &columns, settings.zone());
        let Operand { expr, position, .. } = operand;
        let wrong = |error: datafusion_common::DataFusionError| {
            let reason = with_type_names(&error.strip_backtrace());
            ExpressionError::new(format!("the expression does not fit its columns: {reason}")).at(position)
        };
        let compiled = compile(expr, input.schema()).map_err(wrong)?;
        let seen_type = compiled.data_type(input.schema()).map_err(wrong)?;
        let identity = compiled.downcast_ref::<Column>().map(Column::index);
        let data_type = result_type(&seen_type);
        Ok(Self { compiled: Compiled { input, evaluator: compiled, data_type, identity }, columns })
    }

    /// Gives the type of the result: text is Utf8, points in time are microseconds in UTC.
    pub fn data_type(&self) -> &DataType {
        &self.compiled.data_type
    }

    /// Gives the names of the columns that it uses, sorted.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Evaluates every row of a batch that has at least [`Scalar::columns`]; a column as it is costs no copy.
    ///
    /// # Errors
    /// A row cannot be evaluated ([`Fault::Data`]): a cast fails, or arithmetic overflows. Or the batch does not have the
    /// columns that were promised ([`Fault::Bug`]).
    pub fn evaluate(&self, rows: &RecordBatch) -> Result<ArrayRef> {
        let (values, errors) = self.evaluate_rows(rows)?;
        match errors.first() {
            None => Ok(values),
            Some(RowError { row, reason, .. }) => {
                Err(Error::new(Fault::Data, format!("row {} of a batch cannot be evaluated: {reason}", row + 1)))
            }
        }
    }

    /// Evaluates every row of a batch; a row that cannot be evaluated is null and stands in the list, which is in the
    /// order of the rows.
    ///
    /// # Errors
    /// The batch does not have the columns that were promised.
    pub fn evaluate_rows(&self, rows: &RecordBatch) -> Result<(ArrayRef, Vec<RowError>)> {
        self.compiled.evaluate_rows(rows)
    }

    /// Evaluates a condition; null is false, and so is a row that cannot be evaluated, which stands in the list.
    ///
    /// # Errors
    /// The expression is no condition, or the batch does not have the columns that were promised.
    pub fn evaluate_condition(&self, rows: &RecordBatch) -> Result<(BooleanArray, Vec<RowError>)> {
        let (truths, errors) = self.evaluate_truths(rows)?;
        let truths = if truths.null_count() > 0 { prep_null_mask_filter(&truths) } else { truths };
        Ok((truths, errors))
    }

    /// Evaluates a condition; a row that cannot be evaluated is null and stands in the list.
    ///
    /// # Errors
    /// As of [`Scalar::evaluate_condition`].
    pub fn evaluate_truths(&self, rows: &RecordBatch) -> Result<(BooleanArray, Vec<RowError>)> {
        let (values, errors) = self.evaluate_rows(rows)?;
        let truths = match values.data_type() {
            DataType::Boolean => values.as_boolean().clone(),
            DataType::Null => BooleanArray::new_null(values.len()),
            other => return Err(Error::bug(format!("a condition gives {other}"))),
        };
        Ok((truths, errors))
    }
}

#[derive(Debug)]
struct Compiled {
    input: Input,
    evaluator: Arc<dyn PhysicalExpr>,
    data_type: DataType,
    /// The column that is the whole expression.
    identity: Option<usize>,
}

impl Compiled {
    fn evaluate_rows(&self, rows: &RecordBatch) -> Result<(ArrayRef, Vec<RowError>)> {
        let (values, mut errors) = match self.identity {
            Some(column) => (self.input.column(rows, column)?, Vec::new()),
            None => evaluate_rows(self.evaluator.as_ref(), &self.input.take(rows)?)?,
        };
        let finished = finish(&values).map_err(unfinished)?;
        if finished.null_count() > values.null_count() {
            let original = self.identity.map(|column| self.input.original(rows, column)).transpose()?;
            let is_time = Family::of(finished.data_type()).is_temporal();
            let lost = (0..values.len()).filter(|row| finished.is_null(*row) && !values.is_null(*row));
            errors.extend(lost.map(|row| match original {
                _ if !is_time => RowError::overflow(row, "the result is too large"),
                Some(column) => RowError::of(row, ValueFault::TimeOutOfRange(unit_that_fits(column, row))),
                None => RowError::of(row, ValueFault::TimeOutOfRange(None)),
            }));
            errors.sort_unstable_by_key(|error| error.row);
        }
        Ok((finished, errors))
    }
}

fn unfinished(error: arrow::error::ArrowError) -> Error {
    Error::bug("the result of an expression has no standard form").caused_by(error)
}

/// Gives the names of the columns in `expr`, sorted.
pub(crate) fn columns_of(expr: &Expr) -> Vec<String> {
    let mut names = BTreeSet::new();
    // Never fails: the visitor has no error.
    let _ = expr.apply(|part| {
        if let Expr::Column(column) = part {
            names.insert(column.name.clone());
        }
        Ok(TreeNodeRecursion::Continue)
    });
    names.into_iter().collect()
}
