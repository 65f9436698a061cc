//! Which rows of a batch cannot be evaluated.

use arrow::array::{Array, ArrayRef, RecordBatch, new_null_array};
use arrow::compute::concat;
use arrow::error::ArrowError;
use datafusion_common::DataFusionError;
use datafusion_physical_expr::PhysicalExpr;
use segmenter_proto::{Error, Result};

use super::compile;
use super::faults::{Failed, fault_of};
use super::types::with_type_names;
use crate::values::ValueFault;

/// Why a row cannot be evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowErrorKind {
    /// A value does not have the type that a cast asks for.
    Conversion,
    /// A number is too large for its type.
    Overflow,
    /// A text or a number is no value of the type that is read, for a reason with this word for machines.
    Value(&'static str),
}

/// A row that cannot be evaluated; its value is null.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowError {
    /// Position in the batch, from 0.
    pub row: usize,
    /// Whose fault it is: the text of a cell, or the size of a number.
    pub kind: RowErrorKind,
    /// What happened, without any value of the row: those may be personal data.
    pub reason: String,
}

impl RowError {
    pub(crate) fn overflow(row: usize, reason: &str) -> Self {
        Self { row, kind: RowErrorKind::Overflow, reason: reason.to_owned() }
    }

    pub(crate) fn of(row: usize, fault: ValueFault) -> Self {
        Self { row, kind: RowErrorKind::Value(fault.code()), reason: Failed(fault).reason() }
    }
}

/// Evaluates all rows at once; where that fails, halves the rows until the bad ones are found. So a row is an error
/// exactly if it would be one alone, whatever stands beside it.
pub(crate) fn evaluate_rows(expr: &dyn PhysicalExpr, rows: &RecordBatch) -> Result<(ArrayRef, Vec<RowError>)> {
    if rows.num_rows() == 0 {
        let data_type = expr.data_type(rows.schema_ref()).map_err(|error| broken(&error))?;
        return Ok((new_null_array(&data_type, 0), Vec::new()));
    }
    if let Ok(values) = compile::value(expr, rows) {
        return Ok((values, Vec::new()));
    }
    let mut search = Search { expr, pieces: Vec::new(), errors: Vec::new() };
    search.halve(rows, 0)?;
    let pieces: Vec<&dyn Array> = search.pieces.iter().map(AsRef::as_ref).collect();
    let values = concat(&pieces).map_err(|error| broken(&DataFusionError::from(error)))?;
    Ok((values, search.errors))
}

struct Search<'a> {
    expr: &'a dyn PhysicalExpr,
    pieces: Vec<ArrayRef>,
    errors: Vec<RowError>,
}

impl Search<'_> {
    fn halve(&mut self, rows: &RecordBatch, start: usize) -> Result<()> {
        let error = match compile::value(self.expr, rows) {
            Ok(values) => {
                self.pieces.push(values);
                return Ok(());
            }
            Err(error) => error,
        };
        let count = rows.num_rows();
        if count > 1 {
            self.halve(&rows.slice(0, count / 2), start)?;
            return self.halve(&rows.slice(count / 2, count - count / 2), start + count / 2);
        }
        let (kind, reason) = explain(&error)?;
        let data_type = self.expr.data_type(rows.schema_ref()).map_err(|error| broken(&error))?;
        self.pieces.push(new_null_array(&data_type, 1));
        self.errors.push(RowError { row: start, kind, reason });
        Ok(())
    }
}

/// Says what happened to a row; an error that has nothing to do with values is a bug.
fn explain(error: &DataFusionError) -> Result<(RowErrorKind, String)> {
    let root = error.find_root();
    if let Some(failed) = fault_of(root) {
        return Ok((RowErrorKind::Value(failed.0.code()), failed.reason()));
    }
    let text = match root {
        DataFusionError::ArrowError(error, _) => match error.as_ref() {
            ArrowError::ArithmeticOverflow(_) => return Ok((RowErrorKind::Overflow, "arithmetic overflow".to_owned())),
            ArrowError::CastError(text)
            | ArrowError::ParseError(text)
            | ArrowError::ComputeError(text)
            | ArrowError::InvalidArgumentError(text) => text,
            ArrowError::DivideByZero => return Ok((RowErrorKind::Overflow, "division by zero".to_owned())),
            _ => return Err(broken(error.as_ref())),
        },
        DataFusionError::Execution(text) => text,
        other => return Err(broken(other)),
    };
    if text.to_lowercase().contains("overflow") {
        return Ok((RowErrorKind::Overflow, "arithmetic overflow".to_owned()));
    }
    Ok((RowErrorKind::Conversion, without_values(text)))
}

/// Cuts quoted values out of a message.
fn without_values(text: &str) -> String {
    // The engine's own apostrophe is no quote.
    let text = &text.replace("Can't", "cannot").replace("can't", "cannot");
    let is_quote = |c: char| matches!(c, '\'' | '"' | '`');
    let first_line = |text: &str| text.trim_start().lines().next().unwrap_or_default().to_owned();
    // A value may hold quotes and line breaks itself, so all goes that lies between the first quote and the last.
    let cut = match (text.find(is_quote), text.rfind(is_quote)) {
        (Some(from), Some(to)) if from < to => {
            format!("{} {}", first_line(&text[..from]), first_line(&text[to + 1..]))
        }
        (Some(from), _) => first_line(&text[..from]),
        _ => first_line(text),
    };
    // Numbers that do not fit are named without quotes.
    let cut = with_type_names(&cut);
    let words = cut.split_whitespace().map(|word| {
        let is_value = word.chars().any(|c| c.is_ascii_digit())
            && word.chars().all(|c| c.is_ascii_digit() || "+-.eE,:".contains(c));
        if is_value { "…" } else { word }
    });
    let mut reason = words.collect::<Vec<_>>().join(" ").trim_end_matches('.').to_owned();
    if let Some(first) = reason.get(..1) {
        reason = first.to_lowercase() + &reason[1..];
    }
    in_plain_words(&reason).unwrap_or(reason)
}

/// Says in words of SQL what the engine says of a cast in those of its kernels.
fn in_plain_words(reason: &str) -> Option<String> {
    let of_text = ["string", "value"].iter().find_map(|what| {
        reason.strip_prefix(&format!("cannot cast {what} to value of "))?.strip_suffix(" type").map(|to| ("text", to))
    });
    let of_number = || reason.strip_prefix("cannot cast value … to type ").map(|to| ("number", to));
    let (what, to) = of_text.or_else(of_number)?;
    Some(format!("the {what} cannot be cast to {to}"))
}

fn broken(error: &(dyn std::error::Error + 'static)) -> Error {
    Error::bug(format!("an expression cannot be evaluated: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_of_several_lines_leaves_nothing_behind() {
        let told = |value: &str| without_values(&format!("Cannot cast string '{value}' to value of Int64 type"));
        for value in ["secret", "secret\nlines", "it's\r\n\"secret\"", "\u{1b}[31msecret", "'", "\n"] {
            assert_eq!(told(value), "the text cannot be cast to int", "{value:?}");
        }
        assert_eq!(
            without_values("Cannot cast value 'maybe' to value of Boolean type"),
            "the text cannot be cast to bool"
        );
        assert_eq!(without_values("Can't cast value 300 to type Int8"), "the number cannot be cast to int");
        assert_eq!(without_values("cannot read 'secret\nlines"), "cannot read");
        assert_eq!(without_values("12.50 is too large\nbacktrace"), "… is too large");
    }
}
