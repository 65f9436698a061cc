//! The columns of a batch as expressions see them, and results as the rest of the program sees them.
//!
//! Within an expression text is Utf8, points in time are microseconds in the job's timezone, decimals have 128 bits, and
//! floats are numbers or null, and zero has no sign. What already is so is not copied.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Decimal128Array, PrimitiveArray, RecordBatch, RecordBatchOptions};
use arrow::compute::cast;
use arrow::datatypes::{
    ArrowPrimitiveType, DataType, Date32Type, Decimal128Type, Field, Float32Type, Float64Type, Schema, SchemaRef,
    TimeUnit, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType,
};
use arrow::error::ArrowError;
use chrono_tz::Tz;
use segmenter_proto::{Error, Result};

use super::scope::Scope;
use super::zone::{instant_type, instants};
use crate::values::{TimeUnit as CountedUnit, date_in_range, time_in_range};

/// The columns that an expression uses.
#[derive(Debug)]
pub(crate) struct Input {
    /// The columns as the expression sees them.
    schema: SchemaRef,
    /// Where each stood in the schema it was parsed with.
    places: Vec<usize>,
    zone: Tz,
}

/// Gives the schema that expressions over `schema` see.
pub(crate) fn seen(schema: &Schema, zone: Tz) -> SchemaRef {
    let fields = schema.fields().iter().map(|field| Field::new(field.name(), seen_type(field.data_type(), zone), true));
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

impl Input {
    /// Keeps the columns `names` of a schema made by [`seen`].
    pub(crate) fn new(schema: &SchemaRef, names: &[String], zone: Tz) -> Self {
        let found = names.iter().filter_map(|name| schema.fields().find(name));
        let (places, fields): (Vec<usize>, Vec<_>) = found.map(|(place, field)| (place, Arc::clone(field))).unzip();
        Self { schema: Arc::new(Schema::new(fields)), places, zone }
    }

    pub(crate) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Says that batches have the columns where they stand in a scope.
    pub(crate) fn stand_as_in(&mut self, scope: &Scope<'_>) {
        let places = self.schema.fields().iter().zip(&self.places);
        self.places = places.map(|(field, place)| scope.place(field.name()).unwrap_or(*place)).collect();
    }

    /// Takes the columns out of a batch that has at least them, in any order.
    pub(crate) fn take(&self, rows: &RecordBatch) -> Result<RecordBatch> {
        let columns = (0..self.places.len()).map(|i| self.column(rows, i)).collect::<Result<Vec<_>>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(rows.num_rows()));
        RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options).map_err(not_as_parsed)
    }

    /// Gives column `i` as it stands in the batch.
    pub(crate) fn original<'a>(&self, rows: &'a RecordBatch, i: usize) -> Result<&'a ArrayRef> {
        let (field, place) = (self.schema.field(i), self.places[i]);
        match rows.schema_ref().fields().get(place) {
            Some(there) if there.name() == field.name() => Ok(rows.column(place)),
            _ => rows
                .column_by_name(field.name())
                .ok_or_else(|| Error::bug(format!("an expression needs the column `{}`", field.name()))),
        }
    }

    /// Takes column `i`.
    pub(crate) fn column(&self, rows: &RecordBatch, i: usize) -> Result<ArrayRef> {
        let field = self.schema.field(i);
        let column = prepare(self.original(rows, i)?, self.zone).map_err(not_as_parsed)?;
        if column.data_type() == field.data_type() {
            return Ok(column);
        }
        let (found, expected) = (column.data_type(), field.data_type());
        Err(Error::bug(format!("column `{}` is {found}, an expression expects {expected}", field.name())))
    }
}

/// Gives the unit in which the number at `row` of a column of the file would be a time, where in its own it is none.
pub(crate) fn unit_that_fits(column: &ArrayRef, row: usize) -> Option<CountedUnit> {
    let DataType::Timestamp(unit, _) = column.data_type() else { return None };
    let (unit, number) = match unit {
        TimeUnit::Second => (CountedUnit::Seconds, column.as_primitive::<TimestampSecondType>().value(row)),
        TimeUnit::Millisecond => {
            (CountedUnit::Milliseconds, column.as_primitive::<TimestampMillisecondType>().value(row))
        }
        TimeUnit::Microsecond => {
            (CountedUnit::Microseconds, column.as_primitive::<TimestampMicrosecondType>().value(row))
        }
        TimeUnit::Nanosecond => return None,
    };
    unit.that_fits(number.into())
}

fn not_as_parsed(error: ArrowError) -> Error {
    Error::bug("a batch does not fit the expression's schema").caused_by(error)
}

/// Gives the type of a column as expressions see it.
pub(crate) fn seen_type(data_type: &DataType, zone: Tz) -> DataType {
    match data_type {
        DataType::LargeUtf8 | DataType::Utf8View => DataType::Utf8,
        DataType::Timestamp(..) => instant_type(zone),
        DataType::Date64 => DataType::Date32,
        DataType::Float16 => DataType::Float32,
        DataType::Decimal32(p, s) | DataType::Decimal64(p, s) => DataType::Decimal128(*p, *s),
        DataType::Dictionary(_, values) => seen_type(values, zone),
        other => other.clone(),
    }
}

/// Gives a column as expressions see it.
pub(crate) fn prepare(column: &ArrayRef, zone: Tz) -> Result<ArrayRef, ArrowError> {
    match column.data_type() {
        DataType::Timestamp(unit, _) => Ok(match unit {
            TimeUnit::Second => instants(column.as_primitive::<TimestampSecondType>(), zone),
            TimeUnit::Millisecond => instants(column.as_primitive::<TimestampMillisecondType>(), zone),
            TimeUnit::Microsecond => instants(column.as_primitive::<TimestampMicrosecondType>(), zone),
            TimeUnit::Nanosecond => instants(column.as_primitive::<TimestampNanosecondType>(), zone),
        }),
        DataType::Float64 => Ok(plain(column.as_primitive::<Float64Type>(), column, plain_double)),
        DataType::Float32 => Ok(plain(column.as_primitive::<Float32Type>(), column, plain_float)),
        DataType::Dictionary(_, values) => prepare(&cast(column, values)?, zone),
        other => {
            let to = seen_type(other, zone);
            if to == *other { Ok(Arc::clone(column)) } else { prepare(&cast(column, &to)?, zone) }
        }
    }
}

/// Turns each value into what `plain` makes of it; the same array where nothing changes.
fn plain<T: ArrowPrimitiveType>(
    values: &PrimitiveArray<T>,
    same: &ArrayRef,
    plain: impl Fn(T::Native) -> (bool, Option<T::Native>),
) -> ArrayRef {
    if values.values().iter().all(|value| plain(*value).0) {
        return Arc::clone(same);
    }
    Arc::new(values.unary_opt::<_, T>(|value| plain(value).1))
}

/// Gives whether a number is plain, and itself without the sign of zero; NaN and infinities are none.
fn plain_double(value: f64) -> (bool, Option<f64>) {
    let plain = value.is_finite() && !(value == 0.0 && value.is_sign_negative());
    (plain, value.is_finite().then_some(value + 0.0))
}

fn plain_float(value: f32) -> (bool, Option<f32>) {
    let plain = value.is_finite() && !(value == 0.0 && value.is_sign_negative());
    (plain, value.is_finite().then_some(value + 0.0))
}

/// Gives the type of a result outside of expressions.
pub(crate) fn result_type(data_type: &DataType) -> DataType {
    match data_type {
        DataType::LargeUtf8 | DataType::Utf8View => DataType::Utf8,
        DataType::Timestamp(unit, Some(_)) => DataType::Timestamp(*unit, Some("UTC".into())),
        other => other.clone(),
    }
}

/// Gives a result as the rest of the program sees it; values that are too large (infinite floats, decimals of more
/// digits than their type has) become null, and so do times beyond the years 1 to 9999.
pub(crate) fn finish(result: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    match result.data_type() {
        DataType::LargeUtf8 | DataType::Utf8View => cast(result, &DataType::Utf8),
        DataType::Timestamp(TimeUnit::Microsecond, Some(_)) => {
            let times = result.as_primitive::<TimestampMicrosecondType>();
            let in_range = times.iter().flatten().all(time_in_range);
            let times = match in_range {
                true => times.clone(),
                false => times.unary_opt::<_, TimestampMicrosecondType>(|time| time_in_range(time).then_some(time)),
            };
            Ok(Arc::new(times.with_timezone("UTC")))
        }
        DataType::Timestamp(_, Some(_)) => cast(result, &result_type(result.data_type())),
        DataType::Float64 => Ok(plain(result.as_primitive::<Float64Type>(), result, plain_double)),
        DataType::Float32 => Ok(plain(result.as_primitive::<Float32Type>(), result, plain_float)),
        DataType::Date32 => {
            let days = result.as_primitive::<Date32Type>();
            if days.iter().flatten().all(date_in_range) {
                return Ok(Arc::clone(result));
            }
            Ok(Arc::new(days.unary_opt::<_, Date32Type>(|day| date_in_range(day).then_some(day))))
        }
        DataType::Decimal128(precision, _) => {
            let decimals: &Decimal128Array = result.as_primitive::<Decimal128Type>();
            let limit = 10_u128.checked_pow(u32::from(*precision)).unwrap_or(u128::MAX);
            if decimals.values().iter().all(|value| value.unsigned_abs() < limit) {
                return Ok(Arc::clone(result));
            }
            Ok(Arc::new(decimals.null_if_overflow_precision(*precision)))
        }
        _ => Ok(Arc::clone(result)),
    }
}

/// Does what [`finish`] does, and keeps the form that expressions see.
pub(crate) fn in_range(values: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    let finished = finish(values)?;
    match (values.data_type(), finished.data_type()) {
        (DataType::Timestamp(TimeUnit::Microsecond, zone), DataType::Timestamp(TimeUnit::Microsecond, _)) => {
            let times = finished.as_primitive::<TimestampMicrosecondType>().clone();
            Ok(Arc::new(times.with_timezone_opt(zone.clone())))
        }
        _ => Ok(finished),
    }
}
