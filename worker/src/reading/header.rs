//! What stands before the rows of a CSV file: lines to pass over, and the names of the columns.

use super::csv_record::{Dialect, Found, Record};
use super::pinned::{PinnedFile, is_tab_separated};
use super::window::{Window, skip_line};
use hashbrown::HashMap;
use segmenter_proto::jobs::{CsvOptions, FileFormat};
use segmenter_proto::{Error, Result};

/// The names of a CSV file's columns.
#[derive(Debug, Default)]
pub(super) struct Header {
    /// A name for each column: its own, or `column_<n>` where it has none. A name may come twice; see [`places_of`].
    pub(super) names: Vec<String>,
    /// The header as it stands in the file; empty where it has none.
    pub(super) written: Vec<String>,
}

/// Gives delimiter, quote and comment; a file named .tsv has tabs where the job says nothing else.
pub(super) fn dialect(options: &CsvOptions, file: &PinnedFile) -> Result<Dialect> {
    let byte = |name: &str, value: char| {
        let byte = u8::try_from(value).ok().filter(|byte| byte.is_ascii() && !matches!(byte, b'\r' | b'\n'));
        byte.ok_or_else(|| Error::job(format!("csv.{name} must be one ASCII character")))
    };
    let tabs = options.delimiter == CsvOptions::default().delimiter && is_tab_separated(&file.key);
    let delimiter = if tabs { b'\t' } else { byte("delimiter", options.delimiter)? };
    let comment = options.comment.map(|comment| byte("comment", comment)).transpose()?;
    Ok(Dialect { delimiter, quote: byte("quote", options.quote)?, comment })
}

/// Passes over `csv.skip_rows` lines and reads the names of the columns, from the header or as `column_1`, `column_2`, …
/// by the first record, which then stays to be read.
///
/// # Errors
///
/// The data's fault where there is no header or it cannot be read.
pub(super) fn read_header(
    window: &mut Window,
    record: &mut Record,
    dialect: Dialect,
    options: &CsvOptions,
) -> Result<Header> {
    for skipped in 0..options.skip_rows {
        if !skip_line(window)? {
            return Err(window
                .file()
                .broken(format!("it has {skipped} lines, and csv.skip_rows passes over {}", options.skip_rows))
                .with_hint("set csv.skip_rows to the number of lines before the header, or leave it out"));
        }
    }
    loop {
        match record.cut(window.data(), window.ended(), dialect) {
            Found::Record { end, next, .. } => {
                let numbered = |number: usize| format!("column_{number}");
                if !options.header {
                    return Ok(Header { names: (1..=record.len()).map(numbered).collect(), written: Vec::new() });
                }
                let text = std::str::from_utf8(&window.data()[..end])
                    .map_err(|_| in_another_encoding(window.file(), "its header", &options.encoding))?;
                let field = |index| record.field(text, index).unwrap_or_default().to_owned();
                let written: Vec<String> = (0..record.len()).map(field).collect();
                let named = written.iter().enumerate().map(|(index, name)| match name.as_str() {
                    "" => numbered(index + 1),
                    name => name.to_owned(),
                });
                let names = named.collect();
                window.consume(next);
                return Ok(Header { names, written });
            }
            Found::Partial => drop(window.more()?),
            Found::Nothing if options.header => {
                return Err(window
                    .file()
                    .broken("it is empty, and a header was expected")
                    .with_hint("export the file again, or leave it out; without a header, set csv.header = false"));
            }
            Found::Nothing => return Ok(Header::default()),
            Found::OpenQuote => return Err(open_quote(window.file(), 0)),
        }
    }
}

/// Gives the error of a file of which `part` has bytes that do not fit its encoding.
pub(super) fn in_another_encoding(file: &PinnedFile, part: &str, encoding: &str) -> Error {
    file.broken(format!("{part} is not {}", encoding.to_uppercase())).with_hint(
        "set csv.encoding to the file's own, such as \"windows-1252\" or \"windows-1250\"; \
         segmenter init --from looks which one fits",
    )
}

/// Gives the place of each of the columns `names`; none of one that the file lacks.
///
/// # Errors
///
/// The data's fault where two columns have such a name.
pub(super) fn places_of<'a>(
    columns: impl Iterator<Item = &'a str>,
    names: &[String],
    file: &PinnedFile,
) -> Result<Vec<Option<usize>>> {
    let mut wanted: HashMap<&str, Option<usize>> = names.iter().map(|name| (name.as_str(), None)).collect();
    for (place, column) in columns.enumerate() {
        match wanted.get_mut(column) {
            Some(Some(first)) => return Err(named_twice(file, column, *first, place)),
            Some(found) => *found = Some(place),
            None => {}
        }
    }
    Ok(names.iter().map(|name| wanted.get(name.as_str()).copied().flatten()).collect())
}

/// Gives the error of two columns with one name that the job uses; places are from 0.
pub(super) fn named_twice(file: &PinnedFile, name: &str, first: usize, second: usize) -> Error {
    let (first, second) = (first + 1, second + 1);
    let hint = match file.format {
        FileFormat::Csv => format!(
            "give them different names; or set csv.header = false and csv.skip_rows = 1 (the line of the header), and use \
             the columns by their place, as column_{first} and column_{second}"
        ),
        _ => "write the file with different names".to_owned(),
    };
    file.broken(format!("columns {first} and {second} are both named {name}, and the job uses that name"))
        .with_hint(hint)
}

/// Everything after an open quote would be one field, and the rows in it lost, so it stops the run.
pub(super) fn open_quote(file: &PinnedFile, row_number: u64) -> Error {
    let place = if row_number == 0 { "the header".to_owned() } else { format!("row {row_number}") };
    file.broken(format!("{place} opens a quote that is never closed"))
        .with_hint("correct the row, or set csv.quote to a character that the file does not use")
}
