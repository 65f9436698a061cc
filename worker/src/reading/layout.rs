//! Looks whether the beginning of a CSV file is laid out as the job says: where its header stands, what separates its
//! fields, and whether its rows have as many of them as the header. What is wrong in the same way in every row is told
//! once, and not row by row in quarantine.

use super::csv_record::{Dialect, Found, Record};
use super::header::{Header, in_another_encoding};
use super::pinned::PinnedFile;
use super::window::MARK;
use hashbrown::HashSet;
use segmenter_proto::Result;
use segmenter_proto::jobs::CsvOptions;

/// Records among which the header is looked for.
const LOOKED: usize = 100;
/// Records, and fields of records, whose number is compared with the header's.
const COUNTED: usize = 1000;
const COUNTED_FIELDS: usize = 1 << 20;
/// What may separate fields, in the order in which it is tried.
const SEPARATORS: [u8; 4] = [b';', b'\t', b',', b'|'];

/// The beginning of a CSV file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Beginning<'a> {
    /// In UTF-8, from the start of the file.
    pub(super) text: &'a [u8],
    /// Whether that is all of it.
    pub(super) whole: bool,
    pub(super) dialect: Dialect,
    pub(super) options: &'a CsvOptions,
    pub(super) file: &'a PinnedFile,
}

/// Checks the layout of a file whose header was read as `header`; `needed` are the columns that the job uses.
///
/// # Errors
///
/// The data's fault, saying what stands where and which key of the job to set.
pub(super) fn check_layout(beginning: Beginning, header: &Header, needed: &[String]) -> Result<()> {
    beginning.check_separator_line()?;
    if !beginning.options.header {
        return Ok(());
    }
    let needed: HashSet<&str> = needed.iter().map(String::as_str).collect();
    let known: HashSet<&str> = header.names.iter().map(String::as_str).collect();
    if !needed.is_subset(&known) {
        beginning.find_header(&needed)?;
    }
    beginning.compare_counts(header)
}

/// A record with the line of the file where it begins, from 1.
struct Seen<'a> {
    line: usize,
    record: &'a Record,
    text: &'a str,
}

impl Seen<'_> {
    /// How many of the needed names are fields of the record.
    fn names(&self, needed: &HashSet<&str>) -> usize {
        let fields = (0..self.record.len()).filter_map(|index| self.record.field(self.text, index));
        fields.filter(|field| needed.contains(field)).collect::<HashSet<_>>().len()
    }
}

impl Beginning<'_> {
    /// Excel reads a first line `sep=;` as the separator of the fields, and shows it to nobody.
    fn check_separator_line(&self) -> Result<()> {
        let (at, line) = self.after_skipped();
        let text = self.text[at..].strip_prefix(MARK).unwrap_or(&self.text[at..]);
        let first = text.split(|byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or_default();
        let bare = first.strip_prefix(b"\"").and_then(|bare| bare.strip_suffix(b"\"")).unwrap_or(first);
        match bare {
            [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', separator] if separator.is_ascii() => {
                let next = line + 1;
                Err(self
                    .file
                    .broken(format!(
                        "line {line} says to Excel which character separates fields, and the header stands at line {next}"
                    ))
                    .with_hint(format!("set csv.skip_rows = {line} and csv.delimiter = \"{}\"", shown(*separator))))
            }
            _ => Ok(()),
        }
    }

    /// Tells where the header is, if a later line has more of the needed names than the one that was taken for it.
    fn find_header(&self, needed: &HashSet<&str>) -> Result<()> {
        let mut best: Option<(usize, usize)> = None;
        let mut first = None;
        self.each(self.dialect, LOOKED, |seen| {
            let named = seen.names(needed);
            first.get_or_insert((named, seen.line));
            if named > best.map_or(0, |(most, _)| most) {
                best = Some((named, seen.line));
            }
        });
        let (Some((named, taken)), best) = (first, best) else { return Ok(()) };
        if let Some((most, line)) =
            best.filter(|(most, line)| *most > named && *line > taken && *most * 2 > needed.len())
        {
            let all = if most == needed.len() { "the header" } else { "what looks like the header" };
            let before = line - 1;
            return Err(self
                .file
                .broken(format!("{all} stands at line {line}, and line {taken} was taken for it"))
                .with_hint(format!("set csv.skip_rows = {before}, the lines before the header")));
        }
        self.find_separator(needed, named)
    }

    fn find_separator(&self, needed: &HashSet<&str>, named: usize) -> Result<()> {
        for separator in SEPARATORS.into_iter().filter(|separator| *separator != self.dialect.delimiter) {
            let mut most = 0;
            self.each(Dialect { delimiter: separator, ..self.dialect }, 1, |seen| most = seen.names(needed));
            if most > named && most * 2 > needed.len() {
                let separator = shown(separator);
                return Err(self
                    .file
                    .broken(format!("the fields of its header are separated by \"{separator}\""))
                    .with_hint(format!("set csv = {{ delimiter = \"{separator}\" }}")));
            }
        }
        Ok(())
    }

    /// Tells it once where every row has the same number of fields, and the header another.
    fn compare_counts(&self, header: &Header) -> Result<()> {
        let width = header.written.len();
        let (mut rows, mut fields, mut differ, mut blank, mut line) = (0_usize, None, false, true, 0);
        let mut is_header = true;
        let most = COUNTED.min(COUNTED_FIELDS / width.max(1)).max(10);
        self.each(self.dialect, most, |seen| {
            if std::mem::take(&mut is_header) {
                line = seen.line;
                return;
            }
            let count = seen.record.len();
            rows += 1;
            differ |= *fields.get_or_insert(count) != count;
            blank &= seen.record.field(seen.text, count - 1) == Some("");
        });
        let Some(fields) = fields.filter(|fields| rows > 1 && !differ && *fields != width) else { return Ok(()) };
        let more = if fields == width + 1 && blank {
            ", the last always empty"
        } else if fields + 1 == width && header.written.last().is_some_and(String::is_empty) {
            ", the last without a name"
        } else {
            ""
        };
        let plural = if fields == 1 { "field" } else { "fields" };
        Err(self.file.broken(format!("every row has {fields} {plural} where the header has {width}{more}")).with_hint(
            format!(
                "give the header a name for each field, or set csv.header = false and csv.skip_rows = {line}, and use the \
                 columns as column_1, column_2 and so on"
            ),
        ))
    }

    /// Where the lines of `csv.skip_rows` end, and the number of the line that begins there.
    fn after_skipped(&self) -> (usize, usize) {
        let mut at = 0;
        let mut line = 1;
        while line <= self.options.skip_rows as usize {
            let Some(length) = self.text[at..].iter().position(|byte| matches!(byte, b'\n' | b'\r')) else { break };
            let end = at + length;
            at = end + if self.text[end..].starts_with(b"\r\n") { 2 } else { 1 };
            line += 1;
        }
        (at, line)
    }

    /// Calls `see` with the first records, of which the last is left out where it may be cut off.
    fn each(&self, dialect: Dialect, most: usize, mut see: impl FnMut(Seen)) {
        let mut record = Record::default();
        let (mut at, mut line) = self.after_skipped();
        for _ in 0..most {
            let data = &self.text[at..];
            let Found::Record { start, end, next } = record.cut(data, true, dialect) else { break };
            if at + next == self.text.len() && !self.whole {
                break;
            }
            line += line_ends(&data[..start]);
            if let Ok(text) = std::str::from_utf8(&data[..end]) {
                see(Seen { line, record: &record, text });
            }
            line += line_ends(&data[start..next]);
            at += next;
        }
    }
}

/// Counts \n, \r\n and \r.
fn line_ends(data: &[u8]) -> usize {
    let ends = data.iter().enumerate();
    ends.filter(|(at, byte)| **byte == b'\n' || **byte == b'\r' && data.get(at + 1) != Some(&b'\n')).count()
}

fn shown(separator: u8) -> String {
    char::from(separator).escape_default().to_string().replace("\\'", "'")
}

/// What was seen of the first lines of an NDJSON file.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// Lines that are not empty.
    pub(super) lines: usize,
    /// Those that are one object.
    pub(super) objects: usize,
    /// Those that would be one without the comma at their end.
    pub(super) with_comma: usize,
    /// Whether the first begins an array.
    pub(super) array: bool,
    /// Those with bytes that do not fit the encoding.
    pub(super) misfits: usize,
}

/// Checks that an NDJSON file has one object a line.
///
/// # Errors
///
/// The data's fault, where it is an array or none of several lines is an object, and where none of them is in `encoding`.
pub(super) fn check_lines(seen: &Lines, file: &PinnedFile, encoding: &str) -> Result<()> {
    if seen.objects == 0 && seen.misfits > 0 && seen.lines > 1 && !seen.array {
        return Err(in_another_encoding(file, "its beginning", encoding));
    }
    let (what, command) = if seen.array {
        ("it is a JSON array, where one object a line is expected", "jq -c '.[]'")
    } else if seen.objects > 0 || seen.lines < 2 {
        return Ok(());
    } else if seen.with_comma > 0 {
        ("its lines end with a comma, where one object a line is expected", "sed 's/, *$//'")
    } else {
        ("none of its first lines is one JSON object", "jq -c .")
    };
    Err(file.broken(what).with_hint(format!("write one object a line, as {command} does")))
}

#[cfg(test)]
#[path = "layout_tests.rs"]
mod tests;
