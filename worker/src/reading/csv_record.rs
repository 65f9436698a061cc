//! Cuts one CSV record out of a buffer.
//!
//! The same language as the `csv` crate's (a test compares the two): fields may stand in quotes, a quote is doubled
//! inside them, text after the closing quote belongs to the field, records end with \n, \r or \r\n, and empty lines are
//! no records. A byte order mark at the start of a record is passed over. The crate itself does not tell that a quote was never closed, which swallows the rest of a file, and holds
//! a record of any length.

use super::window::MARK;

/// The bytes that make a dialect.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dialect {
    pub(super) delimiter: u8,
    pub(super) quote: u8,
    /// A line that starts with it is no record.
    pub(super) comment: Option<u8>,
}

/// A record's fields, as places in the buffer; fields with doubled quotes stand in a buffer of their own.
#[derive(Debug, Default)]
pub(super) struct Record {
    fields: Vec<Field>,
    unquoted: Vec<u8>,
}

#[derive(Debug, Clone, Copy)]
struct Field {
    start: usize,
    end: usize,
    unquoted: bool,
}

/// What was found at the start of a buffer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// A record in `start..end`; the next begins at `next`.
    Record { start: usize, end: usize, next: usize },
    /// A record that goes on past the buffer.
    Partial,
    /// No further record.
    Nothing,
    /// A quote that is never closed.
    OpenQuote,
}

impl Record {
    /// Cuts the first record out of `data`; `last` says that the file ends where `data` does.
    pub(super) fn cut(&mut self, data: &[u8], last: bool, dialect: Dialect) -> Found {
        self.fields.clear();
        self.unquoted.clear();
        let start = match record_start(data, last, dialect) {
            Ok(start) => start,
            Err(found) => return found,
        };
        let mut at = start;
        loop {
            let (field, end) = if data.get(at) == Some(&dialect.quote) {
                match self.quoted(data, at, last, dialect) {
                    Ok(found) => found,
                    Err(found) => return found,
                }
            } else {
                let end = field_end(data, at, dialect);
                (Field { start: at, end, unquoted: false }, end)
            };
            if end == data.len() && !last {
                return Found::Partial;
            }
            self.fields.push(field);
            match data.get(end) {
                Some(byte) if *byte == dialect.delimiter => at = end + 1,
                None => return Found::Record { start, end, next: end },
                Some(b'\r') if data.get(end + 1) == Some(&b'\n') => return Found::Record { start, end, next: end + 2 },
                Some(_) => return Found::Record { start, end, next: end + 1 },
            }
        }
    }

    pub(super) fn len(&self) -> usize {
        self.fields.len()
    }

    /// Gives the text of a field; `data` is what the record was cut out of, and was found to be UTF-8.
    pub(super) fn field<'a>(&'a self, data: &'a str, index: usize) -> Option<&'a str> {
        let field = self.fields.get(index)?;
        if field.unquoted {
            std::str::from_utf8(&self.unquoted[field.start..field.end]).ok()
        } else {
            data.get(field.start..field.end)
        }
    }

    /// Cuts a field that starts with a quote at `at`, and gives its end in `data`.
    fn quoted(&mut self, data: &[u8], at: usize, last: bool, dialect: Dialect) -> Result<(Field, usize), Found> {
        let first = self.unquoted.len();
        let mut from = at + 1;
        loop {
            let Some(quote) = data[from..].iter().position(|byte| *byte == dialect.quote).map(|found| from + found)
            else {
                return Err(if last { Found::OpenQuote } else { Found::Partial });
            };
            if data.get(quote + 1) == Some(&dialect.quote) {
                self.unquoted.extend_from_slice(&data[from..=quote]);
                from = quote + 2;
                continue;
            }
            let end = field_end(data, quote + 1, dialect);
            if self.unquoted.len() == first && end == quote + 1 {
                return Ok((Field { start: from, end: quote, unquoted: false }, end));
            }
            self.unquoted.extend_from_slice(&data[from..quote]);
            self.unquoted.extend_from_slice(&data[quote + 1..end]);
            return Ok((Field { start: first, end: self.unquoted.len(), unquoted: true }, end));
        }
    }
}

/// Passes over empty lines, byte order marks at the start of a line, and comments.
fn record_start(data: &[u8], last: bool, dialect: Dialect) -> Result<usize, Found> {
    let none = if last { Found::Nothing } else { Found::Partial };
    let ends_line = |byte: &u8| matches!(byte, b'\r' | b'\n');
    let mut at = 0;
    loop {
        let rest = &data[at..];
        if rest.starts_with(MARK) {
            at += MARK.len();
        } else if rest.is_empty() || !last && MARK.starts_with(rest) {
            return Err(none);
        } else if ends_line(&rest[0]) {
            at += 1;
        } else if dialect.comment == Some(rest[0]) {
            match rest.iter().position(ends_line) {
                Some(length) => at += length,
                None => return Err(none),
            }
        } else {
            return Ok(at);
        }
    }
}

fn field_end(data: &[u8], from: usize, dialect: Dialect) -> usize {
    let ends = |byte: &u8| *byte == dialect.delimiter || matches!(byte, b'\n' | b'\r');
    data[from..].iter().position(ends).map_or(data.len(), |found| from + found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const COMMAS: Dialect = Dialect { delimiter: b',', quote: b'"', comment: None };

    fn all(text: &str, piece: usize) -> Result<Vec<Vec<String>>, Found> {
        all_in(COMMAS, text, piece)
    }

    fn all_in(dialect: Dialect, text: &str, piece: usize) -> Result<Vec<Vec<String>>, Found> {
        let (mut records, mut record, mut start, mut end) = (Vec::new(), Record::default(), 0, piece.min(text.len()));
        loop {
            let data = &text.as_bytes()[start..end];
            match record.cut(data, end == text.len(), dialect) {
                Found::Record { next, .. } => {
                    let data = std::str::from_utf8(&data[..next]).unwrap();
                    records
                        .push((0..record.len()).map(|index| record.field(data, index).unwrap().to_owned()).collect());
                    start += next;
                }
                Found::Partial => end = (end + piece).min(text.len()),
                Found::Nothing => return Ok(records),
                Found::OpenQuote => return Err(Found::OpenQuote),
            }
        }
    }

    #[test]
    fn quotes_line_ends_and_empty_lines() {
        let text = "a,\"b, c\",\"d\"\"e\"\r\n\n\r\n\"x\ny\"z,,\n1,2,\"\"";
        let expected = vec![vec!["a", "b, c", "d\"e"], vec!["x\nyz", "", ""], vec!["1", "2", ""]];
        for piece in 1..text.len() {
            assert_eq!(all(text, piece).unwrap(), expected, "{piece} bytes at a time");
        }
        assert_eq!(all("a,b\n\"never closed,c\nd,e\n", 5), Err(Found::OpenQuote));
    }

    #[test]
    fn marks_at_the_start_of_a_line_and_comments_are_passed_over() {
        let hashes = Dialect { comment: Some(b'#'), ..COMMAS };
        let text =
            "\u{feff}# made by hand, \"\r\n\u{feff}\"a\",#b\n\n#\n\u{feff}\n1,\u{feff}2\n\u{feff}3,\"\n#4\"\n# end";
        let expected = vec![vec!["a", "#b"], vec!["1", "\u{feff}2"], vec!["3", "\n#4"]];
        for piece in 1..text.len() {
            assert_eq!(all_in(hashes, text, piece).unwrap(), expected, "{piece} bytes at a time");
        }
        assert_eq!(all("#a,b\n\u{feff}", 2).unwrap(), [["#a", "b"]]);
    }

    proptest! {
        #[test]
        fn agrees_with_the_csv_crate(text in "([a-c,\"\n\r]|\"[a,\n]*\",){0,30}", piece in 1_usize..9) {
            let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
            let expected: Vec<Vec<String>> =
                reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect();
            if let Ok(found) = all(&text, piece) {
                prop_assert_eq!(found, expected);
            }
        }
    }
}
