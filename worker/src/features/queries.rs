//! Features as queries over the tables of a shard.

use super::families::Family;
use crate::{
    expression::type_name,
    spec::{RunSpec, window_start},
    sql::{Answer, Catalogue, Query, Room, ShardTables},
};
use arrow::{
    array::{Array, ArrayRef, BooleanArray, Float64Array, Scalar, StringArray},
    compute::{CastOptions, cast_with_options, kernels::zip::zip},
    datatypes::{DataType, Field},
};
use segmenter_proto::{
    Error, Result,
    jobs::{DefaultValue, Preset, SqlFeatures},
};
use std::{collections::BTreeSet, sync::Arc};

/// A query whose columns are features.
#[derive(Debug)]
pub(super) struct QueryFeatures {
    name: String,
    /// Appended to the names of its columns.
    suffix: String,
    query: Query,
    /// A column, the value where the query has no row of a customer.
    defaults: Vec<Option<ArrayRef>>,
}

impl QueryFeatures {
    /// Binds a query over the tables of a run.
    ///
    /// # Errors
    /// The query is refused, or a default is no value of its column: Job, naming the query.
    pub(super) fn compile(catalogue: &Catalogue, features: &SqlFeatures) -> Result<Self> {
        let named = |error: Error| Error { message: format!("query {}: {}", features.name, error.message), ..error };
        let query = Query::bind(&features.query, catalogue).map_err(|error| named(error.into()))?;
        let fields = query.fields();
        if let Some(name) = features.defaults.keys().find(|name| fields.iter().all(|field| field.name() != *name)) {
            return Err(named(Error::job(format!("`{name}` of defaults is no column of the query"))));
        }
        let defaults = fields.iter().map(|field| {
            let value = features.defaults.get(field.name());
            value.map(|value| default(value, field).map_err(named)).transpose()
        });
        let defaults = defaults.collect::<Result<_>>()?;
        Ok(Self { name: features.name.clone(), suffix: String::new(), defaults, query })
    }

    /// Binds the query of a preset over the rows of its sources and window.
    ///
    /// # Errors
    /// A name that it needs is not mapped, or has another type: Job, naming the preset.
    pub(super) fn of_preset(spec: &RunSpec, preset: &Preset, family: &Family) -> Result<Self> {
        let named = |error: Error| Error { message: format!("preset {}: {}", preset.name, error.message), ..error };
        let start = match family.own_window {
            Some(_) => None,
            None => window_start(&spec.job, preset.window_days)?,
        };
        let catalogue = Catalogue::of_transactions(spec, &preset.sources, start, &family.without)?;
        let query = Query::bind(&family.query(preset.window_days), &catalogue).map_err(|error| named(error.into()))?;
        let given = query.fields();
        let declared = family.columns.iter().map(|column| column.name);
        if !given.iter().map(|field| field.name().as_str()).eq(declared) {
            return Err(named(Error::bug("the query does not give what its head says")));
        }
        let defaults = given.iter().map(|field| {
            let written = family.defaults.iter().find(|(name, _)| name == field.name()).map(|(_, value)| *value);
            let value = written.map(|value| match value.parse() {
                Ok(number) => DefaultValue::Number(number),
                Err(_) => DefaultValue::Text(value.to_owned()),
            });
            value.map(|value| default(&value, field).map_err(named)).transpose()
        });
        let defaults = defaults.collect::<Result<_>>()?;
        Ok(Self { name: preset.name.clone(), suffix: preset.suffix.clone(), defaults, query })
    }

    /// Gives the reference tables that it looks at, by the positions of their sources.
    pub(super) fn references(&self) -> BTreeSet<usize> {
        self.query.references()
    }

    /// Gives names and types of the features.
    pub(super) fn fields(&self) -> Vec<Field> {
        let fields = self.query.fields().into_iter();
        fields.map(|field| field.clone().with_name(format!("{}{}", field.name(), self.suffix))).collect()
    }

    /// Gives an array a feature, of a value a customer, and of how many customers they could not be computed.
    ///
    /// # Errors
    /// A customer has several rows (Data), or does not fit into memory (Resources).
    pub(super) fn compute(&self, tables: &ShardTables<'_>, room: Room<'_>) -> Result<(Vec<ArrayRef>, u64)> {
        let named = |error: Error| Error { message: format!("query {}: {}", self.name, error.message), ..error };
        let Answer { columns, has_row, lost, several } = self.query.answer(tables, room).map_err(named)?;
        if several > 0 {
            return Err(named(Error::data(format!("at least {several} of the customers have more than one row")))
                .with_hint("group by customer_id alone in the outermost select of the query"));
        }
        let has_row = BooleanArray::from(has_row);
        let filled = columns.into_iter().zip(&self.defaults).map(|(values, default)| match default {
            None => Ok(values),
            Some(default) => zip(&has_row, &values, &Scalar::new(Arc::clone(default)))
                .map_err(|error| Error::bug("a default could not be filled in").caused_by(error)),
        });
        Ok((filled.collect::<Result<_>>()?, lost))
    }
}

/// Gives a default in the type of its column.
fn default(value: &DefaultValue, field: &Field) -> Result<ArrayRef> {
    let (written, shown): (ArrayRef, String) = match value {
        DefaultValue::Truth(truth) => (Arc::new(BooleanArray::from(vec![*truth])), truth.to_string()),
        // Decimals are read from the digits: a float between is another number.
        DefaultValue::Number(number) if matches!(field.data_type(), DataType::Decimal128(..)) => {
            (Arc::new(StringArray::from(vec![number.to_string()])), number.to_string())
        }
        DefaultValue::Number(number) => (Arc::new(Float64Array::from(vec![*number])), number.to_string()),
        DefaultValue::Text(text) => (Arc::new(StringArray::from(vec![text.as_str()])), format!("{text:?}")),
    };
    let fits = match (value, field.data_type()) {
        (DefaultValue::Truth(_), DataType::Boolean) | (DefaultValue::Text(_), DataType::Utf8) => true,
        (DefaultValue::Text(_), kind) => kind.is_temporal(),
        (DefaultValue::Number(_), kind) => kind.is_numeric(),
        (DefaultValue::Truth(_), _) => false,
    };
    let wrong = || Error::job(format!("default {shown} of `{}` is no {}", field.name(), type_name(field.data_type())));
    if !fits {
        return Err(wrong());
    }
    let strict = CastOptions { safe: false, ..CastOptions::default() };
    let cast = cast_with_options(&written, field.data_type(), &strict).map_err(|error| wrong().caused_by(error))?;
    if let (DefaultValue::Number(number), DataType::Decimal128(_, scale)) = (value, field.data_type()) {
        let digits = number.to_string().split_once('.').map_or(0, |(_, digits)| digits.len());
        if i8::try_from(digits).is_ok_and(|digits| digits > *scale) {
            return Err(wrong());
        }
    }
    match (value, cast.is_null(0)) {
        (DefaultValue::Number(number), _) if number.fract() != 0.0 && field.data_type().is_integer() => Err(wrong()),
        (_, true) => Err(wrong()),
        _ => Ok(cast),
    }
}
