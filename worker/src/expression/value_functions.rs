//! Functions that read values out of text and numbers as the readers of files do, and say why they cannot.

use arrow::array::{Array, ArrayRef, AsArray, Date32Array, Decimal128Array, StringArray, TimestampMicrosecondArray};
use arrow::compute::cast;
use arrow::compute::kernels::cast_utils::Parser;
use arrow::datatypes::{DataType, Date32Type, Decimal128Type, Float64Type, Int64Type};
use chrono_tz::Tz;
use datafusion_common::{DataFusionError, Result as EngineResult, ScalarValue, exec_err};
use datafusion_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};
use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use super::faults::failed;
use super::operand::Operand;
use super::temporal::read_instant;
use super::zone::instant_type;
use crate::values::{
    LocalClock, TimeFormat, TimeUnit, ValueFault, date_in_range, from_serial, number_of_time, parse_decimal,
};

/// What is read.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Reading {
    /// A date out of text.
    Date(Format),
    /// A point in time out of text.
    Instant(Format),
    /// A date out of text as SQL writes it.
    SqlDate,
    /// A point in time out of text as SQL writes it.
    SqlInstant,
    /// A decimal of this precision and scale out of text.
    Decimal(u8, i8),
    /// A point in time out of a number that counts from 1970.
    Since1970(TimeUnit),
    /// A local time out of a number as spreadsheets keep dates.
    Serial,
    /// A text in this form of Unicode.
    Normalized(Form),
}

/// A form of Unicode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Form {
    Nfc,
    Nfd,
    Nfkc,
    Nfkd,
}

/// A compiled format; equal formats have equal patterns.
#[derive(Debug, Clone)]
pub(super) struct Format(Arc<TimeFormat>);

impl Format {
    pub(super) fn new(format: TimeFormat) -> Self {
        Self(Arc::new(format))
    }
}

impl PartialEq for Format {
    fn eq(&self, other: &Self) -> bool {
        self.0.pattern() == other.0.pattern()
    }
}

impl Eq for Format {}

impl Hash for Format {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.pattern().hash(state);
    }
}

impl Reading {
    /// Reads `argument`; what cannot be read is an error of its row, or null with `lenient`.
    pub(super) fn call(self, argument: Operand, lenient: bool, zone: Tz) -> Operand {
        let signature = Signature::any(1, Volatility::Immutable);
        let data_type = self.data_type(zone);
        let function = ScalarUDF::new_from_impl(ValueFunction { reading: self, lenient, zone, signature });
        Operand { expr: function.call(vec![argument.expr]), data_type, position: argument.position }
    }

    fn data_type(&self, zone: Tz) -> DataType {
        match self {
            Self::Date(_) | Self::SqlDate => DataType::Date32,
            Self::Instant(_) | Self::SqlInstant | Self::Since1970(_) | Self::Serial => instant_type(zone),
            Self::Decimal(precision, scale) => DataType::Decimal128(*precision, *scale),
            Self::Normalized(_) => DataType::Utf8,
        }
    }
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct ValueFunction {
    reading: Reading,
    lenient: bool,
    zone: Tz,
    signature: Signature,
}

impl ValueFunction {
    fn convert(&self, values: &ArrayRef) -> EngineResult<ArrayRef> {
        if values.data_type() == &DataType::Null {
            return Ok(arrow::array::new_null_array(&self.reading.data_type(self.zone), values.len()));
        }
        Ok(match &self.reading {
            Reading::Date(format) => {
                Arc::new(self.read_texts(values, |text| format.0.date(text))?.collect::<EngineResult<Date32Array>>()?)
            }
            Reading::Instant(format) => {
                let mut clock = LocalClock::new(self.zone);
                self.instants(self.read_texts(values, |text| format.0.instant(text, &mut clock))?)?
            }
            Reading::SqlDate => Arc::new(self.read_texts(values, sql_date)?.collect::<EngineResult<Date32Array>>()?),
            Reading::SqlInstant => {
                let mut clock = LocalClock::new(self.zone);
                self.instants(self.read_texts(values, |text| read_instant(text, &mut clock))?)?
            }
            Reading::Decimal(precision, scale) => {
                let read = self.read_texts(values, |text| match text {
                    // As every cast, and unlike a file, where a cell is empty that has no value.
                    "" => Err(ValueFault::NotADecimal(None)),
                    text => parse_decimal(text, b'.', *precision, *scale),
                })?;
                let decimals = read.collect::<EngineResult<Decimal128Array>>()?;
                Arc::new(decimals.with_precision_and_scale(*precision, *scale)?)
            }
            Reading::Since1970(unit) => self.since_1970(values, *unit)?,
            Reading::Serial => {
                let mut clock = LocalClock::new(self.zone);
                let serials = cast(values, &DataType::Float64)?;
                let serials = serials.as_primitive::<Float64Type>().iter();
                let read = serials.map(|serial| match serial.map(from_serial) {
                    Some(local) => self.kept(local.map(|local| clock.to_utc(local)).ok_or(ValueFault::NotASerial)),
                    None => Ok(None),
                });
                self.instants(read)?
            }
            Reading::Normalized(form) => Arc::new(normalized(values.as_string::<i32>(), *form)),
        })
    }

    /// Reads each text, blanks around it left out.
    fn read_texts<'a, T>(
        &'a self,
        values: &'a ArrayRef,
        mut read: impl FnMut(&str) -> Result<T, ValueFault> + 'a,
    ) -> EngineResult<impl Iterator<Item = EngineResult<Option<T>>> + 'a> {
        let Some(texts) = values.as_string_opt::<i32>() else {
            return exec_err!("{} takes text, not {}", self.name(), values.data_type());
        };
        let blank_is_null = matches!(self.reading, Reading::Date(_) | Reading::Instant(_));
        Ok(texts.iter().map(move |text| match text.map(str::trim) {
            None => Ok(None),
            Some("") if blank_is_null => Ok(None),
            Some(text) => self.kept(read(text)),
        }))
    }

    fn kept<T>(&self, read: Result<T, ValueFault>) -> EngineResult<Option<T>> {
        match read {
            Ok(value) => Ok(Some(value)),
            Err(_) if self.lenient => Ok(None),
            Err(fault) => Err(failed(fault)),
        }
    }

    fn instants(&self, read: impl Iterator<Item = EngineResult<Option<i64>>>) -> EngineResult<ArrayRef> {
        let instants = read.collect::<EngineResult<TimestampMicrosecondArray>>()?;
        Ok(Arc::new(instants.with_timezone(self.zone.name())))
    }

    fn since_1970(&self, values: &ArrayRef, unit: TimeUnit) -> EngineResult<ArrayRef> {
        let read = |whole: i128, micros: Option<i128>| {
            let micros = micros.and_then(|micros| TimeUnit::Microseconds.micros(micros));
            self.kept(micros.ok_or_else(|| ValueFault::TimeOutOfRange(unit.that_fits(whole))))
        };
        let scaled = |value: i128, unit_value: i128| {
            Some(value.checked_mul(1_000_000)?.div_euclid(unit.per_second().checked_mul(unit_value)?))
        };
        match values.data_type() {
            DataType::Decimal128(_, scale) if *scale >= 0 => {
                let one = 10_i128.pow(scale.unsigned_abs().into());
                let numbers = values.as_primitive::<Decimal128Type>().iter();
                self.instants(numbers.map(|number| match number {
                    Some(number) => read(number.div_euclid(one), scaled(number, one)),
                    None => Ok(None),
                }))
            }
            kind if kind.is_floating() => {
                let numbers = cast(values, &DataType::Float64)?;
                let factor = 1e6 / unit.per_second() as f64;
                // Beyond 2¹²⁷ the conversion saturates, which is out of range as well.
                self.instants(numbers.as_primitive::<Float64Type>().iter().map(|number| match number {
                    // It would become 0, which is a time.
                    Some(number) if number.is_nan() => self.kept(Err(ValueFault::TimeOutOfRange(None))),
                    Some(number) => read(number as i128, Some((number * factor).round() as i128)),
                    None => Ok(None),
                }))
            }
            _ => {
                let numbers = cast(values, &DataType::Int64)?;
                self.instants(numbers.as_primitive::<Int64Type>().iter().map(|number| match number {
                    Some(number) => read(number.into(), scaled(number.into(), 1)),
                    None => Ok(None),
                }))
            }
        }
    }
}

fn sql_date(text: &str) -> Result<i32, ValueFault> {
    let day = Date32Type::parse(text).ok_or_else(|| number_of_time(text).unwrap_or(ValueFault::NotADate))?;
    if date_in_range(day) { Ok(day) } else { Err(ValueFault::TimeOutOfRange(None)) }
}

fn normalized(texts: &StringArray, form: Form) -> StringArray {
    let (nfc, nfkc) = (ComposingNormalizerBorrowed::new_nfc(), ComposingNormalizerBorrowed::new_nfkc());
    let (nfd, nfkd) = (DecomposingNormalizerBorrowed::new_nfd(), DecomposingNormalizerBorrowed::new_nfkd());
    let normalize = |text| match form {
        Form::Nfc => nfc.normalize(text),
        Form::Nfd => nfd.normalize(text),
        Form::Nfkc => nfkc.normalize(text),
        Form::Nfkd => nfkd.normalize(text),
    };
    texts.iter().map(|text| text.map(normalize)).collect()
}

impl ScalarUDFImpl for ValueFunction {
    fn name(&self) -> &str {
        match self.reading {
            Reading::Date(_) | Reading::SqlDate => "to_date",
            Reading::Instant(_) | Reading::SqlInstant => "to_timestamp",
            Reading::Decimal(..) => "to_decimal",
            Reading::Since1970(unit) => unit.function(),
            Reading::Serial => "from_excel_serial",
            Reading::Normalized(_) => "normalize",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> EngineResult<DataType> {
        Ok(self.reading.data_type(self.zone))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> EngineResult<ColumnarValue> {
        match args.args.first() {
            Some(ColumnarValue::Array(values)) => Ok(ColumnarValue::Array(self.convert(values)?)),
            Some(ColumnarValue::Scalar(value)) => {
                let converted = self.convert(&value.to_array()?)?;
                Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&converted, 0)?))
            }
            None => Err(DataFusionError::Execution(format!("{} has one argument", self.name()))),
        }
    }
}
