//! The constants of a run, compiled.

use super::totals::{Fold, Total, merge};
use crate::{
    expression::{
        Aggregate, AggregateCall, ExpressionError, Kernel, Operand, Scalar, Settings,
        aggregate_kernels::{averages_of, sums_of},
        result_type, seen,
    },
    features::queries::scope,
    shard::Shard,
    spec::{RunSpec, SourceSpec},
    sql::{Query, Room, ShardTables},
};
use arrow::{
    array::{ArrayRef, AsArray, Float64Array, Int64Array},
    compute::cast,
    datatypes::{DataType, Field, SchemaRef},
};
use segmenter_proto::{Error, Result, jobs::Constant, models::KnownConstant, v1::ConstantTotals};
use std::sync::Arc;

/// The constants of a run, in the order of the job.
#[derive(Debug, Default)]
pub struct ConstantsPlan(Vec<Planned>);

#[derive(Debug)]
struct Planned {
    name: String,
    aggregate: Aggregate,
    /// What each aggregate of the expression is made of.
    parts: Vec<Part>,
    /// How the columns of the query become totals.
    folds: Vec<Fold>,
    /// Gives each customer's part.
    query: Query,
}

/// An aggregate, by columns of the query.
#[derive(Debug)]
enum Part {
    Count(usize),
    /// Of values of this type.
    Sum(usize, DataType),
    Average {
        sum: usize,
        count: usize,
        of: DataType,
    },
    Extreme(usize),
}

impl ConstantsPlan {
    /// Compiles the constants of a run.
    ///
    /// # Errors
    /// An expression does not fit the sources, or is no number of a population: Job, naming the constant.
    pub fn compile(spec: &RunSpec) -> Result<Self> {
        let compile = |(at, constant): (usize, &Constant)| {
            compile(spec, constant).map_err(|error| {
                let message = format!("constant {}: {}", constant.name, error.message);
                Error { message, ..error }.at_key(format!("features.constant[{at}].expression"))
            })
        };
        spec.job.features.constants.iter().enumerate().map(compile).collect::<Result<_>>().map(Self)
    }

    /// Says whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Gives how many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Gives names and types.
    pub fn fields(&self) -> Vec<Field> {
        let fields = self.0.iter();
        fields.map(|constant| Field::new(&constant.name, constant.aggregate.data_type().clone(), true)).collect()
    }

    /// Gives what the customers of a shard add to each constant.
    ///
    /// # Errors
    /// One customer does not fit into memory (Resources).
    pub fn totals(&self, spec: &RunSpec, shard: &Shard, room: Room<'_>) -> Result<Vec<ConstantTotals>> {
        let tables = ShardTables::new(spec, shard)?;
        let of_constant = |constant: &Planned| {
            let answer = constant.query.answer(&tables, room)?;
            let columns = answer.columns.iter().zip(&constant.folds);
            let totals = columns.map(|(values, fold)| Ok(Total::of(values, *fold)?.to_message()));
            Ok(ConstantTotals { totals: totals.collect::<Result<_>>()?, left_out: answer.lost })
        };
        self.0.iter().map(of_constant).collect()
    }

    /// Adds what a shard answered to what others did.
    ///
    /// # Errors
    /// The answer is of other constants: Bug.
    pub fn merge(&self, totals: &mut Vec<ConstantTotals>, other: &[ConstantTotals]) -> Result<()> {
        let folds: Vec<&[Fold]> = self.0.iter().map(|constant| constant.folds.as_slice()).collect();
        merge(&folds, totals, other)
    }

    /// Gives the values, from the totals of all shards.
    ///
    /// # Errors
    /// Bug only; what cannot be known is null.
    pub fn known(&self, totals: &[ConstantTotals]) -> Result<Vec<KnownConstant>> {
        let pairs = self.0.iter().zip(totals);
        let known = pairs.map(|(constant, totals)| {
            let found: Vec<Total> = totals.totals.iter().map(Total::from_message).collect::<Result<_>>()?;
            let calls = constant.parts.iter().zip(&constant.aggregate.calls);
            let results = calls.map(|(part, call)| part.result(&found, &result_type(&call.data_type)));
            let value = constant.aggregate.of_results(results.collect::<Result<_>>()?)?;
            Ok(KnownConstant {
                name: constant.name.clone(),
                data_type: constant.aggregate.data_type().to_string(),
                value: value.map(|value| written(&value)).transpose()?.flatten(),
                customers_left_out: totals.left_out,
            })
        });
        known.collect()
    }
}

impl Part {
    /// Gives the result of the aggregate, an array of one value; null where it is of nothing, or too large.
    fn result(&self, totals: &[Total], data_type: &DataType) -> Result<ArrayRef> {
        let at = |column: &usize| totals.get(*column).ok_or_else(|| Error::bug("a total of a constant is missing"));
        let rows = |column: &usize| -> Result<u64> {
            Ok(match at(column)? {
                Total::Whole(count) => count.to_i128().and_then(|count| u64::try_from(count).ok()).unwrap_or(u64::MAX),
                _ => 0,
            })
        };
        let mut is_lost = |_| {};
        match self {
            Self::Count(column) => {
                let count = i64::try_from(rows(column)?).ok();
                Ok(Arc::new(Int64Array::from(vec![count])))
            }
            Self::Sum(column, of) => match at(column)? {
                Total::Real(sum) => float(Some(sum.value()), data_type),
                whole => sums_of(of, std::iter::once(whole.of_rows(1)), &mut is_lost),
            },
            Self::Average { sum, count, of } => match at(sum)? {
                Total::Real(sum) => float(sum.mean(rows(count)?), data_type),
                whole => averages_of(of, std::iter::once(whole.of_rows(rows(count)?)), &mut is_lost),
            },
            Self::Extreme(column) => at(column)?.extreme(data_type),
        }
    }
}

fn float(value: Option<f64>, data_type: &DataType) -> Result<ArrayRef> {
    let value = Float64Array::from(vec![value.filter(|value| value.is_finite())]);
    cast(&value, data_type).map_err(|error| Error::bug("a constant has no such type").caused_by(error))
}

/// Gives a value as `model.json` has it.
fn written(value: &ArrayRef) -> Result<Option<String>> {
    let texts =
        cast(value, &DataType::Utf8).map_err(|error| Error::bug("a constant could not be written").caused_by(error))?;
    Ok(texts.as_string::<i32>().iter().next().flatten().map(str::to_owned))
}

fn compile(spec: &RunSpec, constant: &Constant) -> Result<Planned> {
    let scope = scope(spec, &constant.sources)?;
    let settings = Settings::of(&spec.job)?;
    let aggregate = Aggregate::parse(&constant.expression, &scope, &settings)?;
    if *aggregate.data_type() == DataType::Utf8 {
        return Err(ExpressionError::new("a constant is a number, a date, a time, or true or false, and this is text")
            .with_hint("a text of one customer says who that is; top_values(x, n) knows the most frequent ones")
            .into());
    }
    let seen = seen(&scope, settings.zone());
    let (mut calls, mut folds, mut parts) = (Vec::new(), Vec::new(), Vec::new());
    let mut column = |call: AggregateCall, fold: Fold| {
        calls.push(call);
        folds.push(fold);
        calls.len() - 1
    };
    for call in &aggregate.calls {
        parts.push(match call.kernel {
            Kernel::Count => Part::Count(column(call.clone(), Fold::Sum)),
            Kernel::Sum => Part::Sum(column(call.clone(), Fold::Sum), call.data_type.clone()),
            Kernel::Average => {
                let of = summed_type(call, &seen, &settings)?;
                let sum = AggregateCall { kernel: Kernel::Sum, data_type: of.clone(), ..call.clone() };
                let count = AggregateCall { kernel: Kernel::Count, data_type: DataType::Int64, ..call.clone() };
                Part::Average { sum: column(sum, Fold::Sum), count: column(count, Fold::Sum), of }
            }
            Kernel::Minimum | Kernel::Maximum if call.data_type == DataType::Utf8 => {
                return Err(ExpressionError::new("the smallest or largest text is that of one customer")
                    .with_hint("count its rows instead, for example count(*) filter (where x = 'a')")
                    .into());
            }
            Kernel::Minimum => Part::Extreme(column(call.clone(), Fold::Least)),
            Kernel::Maximum => Part::Extreme(column(call.clone(), Fold::Greatest)),
            _ => {
                return Err(ExpressionError::new("a constant is made of count, sum, avg, min and max")
                    .with_hint(
                        "functions of the population in [[features.derived]] know more: population_bin(x, 2) = 2 is above the median",
                    )
                    .into());
            }
        });
    }
    let of_constant = spec.sources.iter().enumerate();
    let of_constant = of_constant.filter(|(_, source)| constant.sources.contains(&source.source.name));
    let is_of_people = |(_, source): &(usize, &SourceSpec)| source.source.is_of_population();
    let sources = match of_constant.clone().any(|source| is_of_people(&source)) {
        true => None,
        false => Some(of_constant.map(|(at, _)| at).collect()),
    };
    let query = Query::of_calls(&calls, &seen, spec.job.unit, sources);
    Ok(Planned { name: constant.name.clone(), aggregate, parts, folds, query })
}

/// Gives the type of the sum of what is averaged.
fn summed_type(call: &AggregateCall, seen: &SchemaRef, settings: &Settings) -> Result<DataType> {
    let argument = call.arguments.first().ok_or_else(|| Error::bug("an average has no argument"))?;
    let compiled = Scalar::compile(Operand::new(argument.clone(), DataType::Null), seen, settings)?;
    Ok(match compiled.data_type() {
        DataType::Decimal128(_, scale) => DataType::Decimal128(38, *scale),
        other => other.clone(),
    })
}
