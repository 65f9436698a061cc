//! An aggregate expression: a value a group of rows.

use arrow::array::{Array, ArrayRef, BooleanArray, BooleanBufferBuilder, RecordBatch, RecordBatchOptions};
use arrow::buffer::NullBuffer;
use arrow::compute::nullif;
use arrow::datatypes::{DataType, Field, Schema};
use segmenter_proto::{Error, Result};
use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::sync::Arc;

use super::aggregate_functions::Kernel;
use super::aggregate_kernels::{
    Groups, average, corr, count, count_distinct, entropy, extreme, median, mode, quantile, skewness, spread, sum,
    truth,
};
use super::function_calls::result_name;
use super::input::{result_type, seen};
use super::operand::Operand;
use super::rows::RowError;
use super::scalar::Scalar;
use super::translate::{AggregateCall, Place, Translator, check_result};
use super::{ExpressionError, Settings, syntax};

/// An expression over aggregates, for example `sum(amount) / nullif(count(distinct order_id), 0)`.
#[derive(Debug)]
pub struct Aggregate {
    calls: Vec<Call>,
    /// The expression over the calls' results.
    outer: Scalar,
    results: Arc<Schema>,
    columns: Vec<String>,
}

/// What groups of rows give.
#[derive(Debug, Clone)]
pub struct Aggregated {
    /// One value a group.
    pub values: ArrayRef,
    /// Groups whose value is null because a number was too large, or because one of their rows could not be computed.
    pub lost: u64,
    /// What the filters were asked.
    pub filtered: FilterCounts,
}

/// How often filters of aggregates, as in `sum(x) filter (where …)`, were asked about a row, and how often they were null.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FilterCounts {
    /// Rows of a group, a filter.
    pub asked: u64,
    /// Those on which it was neither true nor false, and did not fail.
    pub null: u64,
}

#[derive(Debug)]
struct Call {
    kernel: Kernel,
    arguments: Vec<Scalar>,
    filter: Option<Scalar>,
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
        let Place::Groups(found) = translator.place else {
            return Err(ExpressionError::new("an aggregate within an aggregate"));
        };
        if found.is_empty() {
            return Err(ExpressionError::new("the expression has no aggregate")
                .with_hint("a value a customer needs one, for example sum(amount) or count(*)"));
        }
        let mut calls = Vec::with_capacity(found.len());
        let mut fields = Vec::with_capacity(found.len());
        for (i, AggregateCall { kernel, arguments, filter, data_type }) in found.into_iter().enumerate() {
            fields.push(Field::new(result_name(i), data_type.clone(), true));
            let scalar = |expr| Scalar::compile(Operand::new(expr, DataType::Null), &schema, settings);
            let arguments = arguments.into_iter().map(scalar).collect::<Result<_, _>>()?;
            calls.push(Call { kernel, arguments, filter: filter.map(scalar).transpose()? });
        }
        let columns: BTreeSet<String> = calls
            .iter()
            .flat_map(|call| call.arguments.iter().chain(&call.filter))
            .flat_map(|scalar| scalar.columns().iter().cloned())
            .collect();
        let results = Arc::new(Schema::new(fields));
        let outer = Scalar::compile(outer, &results, settings)?;
        // What the kernels hand over is in the form of results: points in time in UTC.
        let handed = results.fields().iter().map(|field| field.as_ref().clone());
        let handed = handed.map(|field| field.clone().with_data_type(result_type(field.data_type())));
        let results = Arc::new(Schema::new(handed.collect::<Vec<_>>()));
        Ok(Self { calls, outer, results, columns: columns.into_iter().collect() })
    }

    /// Gives the type of the result.
    pub fn data_type(&self) -> &DataType {
        self.outer.data_type()
    }

    /// Gives the names of the columns that it uses, sorted.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Computes one value for each of `group_count` groups.
    ///
    /// `groups` has the number of each row's group; rows where `keep` is false or null belong to none. A group without rows
    /// counts 0 and is null in all other aggregates. The order of rows does not matter, bit for bit.
    ///
    /// # Errors
    /// The batch does not have the columns that were promised, or the lengths do not fit.
    pub fn evaluate(
        &self,
        rows: &RecordBatch,
        groups: &[u32],
        group_count: usize,
        keep: Option<&BooleanArray>,
    ) -> Result<Aggregated> {
        let sorted = (groups.len() == rows.num_rows()).then(|| Groups::new(groups, group_count, keep)).flatten();
        let sorted = sorted.ok_or_else(|| Error::bug("the groups of an aggregate do not fit its rows"))?;
        let mut lost = Lost { groups, keep, is_lost: vec![false; group_count], filtered: FilterCounts::default() };
        let columns = self.calls.iter().map(|call| call.evaluate(rows, &sorted, &mut lost)).collect::<Result<_>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(group_count));
        let results = RecordBatch::try_new_with_options(Arc::clone(&self.results), columns, &options)
            .map_err(|error| Error::bug("aggregates do not have the types they should").caused_by(error))?;
        let (values, errors) = self.outer.evaluate_rows(&results)?;
        for error in errors {
            lost.is_lost[error.row] = true;
        }
        lost.leave_out(values)
    }
}

impl Call {
    fn evaluate(&self, rows: &RecordBatch, groups: &Groups, lost: &mut Lost<'_>) -> Result<ArrayRef> {
        let filter = match &self.filter {
            None => None,
            Some(filter) => {
                let (passes, errors) = filter.evaluate_truths(rows)?;
                errors.iter().for_each(|error| lost.row(error.row));
                lost.count(&passes, &errors);
                Some(passes)
            }
        };
        let passes = |row: usize| filter.as_ref().is_none_or(|filter| filter.is_valid(row) && filter.value(row));
        let (mut columns, mut nulls) = (Vec::with_capacity(self.arguments.len()), None);
        for argument in &self.arguments {
            let (values, errors) = argument.evaluate_rows(rows)?;
            errors.iter().filter(|error| passes(error.row)).for_each(|error| lost.row(error.row));
            nulls = NullBuffer::union(nulls.as_ref(), values.logical_nulls().as_ref());
            columns.push(values);
        }
        let [values, others @ ..] = columns.as_slice() else { return Ok(Arc::new(count(groups, passes))) };
        let counts = |row: usize| nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row)) && passes(row);
        let mut told = |group: usize| lost.is_lost[group] = true;
        Ok(match self.kernel {
            Kernel::Count => Arc::new(count(groups, counts)),
            Kernel::CountDistinct => Arc::new(count_distinct(groups, values, counts)?),
            Kernel::Sum => sum(groups, values, counts, &mut told)?,
            Kernel::Average => average(groups, values, counts, &mut told)?,
            Kernel::Median => median(groups, values, counts, &mut told)?,
            Kernel::Quantile(share) => quantile(groups, values, share, counts, &mut told)?,
            Kernel::Minimum => extreme(groups, values, counts, Ordering::Less)?,
            Kernel::Maximum => extreme(groups, values, counts, Ordering::Greater)?,
            Kernel::Mode => mode(groups, values, counts)?,
            Kernel::Entropy => entropy(groups, values, counts)?,
            Kernel::All => truth(groups, values, counts, true),
            Kernel::Any => truth(groups, values, counts, false),
            Kernel::Spread { of_sample, is_root } => spread(groups, values, counts, of_sample, is_root, &mut told),
            Kernel::Skewness => skewness(groups, values, counts, &mut told),
            Kernel::Correlation => match others {
                [other] => corr(groups, values, other, counts, &mut told),
                _ => return Err(Error::bug("a correlation has two arguments")),
            },
        })
    }
}

/// The groups whose value cannot be known.
struct Lost<'a> {
    groups: &'a [u32],
    keep: Option<&'a BooleanArray>,
    is_lost: Vec<bool>,
    filtered: FilterCounts,
}

impl Lost<'_> {
    /// Loses the group of a row, unless the row belongs to none.
    fn row(&mut self, row: usize) {
        if self.has_group(row) {
            self.is_lost[self.groups[row] as usize] = true;
        }
    }

    fn has_group(&self, row: usize) -> bool {
        self.keep.is_none_or(|keep| keep.is_valid(row) && keep.value(row))
    }

    /// Counts what a filter says of the rows; one that fails is null as well.
    fn count(&mut self, passes: &BooleanArray, errors: &[RowError]) {
        let rows = 0..passes.len();
        self.filtered.asked += rows.clone().filter(|&row| self.has_group(row)).count() as u64;
        if passes.null_count() > 0 {
            let open = rows.filter(|&row| passes.is_null(row) && self.has_group(row)).count();
            let failed = errors.iter().filter(|error| self.has_group(error.row)).count();
            self.filtered.null += (open - failed) as u64;
        }
    }

    /// Makes the values of lost groups null: a sum without one of its rows would be a wrong answer.
    fn leave_out(self, values: ArrayRef) -> Result<Aggregated> {
        let lost = self.is_lost.iter().filter(|is_lost| **is_lost).count() as u64;
        if lost == 0 {
            return Ok(Aggregated { values, lost, filtered: self.filtered });
        }
        let mut mask = BooleanBufferBuilder::new(self.is_lost.len());
        mask.append_slice(&self.is_lost);
        let mask = BooleanArray::new(mask.finish(), None);
        let values =
            nullif(&values, &mask).map_err(|error| Error::bug("values cannot be made null").caused_by(error))?;
        Ok(Aggregated { values, lost, filtered: self.filtered })
    }
}
