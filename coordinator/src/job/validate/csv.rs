use crate::checks::Findings;
use crate::checks::nearest;
use crate::job::raw::RawCsv;
use segmenter_proto::jobs::CsvOptions;
use segmenter_worker::reading::{KNOWN_ENCODINGS, encoding_name};

/// More lines than this before a header can only be a slip.
const MOST_SKIPPED: u32 = 10_000;

/// Checks how CSV is written; `path` is that of the table `csv`.
pub(super) fn csv(raw: &RawCsv, path: &str, findings: &mut Findings) -> Option<CsvOptions> {
    let default = CsvOptions::default();
    let mut letter = |text: Option<&str>, key: &str, default| letter(text, path, key, default, findings);
    let delimiter = letter(raw.delimiter.as_deref(), "delimiter", Some(default.delimiter));
    let quote = letter(raw.quote.as_deref(), "quote", Some(default.quote));
    let decimal = letter(raw.decimal.as_deref(), "decimal", Some(default.decimal));
    let comment = letter(raw.comment.as_deref(), "comment", None);
    let encoding = encoding(raw.encoding.as_deref(), path, &default.encoding, findings);
    if decimal.flatten().is_some_and(|decimal| decimal != '.' && decimal != ',') {
        findings.wrong(&format!("{path}.decimal"), "`decimal` separates no numbers").expect("\".\" or \",\"");
        return None;
    }
    if delimiter.is_some() && delimiter == quote {
        findings
            .wrong(&format!("{path}.quote"), "`quote` and `delimiter` are the same")
            .expect("two different characters");
        return None;
    }
    if comment.is_some_and(|comment| comment.is_some() && (Some(comment) == delimiter || Some(comment) == quote)) {
        findings
            .wrong(&format!("{path}.comment"), "`comment` is the same as `delimiter` or `quote`")
            .expect("a character that no row begins with");
        return None;
    }
    let skip_rows = raw.skip_rows.unwrap_or(default.skip_rows);
    if skip_rows > MOST_SKIPPED {
        findings
            .wrong(&format!("{path}.skip_rows"), format!("`skip_rows` is {skip_rows}"))
            .expect(format!("the number of lines before the header, up to {MOST_SKIPPED}"));
        return None;
    }
    Some(CsvOptions {
        delimiter: delimiter??,
        decimal: decimal??,
        header: raw.header.unwrap_or(default.header),
        quote: quote??,
        encoding: encoding?,
        skip_rows,
        comment: comment?,
    })
}

/// Gives a key's one character, or the default where it is not set; none where it is wrong.
fn letter(
    text: Option<&str>,
    path: &str,
    key: &str,
    default: Option<char>,
    findings: &mut Findings,
) -> Option<Option<char>> {
    let Some(text) = text else { return Some(default) };
    let mut letters = text.chars();
    match (letters.next(), letters.next()) {
        (Some(letter), None) if letter.is_ascii() && !matches!(letter, '\n' | '\r' | '\0') => Some(Some(letter)),
        _ => {
            findings
                .wrong(&format!("{path}.{key}"), format!("`{key}` is {text:?}"))
                .expect("one ASCII character; \"\\t\" for a tab");
            None
        }
    }
}

fn encoding(text: Option<&str>, path: &str, default: &str, findings: &mut Findings) -> Option<String> {
    let Some(text) = text else { return Some(default.to_owned()) };
    let found = encoding_name(text);
    if found.is_none() {
        // Another number is another encoding, unless its digits changed places: of code pages that are near in letters none is near in
        // meaning.
        let digits = |label: &str| {
            let mut digits: Vec<char> = label.chars().filter(char::is_ascii_digit).collect();
            digits.sort_unstable();
            digits
        };
        let near = nearest(text, KNOWN_ENCODINGS.into_iter().filter(|known| digits(known) == digits(text)));
        let other = "convert the files to UTF-8, as iconv -f … -t UTF-8 does (iconv -l lists what it knows), and leave `encoding` out";
        findings
            .wrong(&format!("{path}.encoding"), format!("{text:?} is not an encoding of the WHATWG standard"))
            .expect("a name of the WHATWG standard, such as utf-8, windows-1252, windows-1250, iso-8859-2 or utf-16le")
            .help(near.map_or_else(|| other.to_owned(), |near| format!("did you mean {near}?")));
    }
    found
}
