//! Builds typed columns from text.

use super::rows::CellError;
use crate::values::{LocalClock, Place, TimeFormat, ValueFault, parse_bool, parse_decimal, parse_double, parse_int};
use arrow::array::{
    ArrayRef, BooleanBuilder, Date32Builder, Decimal128Builder, Float64Builder, Int64Builder, StringBuilder,
    TimestampMicrosecondBuilder,
};
use arrow::datatypes::{DataType, TimeUnit};
use chrono_tz::Tz;
use segmenter_proto::jobs::TextType;
use segmenter_proto::{Error, Result};
use std::sync::Arc;

/// A column of text that becomes values of its declared type.
#[derive(Debug)]
pub(super) struct CellColumn {
    name: Arc<str>,
    decimal: u8,
    /// Whether the job may say another one.
    csv: bool,
    cells: Cells,
}

#[derive(Debug)]
enum Cells {
    Text(StringBuilder),
    Bool(BooleanBuilder),
    Int(Int64Builder),
    Double(Float64Builder),
    Decimal(Decimal128Builder, u8, i8),
    Date(Date32Builder, TimeFormat),
    Timestamp(TimestampMicrosecondBuilder, TimeFormat, LocalClock),
}

impl CellColumn {
    /// Makes the column `name`; of CSV, `decimal` stands before fractions, elsewhere a point. Times without a zone are local in `timezone`.
    ///
    /// # Errors
    ///
    /// The job's fault where the declared type is not one.
    pub(super) fn new(name: &str, declared: &TextType, decimal: Option<char>, timezone: Tz) -> Result<Self> {
        let cells = match declared {
            TextType::Text => Cells::Text(StringBuilder::new()),
            TextType::Bool => Cells::Bool(BooleanBuilder::new()),
            TextType::Int => Cells::Int(Int64Builder::new()),
            TextType::Double => Cells::Double(Float64Builder::new()),
            TextType::Decimal(precision, scale) => {
                let builder = Decimal128Builder::new().with_precision_and_scale(*precision, *scale);
                let builder = builder.ok().filter(|_| *scale >= 0).ok_or_else(|| {
                    Error::job(format!("types.{name}: decimal({precision},{scale}) is not a type"))
                        .with_hint("at most 38 digits, and a scale from 0 to the number of digits")
                })?;
                Cells::Decimal(builder, *precision, *scale)
            }
            TextType::Date(format) => Cells::Date(Date32Builder::new(), time_format(format, name)?),
            TextType::Timestamp(format) => {
                let kind = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
                let builder = TimestampMicrosecondBuilder::new().with_data_type(kind);
                Cells::Timestamp(builder, time_format(format, name)?, LocalClock::new(timezone))
            }
        };
        let csv = decimal.is_some();
        let decimal = u8::try_from(decimal.unwrap_or('.'))
            .ok()
            .filter(u8::is_ascii)
            .ok_or_else(|| Error::job("csv.decimal must be one ASCII character"))?;
        Ok(Self { name: Arc::from(name), decimal, csv, cells })
    }

    /// Gives the file's own name of the column.
    pub(super) fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// Appends a cell; empty text is null. Text stays as it is; for other types blanks around it do not count.
    pub(super) fn push(&mut self, text: Option<&str>) -> Result<(), ValueFault> {
        let text = text.filter(|text| !text.is_empty());
        if let Cells::Text(builder) = &mut self.cells {
            builder.append_option(text);
            return Ok(());
        }
        let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else {
            self.push_null();
            return Ok(());
        };
        let pushed = self.push_value(text);
        if pushed.is_err() {
            self.push_null();
        }
        pushed
    }

    fn push_value(&mut self, text: &str) -> Result<(), ValueFault> {
        match &mut self.cells {
            Cells::Text(builder) => builder.append_value(text),
            Cells::Bool(builder) => builder.append_value(parse_bool(text)?),
            Cells::Int(builder) => builder.append_value(parse_int(text)?),
            Cells::Double(builder) => builder.append_value(parse_double(text, self.decimal)?),
            Cells::Decimal(builder, precision, scale) => {
                builder.append_value(parse_decimal(text, self.decimal, *precision, *scale)?);
            }
            Cells::Date(builder, format) => builder.append_value(format.date(text)?),
            Cells::Timestamp(builder, format, clock) => builder.append_value(format.instant(text, clock)?),
        }
        Ok(())
    }

    fn push_null(&mut self) {
        match &mut self.cells {
            Cells::Text(builder) => builder.append_null(),
            Cells::Bool(builder) => builder.append_null(),
            Cells::Int(builder) => builder.append_null(),
            Cells::Double(builder) => builder.append_null(),
            Cells::Decimal(builder, ..) => builder.append_null(),
            Cells::Date(builder, _) => builder.append_null(),
            Cells::Timestamp(builder, ..) => builder.append_null(),
        }
    }

    /// Says whether values are taken as they stand.
    pub(super) fn is_text(&self) -> bool {
        matches!(self.cells, Cells::Text(_))
    }

    /// Gives the column's values and starts the next batch.
    pub(super) fn finish(&mut self) -> ArrayRef {
        match &mut self.cells {
            Cells::Text(builder) => Arc::new(builder.finish()),
            Cells::Bool(builder) => Arc::new(builder.finish()),
            Cells::Int(builder) => Arc::new(builder.finish()),
            Cells::Double(builder) => Arc::new(builder.finish()),
            Cells::Decimal(builder, ..) => Arc::new(builder.finish()),
            Cells::Date(builder, _) => Arc::new(builder.finish()),
            Cells::Timestamp(builder, ..) => Arc::new(builder.finish()),
        }
    }

    /// Describes a cell that did not parse; its value is shown only where raw rows are asked for.
    pub(super) fn error(&self, row: usize, fault: ValueFault, text: Option<&str>) -> CellError {
        let expected = match (&self.cells, fault) {
            (Cells::Text(_), _) => "text".to_owned(),
            (Cells::Bool(_), _) => "true or false".to_owned(),
            (Cells::Int(_), ValueFault::OutOfRange) => "an integer of 64 bits".to_owned(),
            (Cells::Int(_), _) => "an integer".to_owned(),
            (Cells::Double(_), _) => format!("a finite number with decimal {:?}", char::from(self.decimal)),
            (Cells::Decimal(_, precision, scale), _) => {
                format!("a decimal({precision},{scale}) with decimal {:?}", char::from(self.decimal))
            }
            (Cells::Date(_, format), _) => format!("a date as {}", format.pattern()),
            (Cells::Timestamp(_, format, _), _) => format!("a time as {}", format.pattern()),
        };
        let other_order = match &self.cells {
            Cells::Date(_, format) | Cells::Timestamp(_, format, _) if fault == ValueFault::OtherOrder => {
                format.other_order()
            }
            _ => None,
        };
        let place = Place::Declared { column: &sql_name(&self.name), csv: self.csv };
        let what = fault.found(place).map(|what| match other_order {
            Some(format) => format!("{what}: {format} reads it"),
            None => what,
        });
        let found = match (what, text) {
            (Some(what), Some(text)) => format!(", found {what} ({text:?})"),
            (Some(what), None) => format!(", found {what}"),
            (None, Some(text)) => format!(", found {text:?}"),
            (None, None) => String::new(),
        };
        CellError {
            row,
            column: Arc::clone(&self.name),
            reason_code: fault.code(),
            reason: format!("expected {expected}{found}"),
        }
    }
}

fn time_format(format: &str, column: &str) -> Result<TimeFormat> {
    TimeFormat::compile(format)
        .map_err(|error| Error::job(format!("types.{column}: {}", error.message)).with_hint(error.hint))
}

/// Gives a column's name as SQL has it: quoted, unless it is a plain word.
fn sql_name(name: &str) -> String {
    let plain = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if plain { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

#[cfg(test)]
#[path = "advice_tests.rs"]
mod tests;
