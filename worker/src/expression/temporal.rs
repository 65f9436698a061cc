//! Dates and points in time: literals, and casts that know the job's timezone.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, TimestampMicrosecondArray};
use arrow::compute::kernels::cast_utils::string_to_datetime;
use arrow::datatypes::{DataType, Date32Type, TimestampMicrosecondType};
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use chrono_tz::Tz;
use datafusion_common::{DataFusionError, Result as EngineResult, ScalarValue, exec_err};
use datafusion_expr::{ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};

use super::ExpressionError;
use super::operand::Operand;
use super::types::Family;
use super::zone::{LocalClock, instant_type, instants, midnights};

/// Reads a literal: a date, or a point in time, which is local unless it names a zone.
pub(super) fn literal(text: &str, zone: Tz) -> Result<ScalarValue, ExpressionError> {
    match text.trim().len() {
        0..=10 => date(text),
        _ => instant(text, zone),
    }
}

/// Reads a date literal.
pub(super) fn date(text: &str) -> Result<ScalarValue, ExpressionError> {
    let date = NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d").map_err(|_| {
        ExpressionError::new(format!("`{text}` is not a date")).with_hint("write it as date '2010-12-31'")
    })?;
    let days = date.signed_duration_since(NaiveDate::default()).num_days();
    Ok(ScalarValue::Date32(i32::try_from(days).ok()))
}

/// Reads a literal point in time.
pub(super) fn instant(text: &str, zone: Tz) -> Result<ScalarValue, ExpressionError> {
    match read_instant(text.trim(), &mut LocalClock::new(zone)) {
        Some(micros) => Ok(ScalarValue::TimestampMicrosecond(Some(micros), Some(zone.name().into()))),
        None => Err(ExpressionError::new(format!("`{text}` is not a timestamp"))
            .with_hint("write it as timestamp '2010-12-31 23:59:59'")),
    }
}

/// Gives a date or point in time as an instant; a date is its local midnight.
pub(super) fn to_instant(operand: Operand, zone: Tz) -> Result<Operand, ExpressionError> {
    let to = instant_type(zone);
    match operand.family() {
        Family::Date | Family::Text => instant_from(operand, zone, false),
        _ => operand.cast(&to),
    }
}

/// Casts text or dates to instants; with `lenient`, what cannot be read is null.
pub(super) fn instant_from(operand: Operand, zone: Tz, lenient: bool) -> Result<Operand, ExpressionError> {
    let to = instant_type(zone);
    if let (Expr::Literal(ScalarValue::Date32(Some(days)), _), Family::Date) = (&operand.expr, operand.family()) {
        let micros = LocalClock::new(zone).instant(i64::from(*days) * super::zone::DAY);
        let value = ScalarValue::TimestampMicrosecond(micros, Some(zone.name().into()));
        return Ok(Operand { position: operand.position, ..Operand::literal(value) });
    }
    let function = ScalarUDF::new_from_impl(ToInstant::new(zone, lenient));
    Ok(Operand { expr: function.call(vec![operand.expr]), data_type: to, position: operand.position })
}

/// Reads `2010-12-31 23:59:59.5`, with `T` and with a zone too.
fn read_instant(text: &str, clock: &mut LocalClock) -> Option<i64> {
    let names_zone = text.get(10..).is_some_and(|rest| {
        rest.char_indices().any(|(at, c)| c == '+' || c == '-' || (c.is_ascii_alphabetic() && (at > 0 || c != 'T')))
    });
    if let Ok(day) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        return clock.instant(day.and_time(chrono::NaiveTime::MIN).and_utc().timestamp_micros());
    }
    let read: Option<DateTime<Utc>> = string_to_datetime(&Utc, text).ok().or_else(|| {
        // Without seconds, which the reader above asks for.
        ["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"]
            .iter()
            .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
            .map(|naive| naive.and_utc())
    });
    let micros = read?.timestamp_micros();
    if names_zone { Some(micros) } else { clock.instant(micros) }
}

/// Text, dates and local times as instants.
#[derive(Debug, PartialEq, Eq, Hash)]
struct ToInstant {
    zone: Tz,
    lenient: bool,
    signature: Signature,
}

impl ToInstant {
    fn new(zone: Tz, lenient: bool) -> Self {
        Self { zone, lenient, signature: Signature::any(1, Volatility::Immutable) }
    }

    fn convert(&self, values: &ArrayRef) -> EngineResult<ArrayRef> {
        let converted = match values.data_type() {
            DataType::Date32 => midnights(values.as_primitive::<Date32Type>(), self.zone),
            DataType::Utf8 => self.read(values.as_string::<i32>().iter()),
            DataType::LargeUtf8 => self.read(values.as_string::<i64>().iter()),
            DataType::Utf8View => self.read(values.as_string_view().iter()),
            DataType::Timestamp(arrow::datatypes::TimeUnit::Microsecond, _) => {
                instants(values.as_primitive::<TimestampMicrosecondType>(), self.zone)
            }
            other => return exec_err!("no timestamp from {other}"),
        };
        if !self.lenient && converted.null_count() > values.logical_null_count() {
            return Err(DataFusionError::Execution("cannot cast text to a timestamp".to_owned()));
        }
        Ok(converted)
    }

    fn read<'a>(&self, texts: impl Iterator<Item = Option<&'a str>>) -> ArrayRef {
        let mut clock = LocalClock::new(self.zone);
        let read: TimestampMicrosecondArray =
            texts.map(|text| text.and_then(|text| read_instant(text, &mut clock))).collect();
        Arc::new(read.with_timezone(self.zone.name()))
    }
}

impl ScalarUDFImpl for ToInstant {
    fn name(&self) -> &str {
        "to_instant"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> EngineResult<DataType> {
        Ok(instant_type(self.zone))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> EngineResult<ColumnarValue> {
        let Some(argument) = args.args.first() else { return exec_err!("to_instant has one argument") };
        match argument {
            ColumnarValue::Array(values) => Ok(ColumnarValue::Array(self.convert(values)?)),
            ColumnarValue::Scalar(value) => {
                let converted = self.convert(&value.to_array()?)?;
                Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&converted, 0)?))
            }
        }
    }
}
