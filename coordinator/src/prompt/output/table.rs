//! A table for people: aligned columns, as wide as the first rows need.

use super::{
    Rows,
    cells::{Cells, is_number},
    target::Target,
};
use arrow::{array::RecordBatch, datatypes::SchemaRef};
use segmenter_proto::Result;
use segmenter_worker::program::printable;

/// Rows that decide how wide the columns are; those that come later go out as they come.
const MEASURED: usize = 1000;
/// How null is shown.
const NULL: &str = "null";

/// Writes a table.
#[derive(Debug)]
pub(super) struct Table {
    names: Vec<String>,
    /// Whether a column stands at its right side.
    right: Vec<bool>,
    /// Rows that are not written, until the widths are known.
    waiting: Vec<Vec<String>>,
    /// None until they are known.
    widths: Option<Vec<usize>>,
}

impl Table {
    pub(super) fn new(schema: &SchemaRef) -> Self {
        let fields = schema.fields();
        Self {
            names: fields.iter().map(|field| printable(field.name()).into_owned()).collect(),
            right: fields.iter().map(|field| is_number(field.data_type())).collect(),
            waiting: Vec::new(),
            widths: None,
        }
    }

    /// Measures what is waiting and writes it.
    fn begin(&mut self, to: &mut Target) -> Result<bool> {
        let waiting = std::mem::take(&mut self.waiting);
        let mut widths: Vec<usize> = self.names.iter().map(|name| length(name)).collect();
        for row in &waiting {
            for (width, value) in widths.iter_mut().zip(row) {
                *width = (*width).max(length(value));
            }
        }
        let rule: Vec<String> = widths.iter().map(|width| "─".repeat(*width)).collect();
        self.widths = Some(widths);
        let mut goes_on = self.put(&self.names, to)? && self.put(&rule, to)?;
        for row in &waiting {
            goes_on = goes_on && self.put(row, to)?;
        }
        Ok(goes_on)
    }

    fn put(&self, row: &[String], to: &mut Target) -> Result<bool> {
        let widths = self.widths.as_deref().unwrap_or_default();
        let cells = row.iter().zip(widths).zip(&self.right).map(|((value, width), right)| {
            let room = " ".repeat(width.saturating_sub(length(value)));
            if *right { format!("{room}{value}") } else { format!("{value}{room}") }
        });
        let line = cells.collect::<Vec<_>>().join("  ");
        to.put(format!("{}\n", line.trim_end()).as_bytes())
    }
}

impl Rows for Table {
    fn rows(&mut self, rows: &RecordBatch, to: &mut Target) -> Result<bool> {
        let cells = Cells::of(rows)?;
        let mut goes_on = true;
        for row in 0..cells.rows() {
            let shown =
                |value: Option<String>| value.map_or_else(|| NULL.to_owned(), |value| printable(&value).into_owned());
            let row: Vec<String> = cells.row(row)?.into_iter().map(shown).collect();
            goes_on = match self.widths {
                Some(_) => self.put(&row, to)?,
                None => {
                    self.waiting.push(row);
                    self.waiting.len() < MEASURED || self.begin(to)?
                }
            };
            if !goes_on {
                break;
            }
        }
        Ok(goes_on)
    }

    fn end(&mut self, to: &mut Target) -> Result<bool> {
        if self.widths.is_none() { self.begin(to) } else { Ok(true) }
    }
}

fn length(text: &str) -> usize {
    text.chars().count()
}
