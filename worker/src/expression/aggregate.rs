//! An aggregate expression: a value a group of rows.

use arrow::array::{Array, ArrayRef, Int64Array, RecordBatch, new_null_array};
use arrow::datatypes::{DataType, Field, Schema};
use segmenter_proto::Error;
use std::collections::BTreeSet;
use std::sync::Arc;

use super::aggregate_functions::Kernel;
use super::function_calls::result_name;
use super::input::{result_type, seen};
use super::operand::Operand;
use super::scalar::Scalar;
use super::translate::{AggregateCall, Place, Translator, check_result};
use super::{ExpressionError, Settings, syntax};

/// An expression over aggregates, for example `sum(amount) / nullif(count(distinct order_id), 0)`. Queries compute it.
#[derive(Debug)]
pub struct Aggregate {
    pub(crate) calls: Vec<AggregateCall>,
    /// The expression over the calls' results, which have the names of [`result_name`].
    pub(crate) outer: Operand,
    /// The same, compiled.
    compiled: Scalar,
    results: Arc<Schema>,
    columns: Vec<String>,
}

impl Aggregate {
    /// Parses `sql` over the columns of `schema`; every column stands within an aggregate.
    ///
    /// # Errors
    /// The text is no expression, uses an unknown name or a function that is not allowed, or its types do not fit.
    pub fn parse(sql: &str, schema: &Schema, settings: &Settings) -> Result<Self, ExpressionError> {
        let syntax = syntax::parse(sql)?;
        let schema = seen(schema, settings.zone());
        let mut translator =
            Translator { schema: &schema, settings: *settings, place: Place::Groups(Vec::new()), names: None };
        let outer = translator.translate(&syntax)?;
        check_result(&outer)?;
        let Place::Groups(calls) = translator.place else {
            return Err(ExpressionError::new("an aggregate within an aggregate"));
        };
        if calls.is_empty() {
            return Err(ExpressionError::new("the expression has no aggregate")
                .with_hint("a value a customer needs one, for example sum(amount) or count(*)"));
        }
        let mut columns = BTreeSet::new();
        for expr in calls.iter().flat_map(|call| call.arguments.iter().chain(&call.filter)) {
            let compiled = Scalar::compile(Operand::new(expr.clone(), DataType::Null), &schema, settings)?;
            columns.extend(compiled.columns().iter().cloned());
        }
        let results = calls.iter().enumerate().map(|(at, call)| {
            let data_type = call.data_type.clone();
            Field::new(result_name(at), data_type, true)
        });
        let results = Arc::new(Schema::new(results.collect::<Vec<_>>()));
        let compiled = Scalar::compile(outer.clone(), &results, settings)?;
        Ok(Self { calls, outer, compiled, results, columns: columns.into_iter().collect() })
    }

    /// Gives the type of the result.
    pub fn data_type(&self) -> &DataType {
        self.compiled.data_type()
    }

    /// Gives the value of a group without rows, which counts 0 and is null in all other aggregates; none where that is null, or
    /// cannot be computed.
    ///
    /// # Errors
    /// Bug only.
    pub(crate) fn without_rows(&self) -> segmenter_proto::Result<Option<ArrayRef>> {
        let results = self.calls.iter().map(|call| match call.kernel {
            Kernel::Count | Kernel::CountDistinct => Arc::new(Int64Array::from(vec![0])) as ArrayRef,
            _ => new_null_array(&result_type(&call.data_type), 1),
        });
        self.of_results(results.collect())
    }

    /// Gives the value of a group by the results of its aggregates, an array of one value each; none where it is null, or cannot be
    /// computed.
    ///
    /// # Errors
    /// Bug only.
    pub(crate) fn of_results(&self, results: Vec<ArrayRef>) -> segmenter_proto::Result<Option<ArrayRef>> {
        let fields = self.results.fields().iter();
        let fields: Vec<Field> =
            fields.map(|field| field.as_ref().clone().with_data_type(result_type(field.data_type()))).collect();
        let results = RecordBatch::try_new(Arc::new(Schema::new(fields)), results)
            .map_err(|error| Error::bug("aggregates do not have the types they should").caused_by(error))?;
        let (values, _) = self.compiled.evaluate_rows(&results)?;
        Ok(values.is_valid(0).then_some(values))
    }

    /// Gives the names of the columns that it uses, sorted.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }
}
