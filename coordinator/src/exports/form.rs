//! Rows as text.

use crate::prompt::{Cells, NdjsonColumns, csv_line};
use arrow::{
    array::RecordBatch,
    datatypes::{DataType, SchemaRef},
};
use segmenter_proto::{
    Result,
    jobs::{Delivery, ExportFormat},
};

/// How a row is written.
#[derive(Debug)]
pub(super) struct Form {
    /// What every file begins with.
    pub(super) head: String,
    written: Written,
}

#[derive(Debug)]
enum Written {
    /// Columns of text that people open in a spreadsheet are marked.
    Csv(Vec<bool>),
    Ndjson(NdjsonColumns),
}

impl Form {
    /// Gives the form of a delivery; rows of Parquet are compared as NDJSON, which has every digit.
    pub(super) fn of(delivery: &Delivery, schema: &SchemaRef) -> Self {
        match delivery.format {
            ExportFormat::Csv => {
                let is_text = |kind: &DataType| *kind == DataType::Utf8;
                let open = schema.fields().iter().map(|field| delivery.for_people && is_text(field.data_type()));
                let head = csv_line(schema.fields().iter().map(|field| Some(field.name().as_str())));
                Self { head, written: Written::Csv(open.collect()) }
            }
            ExportFormat::Ndjson | ExportFormat::Parquet => {
                Self { head: String::new(), written: Written::Ndjson(NdjsonColumns::of(schema)) }
            }
        }
    }

    /// Gives the lines of rows.
    ///
    /// # Errors
    /// Bug only.
    pub(super) fn lines(&self, rows: &RecordBatch) -> Result<Vec<String>> {
        let cells = Cells::of(rows)?;
        let line = |row: usize| {
            let values = cells.row(row)?;
            Ok(match &self.written {
                Written::Ndjson(columns) => columns.line(values),
                Written::Csv(open) => {
                    let values = values.into_iter().zip(open);
                    let values: Vec<Option<String>> = values
                        .map(|(value, open)| value.map(|text| if *open { harmless(text) } else { text }))
                        .collect();
                    csv_line(values.iter().map(Option::as_deref))
                }
            })
        };
        (0..cells.rows()).map(line).collect()
    }
}

/// Puts an apostrophe in front of what a spreadsheet would run: texts that begin with one of `= + - @`, a tab or a carriage return. A sign in front of
/// digits alone is a number, or a telephone number, and stays.
fn harmless(text: String) -> String {
    let is_number = |text: &str| {
        text.strip_prefix(['+', '-'])
            .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|digit| digit.is_ascii_digit()))
    };
    match text.starts_with(['=', '+', '-', '@', '\t', '\r']) && !is_number(&text) {
        true => format!("'{text}"),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_run_gets_an_apostrophe_and_numbers_do_not() {
        for formula in ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "+", "-"] {
            assert_eq!(harmless(formula.to_owned()), format!("'{formula}"));
        }
        for text in ["+48600100200", "-5", "Anna", "", "1-2", "a=b"] {
            assert_eq!(harmless(text.to_owned()), text);
        }
    }
}
