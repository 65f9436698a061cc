//! From a file's own columns to the standard and carried names of its source.

use super::{
    amounts::{MONEY_PRECISION, MONEY_SCALE, to_money},
    identifiers::canonical_ids,
    row_checks::RowChecks,
};
use crate::{
    expression::{RowError, RowErrorKind, Scalar, Scope, Settings, type_name},
    reading::NotText,
    values::normalise_time,
};
use arrow::{
    array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch, RecordBatchOptions, TimestampMicrosecondArray},
    buffer::BooleanBuffer,
    compute::{cast, nullif},
    datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit, TimestampMicrosecondType},
};
use chrono_tz::Tz;
use segmenter_proto::{
    Error, Result,
    jobs::{Column, RowCheck, Source, SourceKind},
    kinds::{HangsOn, Holds, RowsOf},
};
use std::{collections::HashSet, sync::Arc};

/// A row that cannot be used, with the name whose value is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadValue {
    /// Position in the batch.
    pub row: usize,
    /// The standard or carried name.
    pub column: String,
    /// Why, as a word for machines.
    pub code: &'static str,
    /// Why, for people.
    pub reason: String,
}

/// What a condition of a source is called where a column's name stands.
pub const WHERE: &str = "where";

/// What `where` says of the rows of a batch.
#[derive(Debug)]
pub struct Filtered {
    truths: BooleanArray,
    /// Rows on which it fails; it is null there.
    pub failed: Vec<BadValue>,
}

impl Filtered {
    /// Gives the rows that are kept.
    pub fn kept(&self) -> BooleanBuffer {
        match self.truths.nulls() {
            Some(valid) => self.truths.values() & valid.inner(),
            None => self.truths.values().clone(),
        }
    }

    /// Says whether a row is kept.
    pub fn keeps(&self, row: usize) -> bool {
        self.truths.is_valid(row) && self.truths.value(row)
    }

    /// Says whether `where` is neither true nor false on a row.
    pub fn is_null(&self, row: usize) -> bool {
        self.truths.is_null(row)
    }
}

/// The compiled expressions of one source over one file's schema.
#[derive(Debug)]
pub struct SourceColumns {
    names: Vec<String>,
    scalars: Vec<Scalar>,
    filter: Option<Scalar>,
    schema: SchemaRef,
    zone: Tz,
    /// The names that hold ids, that of whoever a row is of first.
    ids: Vec<&'static str>,
    /// Names that are null at and after a time, until when they were not known.
    known_later: Option<(i64, Vec<&'static str>)>,
    /// Names that hang on such a time.
    hanging: Vec<(&'static str, HangsOn)>,
    checks: RowChecks,
    /// Names that hold one of some words, with those.
    words: Vec<(&'static str, &'static [&'static str])>,
}

/// The name of orders.
const ORDER: &str = "order_id";

impl SourceColumns {
    /// Compiles the expressions of `source` that `wanted` names ask for, over the columns of a file.
    ///
    /// # Errors
    /// When an expression does not fit the file's columns: Job, naming the source and the name.
    pub fn compile(source: &Source, wanted: &[String], file: &Schema, settings: &Settings) -> Result<Self> {
        let zone = settings.zone();
        let mut names = Vec::new();
        let mut scalars = Vec::new();
        let mut fields = Vec::new();
        let (mut wanted, scope): (HashSet<&str>, _) = (wanted.iter().map(String::as_str).collect(), Scope::of(file));
        // What hangs on a time is judged by it, whoever asks for it.
        let hang = source.kind.kind().columns.iter().filter(|column| wanted.contains(column.name));
        let times: Vec<&str> = hang.filter_map(|column| Some(column.hangs_on?.time)).collect();
        wanted.extend(times);
        for column in source.columns.iter().filter(|column| wanted.contains(column.name.as_str())) {
            let scalar = Scalar::parse_in(&column.expression, &scope, settings)
                .map_err(|error| in_source(error.into(), source, &format!("columns.{}", column.name)))?;
            fields.push(standard_field(source, column, scalar.data_type())?);
            names.push(column.name.clone());
            scalars.push(scalar);
        }
        let schema = Arc::new(Schema::new(fields));
        let filter = source
            .filter
            .as_deref()
            .map(|sql| Scalar::parse_condition(sql, &schema, settings))
            .transpose()
            .map_err(|error| in_source(error.into(), source, "where"))?;
        let of_words = source.kind.kind().columns.iter().filter(|column| !column.words.is_empty());
        let words = of_words.map(|column| (column.name, column.words)).collect();
        Ok(Self {
            names,
            scalars,
            filter,
            schema,
            zone,
            ids: ids_of(source),
            known_later: None,
            hanging: Vec::new(),
            checks: RowChecks::default(),
            words,
        })
    }

    /// Takes what was known before a time, in microseconds since 1970 UTC: standard times at and after it are null where the kind says that
    /// they are known only then, unless by them the whole row is not there yet, and so is what hangs on them.
    #[must_use]
    pub fn known_before(mut self, source: &Source, as_of: i64) -> Self {
        let is_later = |holds: Holds| matches!(holds, Holds::KnownTime | Holds::Beginning);
        let later = source.kind.kind().columns.iter().filter(|column| is_later(column.holds));
        let later = later.filter(|column| source.since() != Some(column.name));
        self.known_later = Some((as_of, later.map(|column| column.name).collect()));
        let columns = source.kind.kind().columns.iter();
        self.hanging = columns.filter_map(|column| Some((column.name, column.hangs_on?))).collect();
        self
    }

    /// Judges rows by the checks of the job that are of this source.
    ///
    /// # Errors
    /// When a check does not fit the columns; it was checked before.
    pub fn checked(mut self, source: &Source, checks: &[RowCheck], settings: &Settings) -> Result<Self> {
        self.checks = RowChecks::compile(source, checks, &self.schema, settings)?;
        Ok(self)
    }

    /// Gives the checks by which rows are judged.
    pub(super) fn checks(&self) -> &RowChecks {
        &self.checks
    }

    /// The schema of what [`Self::evaluate`] gives.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Gives the names that hold ids.
    pub(super) fn ids(&self) -> &[&'static str] {
        &self.ids
    }

    /// Where days begin.
    pub fn zone(&self) -> Tz {
        self.zone
    }

    /// The names of the kind that hold one of some words, with those.
    pub(super) fn words(&self) -> &[(&'static str, &'static [&'static str])] {
        &self.words
    }

    /// Says whether `time` is one of a clock, and not a day.
    pub fn has_clock(&self) -> bool {
        let mut of_time = self.names.iter().zip(&self.scalars).filter(|(name, _)| *name == "time");
        of_time.any(|(_, scalar)| matches!(scalar.data_type(), DataType::Timestamp(..)))
    }

    /// Gives the file's own columns that the expressions read, sorted.
    pub fn file_columns(&self) -> Vec<String> {
        let mut columns: Vec<String> = self.scalars.iter().flat_map(|scalar| scalar.columns().to_vec()).collect();
        columns.sort();
        columns.dedup();
        columns
    }

    /// Gives the names whose expressions read a file's column.
    pub fn names_over(&self, file_column: &str) -> impl Iterator<Item = &str> {
        let reads = move |scalar: &Scalar| scalar.columns().iter().any(|column| column == file_column);
        self.names.iter().zip(&self.scalars).filter(move |(_, scalar)| reads(scalar)).map(|(name, _)| name.as_str())
    }

    /// Evaluates every expression over a batch of the file, in the standard types; wrong values are null and listed.
    ///
    /// # Errors
    /// When a column's type cannot be what its name asks for: Data.
    pub fn evaluate(&self, file: &RecordBatch) -> Result<(RecordBatch, Vec<BadValue>)> {
        let mut bad = Vec::new();
        let mut arrays = Vec::with_capacity(self.scalars.len());
        for ((name, scalar), field) in self.names.iter().zip(&self.scalars).zip(self.schema.fields()) {
            let (values, errors) = scalar.evaluate_rows(file)?;
            bad.extend(errors.into_iter().map(|error| bad_value(name, error)));
            arrays.push(self.standard(name, values, field, &mut bad)?);
        }
        let arrays = self.as_known(arrays)?;
        let options = RecordBatchOptions::new().with_row_count(Some(file.num_rows()));
        let batch = RecordBatch::try_new_with_options(self.schema.clone(), arrays, &options)
            .map_err(|error| Error::bug("evaluated columns do not fit their schema").caused_by(error))?;
        Ok((batch, bad))
    }

    /// Gives the ids that stem from a value that is no text in the file, such as true or an object of JSON.
    ///
    /// An expression that takes an id out of an object is another matter: what it gives does not look like one.
    pub fn ids_of_no_text(&self, batch: &RecordBatch, cells: &[NotText]) -> Vec<BadValue> {
        let mut bad = Vec::new();
        for &name in &self.ids {
            let Some(ids) = batch.column_by_name(name).and_then(|ids| ids.as_string_opt::<i32>()) else { continue };
            let stems = |cell: &&NotText| self.names_over(&cell.column).any(|over| over == name);
            let is_json = |id: &str| {
                id.starts_with(['{', '[']) || id.eq_ignore_ascii_case("true") || id.eq_ignore_ascii_case("false")
            };
            let looks_so = |cell: &&NotText| ids.is_valid(cell.row) && is_json(ids.value(cell.row).trim());
            bad.extend(cells.iter().filter(stems).filter(looks_so).map(|cell| BadValue {
                row: cell.row,
                column: name.to_owned(),
                code: "not_an_id",
                reason: "true, false, an array or an object of JSON cannot be an id".to_owned(),
            }));
        }
        bad
    }

    /// Gives what `where` says of every row; none without one.
    ///
    /// # Errors
    /// Bug only.
    pub fn filter(&self, batch: &RecordBatch) -> Result<Option<Filtered>> {
        let Some(filter) = &self.filter else { return Ok(None) };
        let (truths, errors) = filter.evaluate_truths(batch)?;
        let failed = errors.into_iter().map(|error| bad_value(WHERE, error)).collect();
        Ok(Some(Filtered { truths, failed }))
    }

    /// Makes times null that were not known yet, and what hangs on them.
    fn as_known(&self, mut arrays: Vec<ArrayRef>) -> Result<Vec<ArrayRef>> {
        let Some((as_of, later)) = &self.known_later else { return Ok(arrays) };
        let at = |name: &str| self.names.iter().position(|known| known == name);
        let times_at = |arrays: &[ArrayRef], name: &str| -> Option<TimestampMicrosecondArray> {
            Some(arrays[at(name)?].as_primitive_opt::<TimestampMicrosecondType>()?.clone())
        };
        // By the times as they stand in the file.
        for (name, HangsOn { time, is_known_before }) in &self.hanging {
            let Some(place) = at(name) else { continue };
            let times =
                times_at(&arrays, time).ok_or_else(|| Error::bug(format!("{name} has no {time} to hang on")))?;
            let unknown = times.iter().map(|time| Some(time.map_or(!is_known_before, |time| time >= *as_of)));
            let unknown: BooleanArray = unknown.collect();
            arrays[place] = nullif(&arrays[place], &unknown)
                .map_err(|error| Error::bug("values could not be made null").caused_by(error))?;
        }
        for name in later {
            let (Some(place), Some(times)) = (at(name), times_at(&arrays, name)) else { continue };
            let known = times.iter().map(|time| time.filter(|time| time < as_of));
            arrays[place] = Arc::new(known.collect::<TimestampMicrosecondArray>().with_timezone("UTC"));
        }
        Ok(arrays)
    }

    fn standard(&self, name: &str, values: ArrayRef, field: &Field, bad: &mut Vec<BadValue>) -> Result<ArrayRef> {
        match name {
            _ if self.ids.contains(&name) => {
                let (ids, wrong) = canonical_ids(name, &values)?;
                bad.extend(wrong.into_iter().map(|(row, reason)| BadValue {
                    row,
                    column: name.to_owned(),
                    code: "not_an_id",
                    reason: reason.to_owned(),
                }));
                Ok(Arc::new(ids))
            }
            "time" => Ok(Arc::new(normalise_time(&values, self.zone)?)),
            "amount" if *field.data_type() == DataType::Decimal128(MONEY_PRECISION, MONEY_SCALE) => {
                let money = to_money(name, &values)?;
                bad.extend(money.too_large.into_iter().map(|row| BadValue {
                    row,
                    column: name.to_owned(),
                    code: "out_of_range",
                    reason: "expected an amount that fits decimal(18,4), found a larger one".to_owned(),
                }));
                Ok(Arc::new(money.amounts))
            }
            _ if values.data_type() == field.data_type() => Ok(values),
            _ if matches!(field.data_type(), DataType::Timestamp(..)) => {
                Ok(Arc::new(normalise_time(&values, self.zone)?))
            }
            _ => cast(&values, field.data_type()).map_err(|error| {
                Error::data(format!("{name} could not be read as {}", type_name(field.data_type()))).caused_by(error)
            }),
        }
    }
}

/// Gives the names that hold ids, which are one whatever type a file keeps them in: of whoever a row is of, those of the kind, and that of the
/// order; of pairs of ids those of the kind alone.
fn ids_of(source: &Source) -> Vec<&'static str> {
    let of_kind = source.kind.kind().columns.iter().filter(|column| column.holds == Holds::Id);
    if source.kind == SourceKind::Identities {
        return of_kind.map(|column| column.name).collect();
    }
    let mut ids = vec![source.owner_id()];
    for name in of_kind.map(|column| column.name).chain([ORDER]) {
        if !ids.contains(&name) {
            ids.push(name);
        }
    }
    ids
}

/// Gives the schema of a source's rows over a file, or why its expressions do not fit.
///
/// # Errors
/// See [`SourceColumns::compile`].
pub fn source_schema(source: &Source, wanted: &[String], file: &Schema, settings: &Settings) -> Result<SchemaRef> {
    Ok(SourceColumns::compile(source, wanted, file, settings)?.schema().clone())
}

fn standard_field(source: &Source, column: &Column, kind: &DataType) -> Result<Field> {
    let utc = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    let Column { name, expression } = column;
    let expected = |what: &str, hint: &str| {
        Error::data(format!("source {}: {name} has type {}, expected {what}", source.name, type_name(kind)))
            .with_hint(hint)
    };
    // A time is one in every kind; the attributes of a customer and the columns of a reference may be those of an order.
    let is_known = name == "time" || !matches!(source.kind.kind().rows, RowsOf::Many(_));
    let of_order = SourceKind::Transactions.kind().column(name).filter(|_| is_known);
    let of_kind = source.kind.kind().column(name).or(of_order);
    let holds = |what: Holds| of_kind.is_some_and(|column| column.holds == what);
    let standard = match name.as_str() {
        id if ids_of(source).contains(&id) => DataType::Utf8,
        _ if [Holds::Time, Holds::KnownTime, Holds::Beginning].into_iter().any(holds) => match kind {
            DataType::Timestamp(..) | DataType::Date32 | DataType::Date64 | DataType::Null => utc,
            DataType::Utf8 => {
                return Err(expected(
                    "a date or a timestamp",
                    &format!(
                        "declare the file's column: types = {{ … = \"timestamp(%Y-%m-%d %H:%M:%S)\" }}, or write {name} = \
                         \"to_timestamp({expression}, '%Y-%m-%d %H:%M:%S')\""
                    ),
                ));
            }
            kind if kind.is_numeric() => {
                return Err(expected(
                    "a date or a timestamp",
                    &format!(
                        "write {name} = \"to_timestamp_seconds({expression})\", or to_timestamp_millis, to_timestamp_micros, \
                         to_timestamp_nanos or from_excel_serial, by what the numbers count; days written as 20261231 are read by \
                         to_date(cast({expression} as text), '%Y%m%d')"
                    ),
                ));
            }
            _ => return Err(expected("a date or a timestamp", &format!("map {name} to a column that has one"))),
        },
        _ if holds(Holds::Money) => match kind {
            DataType::Utf8 => {
                return Err(expected(
                    "a number",
                    &format!(
                        "declare the file's column: types = {{ … = \"decimal(18,2)\" }}, or write amount = \
                         \"cast({expression} as decimal(18,2))\""
                    ),
                ));
            }
            kind if kind.is_numeric() || kind.is_null() => DataType::Decimal128(MONEY_PRECISION, MONEY_SCALE),
            _ => return Err(expected("a number", "map amount to a number")),
        },
        _ if holds(Holds::Truth) => match kind {
            DataType::Boolean => DataType::Boolean,
            _ => return Err(expected("true or false", &format!("write a comparison, as in {name} = \"kind = 'R'\""))),
        },
        _ if holds(Holds::Number) => match kind {
            kind if kind.is_numeric() || kind.is_null() => kind.clone(),
            _ => {
                let hint = format!(
                    "declare the file's column: types = {{ … = \"double\" }}, or write {name} = \"cast({expression} as double)\""
                );
                return Err(expected("a number", &hint));
            }
        },
        _ => match kind {
            DataType::LargeUtf8 | DataType::Utf8View => DataType::Utf8,
            DataType::Dictionary(_, inner) => inner.as_ref().clone(),
            DataType::Timestamp(..) => utc,
            other => other.clone(),
        },
    };
    Ok(Field::new(name, standard, true))
}

fn bad_value(column: &str, error: RowError) -> BadValue {
    let code = match error.kind {
        RowErrorKind::Overflow => "overflow",
        RowErrorKind::Value(code) => code,
        RowErrorKind::Conversion => "expression_failed",
    };
    BadValue { row: error.row, column: column.to_owned(), code, reason: error.reason }
}

fn in_source(error: Error, source: &Source, place: &str) -> Error {
    let message = format!("source {}: {place}: {}", source.name, error.message);
    Error { message, ..error }
}
