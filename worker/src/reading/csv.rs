//! Reads CSV.

use super::csv_record::{Dialect, Found, Record};
use super::encodings::misfit;
use super::header::{Header, dialect, open_quote, places_of, read_header};
use super::rows::Rows;
use super::spec::ReadSpec;
use super::text::BatchBuilder;
use super::window::Window;
use segmenter_proto::Result;

/// Reads the needed columns of a CSV file, batch by batch.
pub(super) struct CsvReader {
    window: Window,
    dialect: Dialect,
    record: Record,
    batch: BatchBuilder,
    header: Header,
    /// The place in the file's records of each needed column; none where the file lacks it.
    places: Vec<Option<usize>>,
    encoding: String,
    row_number: u64,
}

impl CsvReader {
    /// Reads the header and finds the needed columns `names`; one that the file lacks is null.
    ///
    /// # Errors
    ///
    /// The data's fault where the header is broken, or a needed name comes twice in it.
    pub(super) fn new(mut window: Window, names: &[String], spec: &ReadSpec, limit: usize) -> Result<Self> {
        let dialect = dialect(&spec.csv, window.file())?;
        let mut record = Record::default();
        let header = read_header(&mut window, &mut record, dialect, &spec.csv)?;
        let places = places_of(header.names.iter().map(String::as_str), names, window.file())?;
        let batch = BatchBuilder::new(names, spec, Some(spec.csv.decimal), limit)?;
        let encoding = spec.csv.encoding.clone();
        Ok(Self { window, dialect, record, batch, header, places, encoding, row_number: 0 })
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
            let (code, reason) = misfit(&self.encoding);
            return self.batch.push_broken(row_number, code, reason, &data[start..]);
        };
        let width = self.header.names.len();
        if record.len() != width {
            let reason = format!("expected {width} fields, found {}", record.len());
            return self.batch.push_broken(row_number, "wrong_field_count", reason, &data[start..]);
        }
        if repeats(&self.header.written, record, text) {
            let reason = "the row is the header again".to_owned();
            return self.batch.push_broken(row_number, "repeated_header", reason, &data[start..]);
        }
        let line = text.get(start..).unwrap_or_default();
        self.batch.push(row_number, line, |index| record.field(text, places[index]?));
    }
}

/// Says whether a row is the header again, as where files were put together.
fn repeats(header: &[String], record: &Record, text: &str) -> bool {
    let mut fields = header.iter().enumerate();
    !header.is_empty() && fields.all(|(index, name)| record.field(text, index) == Some(name))
}
