//! How a CSV file is written, guessed from its beginning.

use segmenter_proto::jobs::CsvOptions;

/// Delimiters that are tried; the first of equally good ones wins.
const DELIMITERS: [char; 5] = [',', ';', '\t', '|', ' '];
/// Lines that are looked at.
const LINES: usize = 500;

/// Guesses delimiter, decimal separator and header from the beginning of a CSV file, whose last line may be cut off.
///
/// The delimiter is the one that cuts the most lines into the most common number of fields, of at least two; a file of
/// one column has a comma. The first line is a header where none of its fields is a number, a date or empty.
/// Encoding and quotes keep their defaults.
pub fn sniff_csv(text: &str) -> CsvOptions {
    let lines: Vec<&str> = whole_lines(text).take(LINES).collect();
    let mut best = (0.0, ',');
    for delimiter in DELIMITERS {
        let counts: Vec<usize> = lines.iter().map(|line| fields(line, delimiter).len()).collect();
        let Some(&common) = counts.iter().filter(|n| **n > 1).max_by_key(|n| counts.iter().filter(|m| m == n).count())
        else {
            continue;
        };
        let agreeing = counts.iter().filter(|n| **n == common).count() as f64 / counts.len() as f64;
        // More fields decide only between delimiters that agree as well.
        let score = agreeing + 0.001 * common.min(100) as f64;
        if agreeing > 0.7 && score > best.0 {
            best = (score, delimiter);
        }
    }
    let delimiter = best.1;
    let header = lines.first().is_none_or(|line| {
        fields(line, delimiter)
            .iter()
            .all(|field| !field.is_empty() && !field.starts_with(|c: char| c.is_ascii_digit()))
    });
    let values = || lines.iter().skip(usize::from(header)).flat_map(|line| fields(line, delimiter));
    let commas = values().filter(|value| is_decimal(value, ',')).count();
    let points = values().filter(|value| is_decimal(value, '.')).count();
    let decimal = if commas > points { ',' } else { '.' };
    CsvOptions { delimiter, decimal, header, ..CsvOptions::default() }
}

/// The lines of the beginning of a file, without empty ones and without a last one that may be cut off.
pub(super) fn whole_lines(text: &str) -> impl Iterator<Item = &str> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // A text that is one line is taken as it is: there may be no more of it.
    let end = text.rfind('\n').map_or(text.len(), |end| end + 1);
    text[..end].lines().filter(|line| !line.trim().is_empty())
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

/// Whether a value is a number with a fraction after this separator.
fn is_decimal(value: &str, separator: char) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let value = value.trim_start_matches(['-', '+']);
    value.split_once(separator).is_some_and(|(whole, fraction)| digits(whole) && digits(fraction))
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
        assert_eq!(found(""), (',', '.', true));
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
