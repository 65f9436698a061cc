//! How a CSV file is written, guessed from its beginning.

use segmenter_proto::jobs::CsvOptions;
use std::collections::BTreeMap;

/// Delimiters that are tried; the first of equally good ones wins.
const DELIMITERS: [char; 5] = [',', ';', '\t', '|', ' '];
/// Lines that are looked at.
const LINES: usize = 500;
/// Lines among which the header is looked for.
const PREAMBLE: usize = 50;

/// Guesses delimiter, decimal separator, header and what stands before it from the beginning of a CSV file, whose last line
/// may be cut off.
///
/// The delimiter is the one that Excel's line `sep=` names, or that cuts the most lines into the most common number of
/// fields, of at least two; a file of one column has a comma. Lines before the first with that many fields are passed over.
/// The first line is a header where none of its fields is a number, a date or empty. Encoding and quotes keep their
/// defaults.
pub(super) fn sniff_csv(text: &str) -> CsvOptions {
    let lines: Vec<(usize, &str)> = numbered_lines(text).take(LINES).collect();
    let named = lines.first().and_then(|(_, line)| separator_line(line));
    let lines = &lines[usize::from(named.is_some())..];
    let (delimiter, common) = match named {
        Some(delimiter) => (delimiter, most_common(lines, delimiter).map_or(1, |(common, _)| common)),
        None => most_agreed(lines),
    };
    let skipped = before_header(lines, delimiter, common);
    let comment = lines[..skipped].iter().any(|(_, line)| line.starts_with('#')).then_some('#');
    let lines = &lines[skipped..];
    let before = lines.first().map_or(0, |(number, _)| number - 1);
    let header = lines.first().is_none_or(|(_, line)| is_header(&fields(line, delimiter)));
    let values = || lines.iter().skip(usize::from(header)).flat_map(|(_, line)| fields(line, delimiter));
    let commas = values().filter(|value| is_decimal(value, ',')).count();
    let points = values().filter(|value| is_decimal(value, '.')).count();
    let decimal = if commas > points { ',' } else { '.' };
    let told = named.is_some() || skipped > 0;
    // Comments may come anywhere, other lines before a header come once.
    let skip_rows = if told && comment.is_none() { u32::try_from(before).unwrap_or_default() } else { 0 };
    CsvOptions { delimiter, decimal, header, skip_rows, comment, ..CsvOptions::default() }
}

/// Finds columns that stand at places which one or more blanks fill up, with their names where the first line has them.
pub(super) fn padded(text: &str) -> Option<Option<Vec<String>>> {
    let lines: Vec<&str> = whole_lines(text).take(LINES).collect();
    let filled = |line: &&&str| line.starts_with(' ') || line.contains("  ");
    let others = |line: &&&str| line.contains([',', ';', '\t', '|', '"']);
    if lines.len() < 2
        || lines.iter().filter(others).count() > 0
        || lines.iter().filter(filled).count() * 2 < lines.len()
    {
        return None;
    }
    let count = |line: &&str| line.split_whitespace().count();
    let columns = count(lines.last()?);
    let agreeing = lines.iter().filter(|line| count(line) == columns).count();
    if columns < 2 || agreeing < lines.len() {
        return None;
    }
    let names: Vec<String> = lines[0].split_whitespace().map(str::to_owned).collect();
    let number = |name: &String| name.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c));
    Some(names.iter().all(|name| !number(name)).then_some(names))
}

/// Says whether the beginning of a text whose name does not say it is a table: lines of as many fields each.
pub(super) fn is_table(text: &str) -> bool {
    let lines: Vec<(usize, &str)> = numbered_lines(text).take(LINES).collect();
    let cut = |delimiter: &char| most_common(&lines, *delimiter).is_some_and(|(_, agreeing)| agreeing > 0.9);
    padded(text).is_some() || lines.len() > 1 && DELIMITERS[..4].iter().any(cut)
}

/// Reads a line `sep=;`, by which Excel is told the delimiter.
fn separator_line(line: &str) -> Option<char> {
    let bare = line.strip_prefix('"').and_then(|bare| bare.strip_suffix('"')).unwrap_or(line);
    let mut named = bare.get(4..).filter(|_| bare[..4].eq_ignore_ascii_case("sep="))?.chars();
    let delimiter = named.next().filter(char::is_ascii)?;
    named.next().is_none().then_some(delimiter)
}

/// The delimiter that cuts the most lines into equally many fields, with their number.
fn most_agreed(lines: &[(usize, &str)]) -> (char, usize) {
    let mut best = (0.0, ',', 1);
    for delimiter in DELIMITERS {
        let Some((common, agreeing)) = most_common(lines, delimiter) else { continue };
        // More fields decide only between delimiters that agree as well.
        let score = agreeing + 0.001 * common.min(100) as f64;
        if agreeing > 0.7 && score > best.0 {
            best = (score, delimiter, common);
        }
    }
    (best.1, best.2)
}

/// The most common number of fields, of at least two, with the share of lines that have it.
fn most_common(lines: &[(usize, &str)], delimiter: char) -> Option<(usize, f64)> {
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    for (_, line) in lines {
        *counts.entry(fields(line, delimiter).len()).or_default() += 1;
    }
    let (common, agreeing) = counts.into_iter().filter(|(count, _)| *count > 1).max_by_key(|(_, lines)| *lines)?;
    Some((common, agreeing as f64 / lines.len() as f64))
}

/// How many lines stand before the header: those with fewer fields than most, and those that are mostly empty.
fn before_header(lines: &[(usize, &str)], delimiter: char, common: usize) -> usize {
    let cut: Vec<Vec<String>> = lines.iter().take(PREAMBLE).map(|(_, line)| fields(line, delimiter)).collect();
    let first = cut.iter().position(|fields| fields.len() >= common).unwrap_or_default();
    let empty = |fields: &Vec<String>| fields.iter().filter(|field| field.trim().is_empty()).count();
    let padding = cut[first..].iter().take_while(|fields| empty(fields) * 2 > fields.len()).count();
    match cut.get(first + padding) {
        Some(next) if padding > 0 && is_header(next) => first + padding,
        _ => first,
    }
}

/// Says whether fields are names. A column may have none, as that of row numbers which data frames are written with; an address is no name.
fn is_header(fields: &[String]) -> bool {
    let mut named = fields.iter().filter(|field| !field.is_empty());
    let is_name = |field: &&String| !field.starts_with(|c: char| c.is_ascii_digit()) && !field.contains('@');
    let count = named.clone().count();
    count > 0 && count * 2 >= fields.len() && named.all(|field| is_name(&field))
}

/// The lines of the beginning of a file with their numbers, from 1, without empty ones and without a last one that may be
/// cut off.
fn numbered_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // A text that is one line is taken as it is: there may be no more of it.
    let end = text.rfind(['\n', '\r']).map_or(text.len(), |end| end + 1);
    let text = &text[..end];
    // Files of old Macs end their lines with \r.
    let old = !text.contains('\n') && text.contains('\r');
    let lines = text.split(if old { '\r' } else { '\n' }).map(|line| line.strip_suffix('\r').unwrap_or(line));
    lines.enumerate().map(|(at, line)| (at + 1, line)).filter(|(_, line)| !line.trim().is_empty())
}

/// The lines of a CSV file from its header on.
pub(super) fn lines_from_header<'a>(text: &'a str, options: &CsvOptions) -> impl Iterator<Item = &'a str> {
    let (before, comment) = (options.skip_rows as usize, options.comment);
    let lines = numbered_lines(text).filter(move |(number, _)| *number > before).map(|(_, line)| line);
    lines.filter(move |line| comment.is_none_or(|comment| !line.starts_with(comment)))
}

/// The lines of the beginning of a file, without empty ones and without a last one that may be cut off.
pub(super) fn whole_lines(text: &str) -> impl Iterator<Item = &str> {
    numbered_lines(text).map(|(_, line)| line)
}

/// Cuts a line into fields, without the quotes around them.
pub(super) fn fields(line: &str, delimiter: char) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut quoted = false;
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        let Some(field) = fields.last_mut() else { break };
        match character {
            '"' if quoted && characters.peek() == Some(&'"') => {
                characters.next();
                field.push('"');
            }
            '"' if quoted || field.is_empty() => quoted = !quoted,
            c if c == delimiter && !quoted => fields.push(String::new()),
            c => field.push(c),
        }
    }
    fields
}

/// Whether a value is a number with a fraction after this separator. Three digits behind it may as well be thousands, unless nothing stands
/// before them.
fn is_decimal(value: &str, separator: char) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let value = value.trim_start_matches(['-', '+']);
    value.split_once(separator).is_some_and(|(whole, fraction)| {
        digits(whole) && digits(fraction) && (fraction.len() != 3 || whole.bytes().all(|byte| byte == b'0'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> (char, char, bool) {
        let options = sniff_csv(text);
        (options.delimiter, options.decimal, options.header)
    }

    #[test]
    fn delimiters_decimals_and_headers_are_found() {
        assert_eq!(found("a,b\n1,2.5\n2,3\n"), (',', '.', true));
        assert_eq!(found("id;total;city\n1;2,5;\"Wien; Mitte\"\n2;3,25;Graz\n3;1,00;Linz\n"), (';', ',', true));
        assert_eq!(found("id\tname, first\n1\tx\n2\ty\n"), ('\t', '.', true));
        assert_eq!(found("00004,19970101,2,29.33\n00004,19970118,2,29.73\n"), (',', '.', false));
        assert_eq!(found("1 2\n3 4\n"), (' ', '.', false));
        assert_eq!(found("id\nx\ny\n"), (',', '.', true));
        // Row numbers without a name, as data frames are written with; a list of people without a header; thousands.
        assert_eq!(found(",id,total\n0,a,2.5\n1,b,3.5\n"), (',', '.', true));
        assert_eq!(found("K1,Anna,anna@example.com\nK2,Jan,jan@example.com\n"), (',', '.', false));
        assert_eq!(found("id;total\n1;1,234\n2;12,500\n3;850\n"), (';', '.', true));
        assert_eq!(found("id;share\n1;0,234\n2;0,500\n"), (';', ',', true));
        assert_eq!(found(""), (',', '.', true));
    }

    #[test]
    fn what_stands_before_the_header_is_found() {
        let rows = format!("id,total,city\n{}", "1,2.5,Wien\n2,3.5,Graz\n".repeat(5));
        let before = |text: &str| {
            let options = sniff_csv(text);
            (options.skip_rows, options.comment, options.delimiter, options.header)
        };
        assert_eq!(before(&rows), (0, None, ',', true));
        assert_eq!(before(&format!("Orders of 2026\n\nby, me\n{rows}")), (3, None, ',', true));
        assert_eq!(before(&format!("Orders,,\n,,\n{rows}")), (2, None, ',', true));
        assert_eq!(before(&format!("# a\n# b\n{rows}# c\n")), (0, Some('#'), ',', true));
        assert_eq!(before(&format!("sep=;\r\n{}", rows.replace(',', ";"))), (1, None, ';', true));
        assert_eq!(before("\"SEP=|\"\nid|x\n1|a\n"), (1, None, '|', true));
        assert_eq!(before("#id,total\n1,2.5\n"), (0, None, ',', true), "a header that begins with #");
        assert_eq!(before("1,,,\n2,a,b,c\n"), (0, None, ',', false));
        assert_eq!(before("id\nx\ny\n"), (0, None, ',', true));
        assert_eq!(before("title\rid,total\r1,2\r2,3\r"), (1, None, ',', true));
    }

    #[test]
    fn quotes_hold_delimiters_and_quotes() {
        assert_eq!(fields(r#"1,"a, ""b""",,x"y"#, ','), ["1", "a, \"b\"", "", "x\"y"]);
    }

    #[test]
    fn a_line_that_is_cut_off_is_not_looked_at() {
        assert_eq!(whole_lines("\u{feff}a,b\r\n\r\n1,2\n3").collect::<Vec<_>>(), ["a,b", "1,2"]);
        assert_eq!(whole_lines("a,b").collect::<Vec<_>>(), ["a,b"]);
    }
}
