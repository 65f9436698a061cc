//! Dates and points in time: literals, and casts that know the job's timezone.

use arrow::array::{Array, ArrayRef, AsArray, new_null_array};
use arrow::compute::kernels::cast_utils::string_to_datetime;
use arrow::datatypes::{DataType, Date32Type, TimestampMicrosecondType};
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use chrono_tz::Tz;
use datafusion_common::{Result as EngineResult, ScalarValue, exec_err};
use datafusion_expr::{ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};

use super::ExpressionError;
use super::operand::Operand;
use super::types::Family;
use super::value_functions::Reading;
use super::zone::{instant_type, instants, midnights};
use crate::values::{LocalClock, ValueFault, instant_in, number_of_time, time_in_range};

/// Reads a literal: a date, or a point in time, which is local unless it names a zone.
pub(super) fn literal(text: &str, zone: Tz) -> Result<ScalarValue, ExpressionError> {
    match text.trim().len() {
        0..=10 => date(text),
        _ => instant(text, zone),
    }
}

/// Reads a date literal.
pub(super) fn date(text: &str) -> Result<ScalarValue, ExpressionError> {
    let wrong = || ExpressionError::new(format!("`{text}` is not a date")).with_hint("write it as date '2010-12-31'");
    // A year has four digits, as everywhere.
    let whole = Some(text.trim()).filter(|text| text.len() == 10).ok_or_else(wrong)?;
    let date = NaiveDate::parse_from_str(whole, "%Y-%m-%d").map_err(|_| wrong())?;
    Ok(ScalarValue::Date32(Some(date.to_epoch_days())))
}

/// Reads a literal point in time.
pub(super) fn instant(text: &str, zone: Tz) -> Result<ScalarValue, ExpressionError> {
    match read_instant(text.trim(), &mut LocalClock::new(zone)) {
        Ok(micros) => Ok(ScalarValue::TimestampMicrosecond(Some(micros), Some(zone.name().into()))),
        Err(_) => Err(ExpressionError::new(format!("`{text}` is not a timestamp"))
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
        let micros = LocalClock::new(zone).to_utc(i64::from(*days) * super::zone::DAY);
        let value = ScalarValue::TimestampMicrosecond(Some(micros), Some(zone.name().into()));
        return Ok(Operand { position: operand.position, ..Operand::literal(value) });
    }
    if operand.family() == Family::Text {
        return Ok(Reading::SqlInstant.call(operand, lenient, zone));
    }
    let function = ScalarUDF::new_from_impl(ToInstant::new(zone));
    Ok(Operand { expr: function.call(vec![operand.expr]), data_type: to, position: operand.position })
}

/// Reads `2010-12-31 23:59:59.5`, with `T` and with a zone too.
pub(super) fn read_instant(text: &str, clock: &mut LocalClock) -> Result<i64, ValueFault> {
    let wrong = || number_of_time(text).unwrap_or(ValueFault::NotATimestamp);
    let after_date = text.get(10..).unwrap_or_default();
    let is_word = |(at, c): &(usize, char)| c.is_ascii_alphabetic() && (*at > 0 || !"Tt".contains(*c));
    let (stamp, word) = match after_date.char_indices().find(is_word) {
        Some((at, _)) => (text[..10 + at].trim_end(), Some(&text[10 + at..])),
        None => (text, None),
    };
    let read: Option<DateTime<Utc>> = string_to_datetime(&Utc, stamp).ok().or_else(|| {
        // Without seconds, which the reader above asks for.
        ["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"]
            .iter()
            .find_map(|format| NaiveDateTime::parse_from_str(stamp, format).ok())
            .map(|naive| naive.and_utc())
    });
    let micros = read.ok_or_else(wrong)?.timestamp_micros();
    let instant = match word {
        Some(word) if ["am", "pm"].contains(&word.to_lowercase().as_str()) => return Err(wrong()),
        Some(word) => instant_in(word, micros, clock.timezone()).ok_or(ValueFault::UnknownZone)?,
        None if after_date.contains(['+', '-']) => micros,
        None => clock.to_utc(micros),
    };
    if time_in_range(instant) { Ok(instant) } else { Err(ValueFault::TimeOutOfRange(None)) }
}

/// Dates and local times as instants.
#[derive(Debug, PartialEq, Eq, Hash)]
struct ToInstant {
    zone: Tz,
    signature: Signature,
}

impl ToInstant {
    fn new(zone: Tz) -> Self {
        Self { zone, signature: Signature::any(1, Volatility::Immutable) }
    }

    fn convert(&self, values: &ArrayRef) -> EngineResult<ArrayRef> {
        match values.data_type() {
            DataType::Null => Ok(new_null_array(&instant_type(self.zone), values.len())),
            DataType::Date32 => Ok(midnights(values.as_primitive::<Date32Type>(), self.zone)),
            DataType::Timestamp(arrow::datatypes::TimeUnit::Microsecond, _) => {
                Ok(instants(values.as_primitive::<TimestampMicrosecondType>(), self.zone))
            }
            other => exec_err!("no timestamp from {other}"),
        }
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
