//! Text of a job file: comments in one column, names that SQL and TOML can read.

use super::sample::SampledSource;
use crate::synth::basic_string;
use segmenter_proto::jobs::{CsvOptions, FileFormat, SourceKind};
use std::fmt::Write;

/// Column of the comments.
const COMMENTS: usize = 50;

/// Text with comments in one column.
#[derive(Debug, Default)]
pub(super) struct Block {
    pub(super) text: String,
}

impl Block {
    pub(super) fn plain(&mut self, line: &str) {
        let _ = writeln!(self.text, "{line}");
    }

    pub(super) fn line(&mut self, code: &str, comment: &str) {
        let _ = writeln!(self.text, "{code:<COMMENTS$} # {comment}");
    }

    /// Format and CSV options, where they are not what is assumed without them.
    pub(super) fn options(&mut self, source: &SampledSource) {
        let format = match source.format {
            FileFormat::Parquet => "parquet",
            FileFormat::Csv => "csv",
            FileFormat::Ndjson => "ndjson",
        };
        let bare = source.uri.trim_end_matches(".gz").trim_end_matches(".zst");
        let told = bare.ends_with(&format!(".{format}")) || bare.ends_with('/');
        if !told {
            self.line(&format!("format = \"{format}\""), "the extension does not tell");
        }
        let plain = CsvOptions::default();
        let csv = &source.csv;
        let mut options = Vec::new();
        if csv.delimiter != plain.delimiter {
            options.push(format!("delimiter = {}", basic_string(&csv.delimiter.to_string())));
        }
        if csv.decimal != plain.decimal {
            options.push(format!("decimal = {}", basic_string(&csv.decimal.to_string())));
        }
        if !csv.header {
            options.push("header = false".to_owned());
        }
        if csv.skip_rows != plain.skip_rows {
            options.push(format!("skip_rows = {}", csv.skip_rows));
        }
        if let Some(comment) = csv.comment {
            options.push(format!("comment = {}", basic_string(&comment.to_string())));
        }
        if csv.encoding != plain.encoding {
            options.push(format!("encoding = {}", basic_string(&csv.encoding)));
        }
        if source.format == FileFormat::Parquet || options.is_empty() {
            return;
        }
        let why = match source.encoding_is_certain {
            true => "guessed from the first lines".to_owned(),
            false => {
                let other = if csv.encoding == "windows-1252" { "windows-1250" } else { "windows-1252" };
                format!("CHECK the encoding, it may be {other}: are all letters right?")
            }
        };
        self.line(&format!("csv  = {{ {} }}", options.join(", ")), &why);
    }
}

/// A column in SQL: quoted, unless it is a plain word that cannot be mistaken.
pub(super) fn sql_name(name: &str) -> String {
    const RESERVED: [&str; 24] = [
        "all",
        "and",
        "as",
        "by",
        "case",
        "date",
        "day",
        "desc",
        "end",
        "from",
        "group",
        "in",
        "interval",
        "is",
        "key",
        "not",
        "null",
        "or",
        "order",
        "select",
        "time",
        "timestamp",
        "user",
        "when",
    ];
    let plain = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && !RESERVED.contains(&name.to_ascii_lowercase().as_str());
    if plain { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

pub(super) fn toml_key(name: &str) -> String {
    let bare = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    if bare { name.to_owned() } else { basic_string(name) }
}

/// A name for a carried column: lower case, words joined by `_`.
pub(super) fn own_name(name: &str) -> String {
    let mut own = String::new();
    let mut before = ' ';
    for character in name.chars() {
        if character.is_ascii_alphanumeric() {
            let starts =
                !before.is_ascii_alphanumeric() || (before.is_ascii_lowercase() && character.is_ascii_uppercase());
            if starts && !own.is_empty() {
                own.push('_');
            }
            own.push(character.to_ascii_lowercase());
        }
        before = character;
    }
    if own.starts_with(|c: char| c.is_ascii_lowercase()) { own } else { format!("x{own}") }
}

/// The source's name: the last part of its address that is a name; of a list of files what the first is called without its number.
pub(super) fn source_name(uri: &str, kind: SourceKind) -> String {
    let path = uri.split_once("://").map_or(uri, |(_, path)| path);
    let bare = |part: &str| part.split('.').next().unwrap_or_default().to_owned();
    let parts = path.rsplit('/').map(|part| match part.strip_prefix('{').and_then(|list| list.split(',').next()) {
        Some(first) => bare(first).trim_end_matches(|c: char| c.is_ascii_digit() || "_- ".contains(c)).to_owned(),
        None => bare(part),
    });
    let named =
        |part: &String| part.contains(|c: char| c.is_ascii_alphabetic()) && !part.contains(['*', '?', '[', '{', '=']);
    let name = parts.into_iter().find(named).map_or_else(|| kind.name().to_owned(), |part| own_name(&part));
    if ["all", "x"].contains(&name.as_str()) { format!("{name}_{}", kind.name()) } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_sql_toml_and_names_of_their_own() {
        assert_eq!(sql_name("a b\"c"), "\"a b\"\"c\"");
        assert_eq!(sql_name("Order"), "\"Order\"");
        assert_eq!(toml_key("Customer ID"), "\"Customer ID\"");
        assert_eq!(own_name("Customer ID"), "customer_id");
        assert_eq!(own_name("2nd"), "x2nd");
        assert_eq!(source_name("s3://bucket/sales/dt=2024-01-01/*.parquet", SourceKind::Transactions), "sales");
        assert_eq!(source_name("*.csv", SourceKind::Customers), "customers");
        assert_eq!(source_name("in/{orders_1.csv,orders_2.csv}", SourceKind::Transactions), "orders");
    }
}
