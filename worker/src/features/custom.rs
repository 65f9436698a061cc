//! Features of the user's own: an SQL aggregate over the rows of some sources within a window.

use crate::{
    expression::{Aggregate, Aggregated, Settings, type_name},
    shard::Shard,
    spec::{RunSpec, window_start},
};
use arrow::{
    array::{Array, ArrayRef, AsArray, BooleanArray, Float64Array, RecordBatch, RecordBatchOptions, new_null_array},
    compute::{cast, concat, kernels::zip::zip},
    datatypes::{DataType, Field, Schema, SchemaRef, TimestampMicrosecondType},
};
use segmenter_proto::{Error, Result, jobs::CustomFeature};
use std::sync::Arc;

/// A compiled custom feature.
#[derive(Debug)]
pub struct Custom {
    feature: CustomFeature,
    aggregate: Aggregate,
    scope: SchemaRef,
}

impl Custom {
    /// Compiles a feature over the columns that its sources kept.
    ///
    /// # Errors
    /// When the expression does not fit, or the sources disagree on a column's type: Job, naming the feature.
    pub fn compile(spec: &RunSpec, feature: &CustomFeature) -> Result<Self> {
        let named = |error: Error| Error { message: format!("feature {}: {}", feature.name, error.message), ..error };
        let scope = scope(spec, feature).map_err(named)?;
        let settings = Settings::new(&spec.job.timezone)?;
        let aggregate =
            Aggregate::parse(&feature.expression, &scope, &settings).map_err(|error| named(error.into()))?;
        Ok(Self { feature: feature.clone(), aggregate, scope })
    }

    /// Gives its name and type.
    pub fn field(&self) -> Field {
        Field::new(&self.feature.name, self.aggregate.data_type().clone(), true)
    }

    /// Gives one value a customer, with how many could not be computed and are null, and what the filters were asked.
    ///
    /// # Errors
    /// When the expression fails on the rows: Data, naming the feature.
    pub fn compute(&self, spec: &RunSpec, shard: &Shard) -> Result<Aggregated> {
        let customers = shard.customers.len();
        let (rows, ordinals) = self.rows(spec, shard)?;
        let start = window_start(&spec.job, self.feature.window_days)?;
        let times = rows.column_by_name("time").map(|times| times.as_primitive::<TimestampMicrosecondType>());
        let keep: Option<BooleanArray> =
            start.zip(times).map(|(start, times)| times.values().iter().map(|&time| Some(time >= start)).collect());
        let found = self.aggregate.evaluate(&rows, &ordinals, customers, keep.as_ref())?;
        let Some(default) = self.feature.default else { return Ok(found) };
        let mut has_row = vec![false; customers];
        for (row, &ordinal) in ordinals.iter().enumerate() {
            has_row[ordinal as usize] |= keep.as_ref().is_none_or(|keep| keep.value(row));
        }
        let default = cast(&Float64Array::from(vec![default]), found.values.data_type()).map_err(|error| {
            self.error(format!("default {default} is no {}", type_name(found.values.data_type()))).caused_by(error)
        })?;
        let values = zip(&BooleanArray::from(has_row), &found.values, &arrow::array::Scalar::new(default))
            .map_err(|error| Error::bug("a default could not be filled in").caused_by(error))?;
        Ok(Aggregated { values, ..found })
    }

    /// The rows of all its sources, one below the other.
    fn rows(&self, spec: &RunSpec, shard: &Shard) -> Result<(RecordBatch, Vec<u32>)> {
        let mut ordinals = Vec::new();
        let mut parts: Vec<Vec<ArrayRef>> = vec![Vec::new(); self.scope.fields().len()];
        for of_source in &shard.sources {
            let name = &spec.sources[of_source.source].source.name;
            let Some(rows) = of_source.rows.as_ref().filter(|_| self.feature.sources.contains(name)) else { continue };
            ordinals.extend_from_slice(&of_source.ordinals);
            for (parts, field) in parts.iter_mut().zip(self.scope.fields()) {
                let column = rows.column_by_name(field.name()).cloned();
                parts.push(column.unwrap_or_else(|| new_null_array(field.data_type(), rows.num_rows())));
            }
        }
        let bug = |error| Error::bug("the rows of a feature's sources could not be joined").caused_by(error);
        let columns: Vec<ArrayRef> = parts
            .iter()
            .zip(self.scope.fields())
            .map(|(parts, field)| match parts.as_slice() {
                [] => Ok(new_null_array(field.data_type(), 0)),
                [only] => Ok(only.clone()),
                parts => concat(&parts.iter().map(AsRef::as_ref).collect::<Vec<&dyn Array>>()),
            })
            .collect::<std::result::Result<_, _>>()
            .map_err(bug)?;
        let options = RecordBatchOptions::new().with_row_count(Some(ordinals.len()));
        let rows = RecordBatch::try_new_with_options(self.scope.clone(), columns, &options).map_err(bug)?;
        Ok((rows, ordinals))
    }

    fn error(&self, message: String) -> Error {
        Error::job(format!("feature {}: {message}", self.feature.name))
    }
}

/// The columns in scope: those that any of the feature's sources kept.
fn scope(spec: &RunSpec, feature: &CustomFeature) -> Result<SchemaRef> {
    let mut fields: Vec<Field> = Vec::new();
    for source in spec.sources.iter().filter(|source| feature.sources.contains(&source.source.name)) {
        for field in source.schema()?.fields() {
            match fields.iter().find(|known| known.name() == field.name()) {
                Some(known) if known.data_type() != field.data_type() => {
                    return Err(disagreement(field.name(), known.data_type(), field.data_type(), &source.source.name));
                }
                Some(_) => {}
                None => fields.push(Field::new(field.name(), field.data_type().clone(), true)),
            }
        }
    }
    Ok(Arc::new(Schema::new(fields)))
}

fn disagreement(name: &str, first: &DataType, second: &DataType, source: &str) -> Error {
    Error::job(format!("{name} is {first} in one source and {second} in {source}")).with_hint(format!(
        "cast it to one type in [source.columns], or limit the feature with sources = [\"{source}\"]"
    ))
}
