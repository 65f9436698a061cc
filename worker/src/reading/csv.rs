//! Reads CSV.

use super::agreement::missing_column;
use super::csv_record::{Dialect, Found, Record};
use super::pinned::{PinnedFile, is_tab_separated};
use super::rows::Rows;
use super::spec::ReadSpec;
use super::text::{BatchBuilder, Window};
use segmenter_proto::jobs::CsvOptions;
use segmenter_proto::{Error, Result};
use std::collections::BTreeMap;

/// Reads the needed columns of a CSV file, batch by batch.
pub(super) struct CsvReader {
    window: Window,
    dialect: Dialect,
    record: Record,
    batch: BatchBuilder,
    /// The place in the file's records of each needed column.
    places: Vec<usize>,
    width: usize,
    row_number: u64,
}

impl CsvReader {
    /// Reads the header and finds the needed columns `names`.
    ///
    /// # Errors
    ///
    /// The data's fault where the header is broken or a column is missing.
    pub(super) fn new(mut window: Window, names: &[String], spec: &ReadSpec, limit: usize) -> Result<Self> {
        let dialect = dialect(&spec.csv, window.file())?;
        let mut record = Record::default();
        let header = read_header(&mut window, &mut record, dialect, spec.csv.header)?;
        let places = names
            .iter()
            .map(|name| {
                let place = header.iter().position(|known| known == name);
                place.ok_or_else(|| missing_column(window.file(), name, header.iter().map(String::as_str)))
            })
            .collect::<Result<_>>()?;
        let batch = BatchBuilder::new(names, spec, spec.csv.decimal, limit)?;
        Ok(Self { window, dialect, record, batch, places, width: header.len(), row_number: 0 })
    }

    /// Gives the next batch; none at the end of the file.
    pub(super) fn next_rows(&mut self) -> Result<Option<Rows>> {
        while !self.batch.is_full() {
            match self.record.cut(self.window.data(), self.window.ended(), self.dialect) {
                Found::Record { start, end, next } => {
                    self.row_number += 1;
                    self.take(start, end);
                    self.window.consume(next);
                }
                Found::Partial => drop(self.window.more()?),
                Found::Nothing => break,
                Found::OpenQuote => return Err(open_quote(self.window.file(), self.row_number + 1)),
            }
        }
        self.batch.finish()
    }

    fn take(&mut self, start: usize, end: usize) {
        let (record, places, row_number) = (&self.record, &self.places, self.row_number);
        let data = &self.window.data()[..end];
        // Checked as a whole, so that each field is a plain slice of it.
        let Ok(text) = std::str::from_utf8(data) else {
            let reason = "expected UTF-8".to_owned();
            return self.batch.push_broken(row_number, "invalid_utf8", reason, &data[start..]);
        };
        if record.len() != self.width {
            let reason = format!("expected {} fields, found {}", self.width, record.len());
            return self.batch.push_broken(row_number, "wrong_field_count", reason, &data[start..]);
        }
        let line = text.get(start..).unwrap_or_default();
        self.batch.push(row_number, line, |index| record.field(text, places[index]));
    }
}

/// Gives the delimiter and quote; a file named .tsv has tabs where the job says nothing else.
pub(super) fn dialect(options: &CsvOptions, file: &PinnedFile) -> Result<Dialect> {
    let byte = |name: &str, value: char| {
        let byte = u8::try_from(value).ok().filter(|byte| byte.is_ascii() && !matches!(byte, b'\r' | b'\n'));
        byte.ok_or_else(|| Error::job(format!("csv.{name} must be one ASCII character")))
    };
    let tabs = options.delimiter == CsvOptions::default().delimiter && is_tab_separated(&file.key);
    let delimiter = if tabs { b'\t' } else { byte("delimiter", options.delimiter)? };
    Ok(Dialect { delimiter, quote: byte("quote", options.quote)? })
}

/// Reads the names of the columns, from the header or as `column_1`, `column_2`, … by the first record, which then
/// stays to be read.
pub(super) fn read_header(
    window: &mut Window,
    record: &mut Record,
    dialect: Dialect,
    header: bool,
) -> Result<Vec<String>> {
    loop {
        match record.cut(window.data(), window.ended(), dialect) {
            Found::Record { end, next, .. } => {
                if !header {
                    return Ok((1..=record.len()).map(|number| format!("column_{number}")).collect());
                }
                let text = std::str::from_utf8(&window.data()[..end]).map_err(|_| {
                    window
                        .file()
                        .broken("its header is not UTF-8")
                        .with_hint("set csv = { encoding = \"latin1\" } if it is that")
                })?;
                let names = (0..record.len()).map(|index| record.field(text, index).unwrap_or_default());
                let names = distinct(names, window.file())?;
                window.consume(next);
                return Ok(names);
            }
            Found::Partial => drop(window.more()?),
            Found::Nothing if header => return Err(window.file().broken("it is empty, and a header was expected")),
            Found::Nothing => return Ok(Vec::new()),
            Found::OpenQuote => return Err(open_quote(window.file(), 0)),
        }
    }
}

/// Checks that no name comes twice; a column without a name gets `column_<n>`.
fn distinct<'a>(names: impl Iterator<Item = &'a str>, file: &PinnedFile) -> Result<Vec<String>> {
    let mut seen = BTreeMap::new();
    names
        .enumerate()
        .map(|(index, name)| {
            let number = index + 1;
            let name = if name.is_empty() { format!("column_{number}") } else { name.to_owned() };
            match seen.insert(name.clone(), number) {
                None => Ok(name),
                Some(first) => Err(file.broken(format!("columns {first} and {number} are both named {name}"))),
            }
        })
        .collect()
}

/// Everything after an open quote would be one field, and the rows in it lost, so it stops the run.
fn open_quote(file: &PinnedFile, row_number: u64) -> Error {
    let place = if row_number == 0 { "the header".to_owned() } else { format!("row {row_number}") };
    file.broken(format!("{place} opens a quote that is never closed"))
        .with_hint("correct the row, or set csv.quote to a character that the file does not use")
}
