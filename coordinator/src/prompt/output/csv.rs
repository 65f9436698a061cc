//! CSV: a header, commas, quotes where they are needed; null is empty, and an empty text is `""`.

use super::{Rows, cells::Cells, target::Target};
use arrow::{array::RecordBatch, datatypes::SchemaRef};
use segmenter_proto::Result;

/// Writes CSV.
#[derive(Debug)]
pub(super) struct Csv {
    /// The header, until it is written.
    header: Option<String>,
}

impl Csv {
    pub(super) fn new(schema: &SchemaRef) -> Self {
        Self { header: Some(line(schema.fields().iter().map(|field| Some(field.name().as_str())))) }
    }

    fn head(&mut self, to: &mut Target) -> Result<bool> {
        match self.header.take() {
            Some(header) => to.put(header.as_bytes()),
            None => Ok(true),
        }
    }
}

impl Rows for Csv {
    fn rows(&mut self, rows: &RecordBatch, to: &mut Target) -> Result<bool> {
        let mut goes_on = self.head(to)?;
        let cells = Cells::of(rows)?;
        for row in 0..cells.rows() {
            let values = cells.row(row)?;
            goes_on = goes_on && to.put(line(values.iter().map(Option::as_deref)).as_bytes())?;
        }
        Ok(goes_on)
    }

    fn end(&mut self, to: &mut Target) -> Result<bool> {
        self.head(to)
    }
}

/// Gives a line of CSV with its end; null is empty, and an empty text `""`.
pub(crate) fn line<'a>(values: impl ExactSizeIterator<Item = Option<&'a str>>) -> String {
    // Many readers pass over an empty line, and with it over a row.
    let is_only = values.len() == 1;
    let mut text = String::new();
    for (at, value) in values.enumerate() {
        if at > 0 {
            text.push(',');
        }
        match value {
            None if is_only => text.push_str("\"\""),
            None => {}
            Some(value) if needs_quotes(value) => {
                text.push('"');
                text.push_str(&value.replace('"', "\"\""));
                text.push('"');
            }
            Some(value) => text.push_str(value),
        }
    }
    text.push('\n');
    text
}

fn needs_quotes(value: &str) -> bool {
    value.is_empty() || value.contains([',', '"', '\n', '\r']) || value.starts_with(' ') || value.ends_with(' ')
}
