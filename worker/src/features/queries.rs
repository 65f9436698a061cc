//! Features as queries over the tables of a shard.

use crate::families::Family;
use crate::{
    expression::{Aggregate, ExpressionError, Settings, seen, type_name},
    spec::{RunSpec, SourceSpec, window_start},
    sql::{Answer, Catalogue, FilterCounts, Query, Room, ShardTables},
};
use arrow::{
    array::{Array, ArrayRef, BooleanArray, Float64Array, Scalar, StringArray, new_null_array},
    compute::{CastOptions, cast_with_options, kernels::zip::zip},
    datatypes::{DataType, Field, Schema},
};
use segmenter_proto::{
    Error, Result,
    jobs::{CustomFeature, DefaultValue, Preset, SourceKind, SqlFeatures},
};
use std::{collections::BTreeSet, sync::Arc};

/// A query whose columns are features.
#[derive(Debug)]
pub(super) struct QueryFeatures {
    /// What it is in messages, such as `query gaps`.
    told: String,
    /// Appended to the names of its columns.
    suffix: String,
    query: Query,
    /// A column, the value where the query has no row of a customer.
    defaults: Vec<Option<ArrayRef>>,
    /// Columns that are a value of every customer, of a preset.
    always: &'static [&'static str],
    /// Columns that are null, since the job has no source that tells them.
    untold: BTreeSet<usize>,
    /// A last column that is no feature.
    beside: Option<&'static str>,
}

/// What a query gives of a shard.
#[derive(Debug)]
pub(super) struct Computed {
    /// An array a feature, of a value a customer.
    pub(super) values: Vec<ArrayRef>,
    /// The column beside them.
    pub(super) beside: Option<ArrayRef>,
    /// Customers of whom they could not be computed.
    pub(super) lost: u64,
    /// What filters of aggregates were asked, where that is counted.
    pub(super) filtered: FilterCounts,
}

impl QueryFeatures {
    /// Binds a query over the tables of a run.
    ///
    /// # Errors
    /// The query is refused, or a default is no value of its column: Job, naming the query.
    pub(super) fn compile(catalogue: &Catalogue, features: &SqlFeatures) -> Result<Self> {
        Self::told_as(format!("query {}", features.name), catalogue, features)
    }

    /// Binds a query of which messages say `told`.
    ///
    /// # Errors
    /// See [`Self::compile`].
    pub(super) fn told_as(told: String, catalogue: &Catalogue, features: &SqlFeatures) -> Result<Self> {
        let query = Query::bind(&features.query, catalogue).map_err(|error| named(&told, error.into()))?;
        let fields = query.fields();
        if let Some(name) = features.defaults.keys().find(|name| fields.iter().all(|field| field.name() != *name)) {
            return Err(named(&told, Error::job(format!("`{name}` of defaults is no column of the query"))));
        }
        let defaults = fields.iter().map(|field| {
            let value = features.defaults.get(field.name());
            value.map(|value| default(value, field).map_err(|error| named(&told, error))).transpose()
        });
        let defaults = defaults.collect::<Result<_>>()?;
        Ok(Self { told, suffix: String::new(), defaults, query, always: &[], untold: BTreeSet::new(), beside: None })
    }

    /// Binds the query of a preset over the rows of its sources and window.
    ///
    /// # Errors
    /// A name that it needs is not mapped, or has another type: Job, naming the preset.
    pub(super) fn of_preset(spec: &RunSpec, preset: &Preset, family: &'static Family) -> Result<Self> {
        let told = format!("preset {}", preset.name);
        let start = match family.own_window {
            Some(_) => None,
            None => window_start(&spec.job, preset.window_days)?,
        };
        let catalogue = Catalogue::of_family(spec, family, &preset.sources, start)?;
        let text = family.query(preset.window_days, spec.job.unit);
        // A position in the preset's own query is none in the job file.
        let bound = Query::bind(&text, &catalogue).map_err(|error| ExpressionError { position: None, ..error });
        let query = bound.map_err(|error| named(&told, error.into()))?;
        let given = query.fields();
        let declared = family.columns.iter().map(|column| column.name).chain(family.beside);
        if !given.iter().map(|field| field.name().as_str()).eq(declared) {
            return Err(named(&told, Error::bug("the query does not give what its head says")));
        }
        let defaults = given.iter().map(|field| {
            let written = family.defaults.iter().find(|(name, _)| name == field.name()).map(|(_, value)| *value);
            let value = written.map(|value| match (value.parse(), value.parse()) {
                (Ok(truth), _) => DefaultValue::Truth(truth),
                (_, Ok(number)) => DefaultValue::Number(number),
                _ => DefaultValue::Text(value.to_owned()),
            });
            value.map(|value| default(&value, field).map_err(|error| named(&told, error))).transpose()
        });
        let defaults = defaults.collect::<Result<_>>()?;
        let suffix = preset.suffix.clone();
        let has = |kind: SourceKind| {
            let mut listed = spec.job.sources.iter().filter(|source| preset.sources.contains(&source.name));
            // Of whoever is segmented, who has one row, there are not several to be told of.
            kind != spec.job.unit.kind() && listed.any(|source| source.kind == kind)
        };
        let untold = family.unless.iter().filter(|(kind, _)| !has(*kind));
        let untold = untold.filter_map(|(_, name)| family.columns.iter().position(|column| column.name == *name));
        let (always, untold) = (family.always.as_slice(), untold.collect());
        Ok(Self { told, suffix, defaults, query, always, untold, beside: family.beside })
    }

    /// Makes a query of an aggregate over the rows of some sources.
    ///
    /// # Errors
    /// The expression does not fit, the sources disagree on a column's type, or the default is no value of the feature: Job,
    /// naming the feature.
    pub(super) fn of_custom(spec: &RunSpec, feature: &CustomFeature) -> Result<Self> {
        let told = format!("feature {}", feature.name);
        let scope = scope(spec, &feature.sources).map_err(|error| named(&told, error))?;
        let settings = Settings::of(&spec.job)?;
        let parsed = Aggregate::parse(&feature.expression, &scope, &settings);
        let aggregate = parsed.map_err(|error| named(&told, error.into()))?;
        let of_feature = |source: &SourceSpec| feature.sources.contains(&source.source.name);
        let sources = spec.sources.iter().enumerate().filter(|(_, source)| of_feature(source)).map(|(at, _)| at);
        let start = window_start(&spec.job, feature.window_days)?;
        let seen = seen(&scope, settings.zone());
        let query = Query::of_expression(&feature.name, &aggregate, &seen, spec.job.unit, sources.collect(), start);
        let fields = query.fields();
        let field = fields.first().ok_or_else(|| Error::bug("a custom feature has no column"))?;
        let without_rows = match feature.default {
            Some(number) => Some(default(&DefaultValue::Number(number), field).map_err(|error| named(&told, error))?),
            None => aggregate.without_rows()?,
        };
        Ok(Self {
            told,
            suffix: String::new(),
            query,
            defaults: vec![without_rows],
            always: &[],
            untold: BTreeSet::new(),
            beside: None,
        })
    }

    /// Gives the reference tables that it looks at, by the positions of their sources.
    pub(super) fn references(&self) -> BTreeSet<usize> {
        self.query.references()
    }

    /// Gives names and types of the features.
    pub(super) fn fields(&self) -> Vec<Field> {
        let fields = self.query.fields().into_iter().filter(|field| Some(field.name().as_str()) != self.beside);
        fields
            .map(|field| {
                let is_always = self.always.contains(&field.name().as_str());
                let name = format!("{}{}", field.name(), self.suffix);
                field.with_name(name).with_nullable(!is_always)
            })
            .collect()
    }

    /// Computes the features of a shard.
    ///
    /// # Errors
    /// A customer has several rows, or a feature that is a value of every customer could not be computed (Data); one customer does not
    /// fit into memory (Resources).
    pub(super) fn compute(&self, tables: &ShardTables<'_>, room: Room<'_>) -> Result<Computed> {
        let answered = self.query.answer(tables, room).map_err(|error| named(&self.told, error))?;
        let Answer { columns, has_row, lost, several, filtered } = answered;
        if several > 0 {
            let unit = tables.unit();
            let error = Error::data(format!("at least {several} of the {} have more than one row", unit.many()));
            let hint = format!("group by {} alone in the outermost select of the query", unit.key());
            return Err(named(&self.told, error).with_hint(hint));
        }
        if lost > 0 && !self.always.is_empty() {
            let what = self.always.join(" and ");
            return Err(named(
                &self.told,
                Error::data(format!("{what} of {lost} or more {} do not fit their types", tables.unit().many())),
            )
            .with_hint(
                "look for amounts that are far too large; a condition in `where` of the source leaves them out",
            ));
        }
        let has_row = BooleanArray::from(has_row);
        let filled = columns.into_iter().zip(&self.defaults).map(|(values, default)| match default {
            None => Ok(values),
            Some(default) => zip(&has_row, &values, &Scalar::new(Arc::clone(default)))
                .map_err(|error| Error::bug("a default could not be filled in").caused_by(error)),
        });
        let mut values = filled.collect::<Result<Vec<_>>>()?;
        for (_, values) in values.iter_mut().enumerate().filter(|(at, _)| self.untold.contains(at)) {
            *values = new_null_array(values.data_type(), values.len());
        }
        let beside = self.beside.and_then(|_| values.pop());
        Ok(Computed { values, beside, lost, filtered })
    }
}

fn named(told: &str, error: Error) -> Error {
    Error { message: format!("{told}: {}", error.message), ..error }
}

/// The columns that an expression over some sources sees: those that any of them kept.
pub(super) fn scope(spec: &RunSpec, sources: &[String]) -> Result<Schema> {
    let mut fields: Vec<Field> = Vec::new();
    for source in spec.sources.iter().filter(|source| sources.contains(&source.source.name)) {
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
    Ok(Schema::new(fields))
}

fn disagreement(name: &str, first: &DataType, second: &DataType, source: &str) -> Error {
    Error::job(format!("{name} is {first} in one source and {second} in {source}"))
        .with_hint(format!("cast it to one type in [source.columns], or name one source: sources = [\"{source}\"]"))
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
