//! A job file for files that are there: what each column is, as far as names and values tell.

use super::roles::{ROLES, assign};
use super::sample::SampledSource;
use super::shapes::{Shape, TimeShape, shape};
use crate::synth::basic_string;
use arrow::datatypes::DataType;
use chrono::{Days, NaiveDate};
use segmenter_proto::jobs::{CsvOptions, FileFormat, SourceKind};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Column of the comments.
const COMMENTS: usize = 50;
/// Data that ends longer ago than this is a closed history, not one that goes on.
const FRESH_DAYS: i64 = 400;

/// A `[[source]]` block with what was learnt on the way.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceGuess {
    /// What the rows are; none where that could not be told, and the block has to be completed by hand.
    pub kind: Option<SourceKind>,
    /// The source's name.
    pub name: String,
    /// The block, every guess with a comment.
    pub text: String,
    /// The last day of `time` among the samples.
    pub last_day: Option<NaiveDate>,
    /// The codes in the currency column among the samples, sorted.
    pub currencies: Vec<String>,
}

/// Writes the `[[source]]` block for a source, guessing its kind and the meaning of its columns.
pub fn source_block(source: &SampledSource) -> SourceGuess {
    let columns = Columns::of(source);
    let kind = columns.kind();
    let mapping = match kind {
        Some(SourceKind::Customers) => columns.customers(),
        _ => columns.transactions(),
    };
    let name = source_name(&source.uri, kind);
    let mut block = Block::default();
    block.plain("[[source]]");
    block.line(&format!("name = {}", basic_string(&name)), "how the rest of the file calls it");
    let (word, why) = match kind {
        Some(SourceKind::Transactions) => ("transactions", "guessed: rows have a customer, a time and what was bought"),
        Some(SourceKind::Customers) => ("customers", "guessed: a row a customer; else transactions"),
        // A reference table is never guessed: any file without a customer could be one.
        _ => ("transactions", "NOT RECOGNISED: transactions or customers? Complete the columns below"),
    };
    block.line(&format!("kind = {}", basic_string(word)), why);
    block.plain(&format!("uri  = {}", basic_string(&source.uri)));
    block.options(source);
    let types = columns.types(&mapping);
    if !types.is_empty() {
        block.plain("# Guessed from the values; a text column that is not named here stays text.");
        block.plain(&format!("types = {{ {} }}", types.join(", ")));
    }
    columns.advice(&mapping, &mut block);
    block.plain("[source.columns]");
    for entry in &mapping {
        block.line(&format!("{:<11} = {}", entry.standard, basic_string(&entry.expression)), &entry.comment);
    }
    columns.rest(&mapping, &mut block);
    SourceGuess { kind, name, text: block.text, last_day: columns.last_day(), currencies: columns.currencies() }
}

/// What was made of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobText {
    /// As it stands in the file.
    pub text: String,
    /// Whether it is a job; else the block of a source.
    pub is_whole: bool,
}

/// Writes a whole job over a source of transactions; for another kind, the block and what to do with it.
///
/// `today` decides whether the data goes on (`as_of = "today"`) or ended: then `as_of` is the day after its last sample.
pub fn job_from(source: &SampledSource, today: NaiveDate) -> JobText {
    let guess = source_block(source);
    if guess.kind != Some(SourceKind::Transactions) {
        let text = format!(
            "# A block for a job file: segmenter could not make a whole job of it, which needs a source of transactions.\n\
             # Put it beside one; `segmenter init` writes an example of a job with several sources.\n\n{}",
            guess.text
        );
        return JobText { text, is_whole: false };
    }
    let (as_of, why) = match guess.last_day {
        Some(day) if (today - day).num_days() > FRESH_DAYS => {
            let next = day.checked_add_days(Days::new(1)).unwrap_or(day);
            (next.to_string(), "guessed: the day after the last time that was seen")
        }
        _ => ("today".to_owned(), "or a date; features see only what happened before it"),
    };
    let (currency, why_currency) = match guess.currencies.as_slice() {
        [] => ("EUR", "NOT IN THE FILES: say which"),
        [one] => (one.as_str(), "as in the files"),
        [first, ..] => (first.as_str(), "the files have several: keep one with `where` in the source"),
    };
    let job = guess.name.replace('_', "-");
    let mut head = Block::default();
    head.plain("# Written by `segmenter init --from` after a look at the files. Lines that say \"guessed\" want a second look;");
    head.plain("# `segmenter validate` checks the file, and `segmenter plan` tells what a run would read and write.");
    head.plain("");
    head.plain("format_version = 1");
    head.plain(&format!("name     = {}", basic_string(&job)));
    head.line(&format!("as_of    = {}", basic_string(&as_of)), why);
    head.line("timezone = \"UTC\"", "where a day begins, and what a time without a zone means");
    head.line(&format!("currency = {}", basic_string(currency)), why_currency);
    head.plain("");
    head.plain("[output]");
    head.line("uri = \"segments\"", "a folder, or s3://bucket/path");
    JobText { text: format!("{}\n{}\n{SEGMENTATIONS}", head.text, guess.text), is_whole: true }
}

const SEGMENTATIONS: &str = r#"[features]
presets = [{ name = "rfm" }]   # recency_days, frequency, monetary, tenure_days, average_order_value

[[segmentation]]
name   = "value"
method = "rfm"

[[segmentation]]
name     = "behaviour"
method   = "kmeans"
features = ["recency_days", "frequency", "monetary"]
k        = { min = 3, max = 8, min_share = 0.02 }
where    = "frequency >= 1"
"#;

/// A line of `[source.columns]`.
#[derive(Debug)]
struct Entry {
    standard: &'static str,
    expression: String,
    /// Positions of the columns in it.
    uses: Vec<usize>,
    comment: String,
}

/// The columns of a source with their shapes and roles.
#[derive(Debug)]
struct Columns<'a> {
    source: &'a SampledSource,
    shapes: Vec<Shape>,
    roles: BTreeMap<&'static str, usize>,
}

impl<'a> Columns<'a> {
    fn of(source: &'a SampledSource) -> Self {
        let shapes: Vec<Shape> = source.columns.iter().map(|column| shape(column, source.csv.decimal)).collect();
        let named: Vec<(&str, &Shape)> =
            source.columns.iter().map(|column| column.name.as_str()).zip(&shapes).collect();
        let roles = ROLES.iter().map(|role| role.standard).zip(assign(&named));
        let roles = roles.filter_map(|(standard, position)| Some((standard, position?))).collect();
        let mut columns = Self { source, shapes, roles };
        if source.format == FileFormat::Csv && !source.csv.header {
            columns.roles = columns.by_shape();
        }
        columns
    }

    /// Roles of columns without names: the first time; before money, a customer; the last number with a fraction.
    fn by_shape(&self) -> BTreeMap<&'static str, usize> {
        let position = |fits: &dyn Fn(&Shape) -> bool| self.shapes.iter().position(fits);
        let time = position(&|shape| matches!(shape, Shape::Time(_)));
        let amount = self.shapes.iter().rposition(|shape| *shape == Shape::Number);
        let customer = position(&|shape| matches!(shape, Shape::Text | Shape::Integer));
        let found = [("customer_id", customer), ("time", time), ("amount", amount)];
        found.into_iter().filter_map(|(standard, position)| Some((standard, position?))).collect()
    }

    fn has(&self, standard: &str) -> bool {
        self.roles.contains_key(standard)
    }

    fn kind(&self) -> Option<SourceKind> {
        let any = |standards: &[&str]| standards.iter().any(|standard| self.has(standard));
        let bought = any(&["amount", "unit_price", "quantity", "order_id", "product_id"]);
        let described = any(&["birth_date", "signed_up", "sex", "email", "city", "postcode", "region", "country"]);
        match (self.has("customer_id"), self.has("time")) {
            (true, true) if bought || !described => Some(SourceKind::Transactions),
            (true, _) if described && !(any(&["order_id"]) && bought) => Some(SourceKind::Customers),
            _ => None,
        }
    }

    fn transactions(&self) -> Vec<Entry> {
        let mut entries = Vec::new();
        entries.extend(self.customer());
        entries.extend(self.entry("order_id", "guessed: rows with the same one are lines of one order"));
        entries.extend(self.entry("line_no", "guessed"));
        entries.extend(self.time("time", "guessed"));
        entries.push(self.amount());
        entries.extend(self.entry("product_id", "guessed"));
        entries.extend(self.entry("currency", "checked against the job's currency"));
        entries.extend(self.entry("channel", "guessed"));
        entries.extend(self.entry("is_refund", "guessed; without it, rows with a negative amount are refunds"));
        entries.extend(self.entry("status", "carried along, for `where`"));
        entries
    }

    fn customers(&self) -> Vec<Entry> {
        let mut entries = Vec::new();
        entries.extend(self.customer());
        entries.extend(self.time("birth_date", "guessed"));
        entries.extend(self.time("signed_up", "carried along"));
        for standard in ["sex", "country", "region", "city", "postcode"] {
            entries.extend(self.entry(standard, "carried along, for rules, kmeans and profiles"));
        }
        entries
    }

    fn customer(&self) -> Option<Entry> {
        let mut entry = self.entry("customer_id", "guessed")?;
        let padded = |position: &usize| self.source.columns[*position].samples.iter().any(|id| id.starts_with('0'));
        if entry.uses.iter().any(padded) {
            entry.comment = format!("guessed; ltrim({}, '0') would drop leading zeros", entry.expression);
        }
        Some(entry)
    }

    fn entry(&self, standard: &'static str, comment: &str) -> Option<Entry> {
        let position = *self.roles.get(standard)?;
        Some(Entry { standard, expression: self.name(position), uses: vec![position], comment: comment.to_owned() })
    }

    fn time(&self, standard: &'static str, comment: &str) -> Option<Entry> {
        let mut entry = self.entry(standard, comment)?;
        let position = *entry.uses.first()?;
        let Shape::Time(time) = &self.shapes[position] else { return Some(entry) };
        if time.ambiguous {
            entry.comment = "CHECK: day and month may be the other way round in `types`".to_owned();
        }
        Some(entry)
    }

    fn amount(&self) -> Entry {
        let made = |expression: String, uses: Vec<usize>, comment: &str| Entry {
            standard: "amount",
            expression,
            uses,
            comment: comment.to_owned(),
        };
        let role = |standard: &str| self.roles.get(standard).copied();
        match (role("amount"), role("unit_price"), role("quantity")) {
            (Some(amount), _, _) => made(self.name(amount), vec![amount], "guessed; below zero is a refund"),
            (None, Some(price), Some(quantity)) => {
                let expression = format!("{} * {}", self.name(quantity), self.name(price));
                made(expression, vec![quantity, price], "guessed; below zero is a refund")
            }
            (None, Some(price), None) => made(self.name(price), vec![price], "guessed; below zero is a refund"),
            (None, None, _) => made("1".to_owned(), vec![], "NOT FOUND: no column looks like money; 1 counts rows"),
        }
    }

    /// The entries of `types`, for text columns that are used.
    fn types(&self, mapping: &[Entry]) -> Vec<String> {
        let mut used: Vec<(usize, &str)> =
            mapping.iter().flat_map(|entry| entry.uses.iter().map(|position| (*position, entry.standard))).collect();
        used.sort_unstable();
        let is_text = |kind: &Option<DataType>| matches!(kind, None | Some(DataType::Utf8));
        let text = used.into_iter().filter(|(position, _)| is_text(&self.source.columns[*position].data_type));
        text.filter_map(|(position, standard)| {
            let declared = match (&self.shapes[position], standard) {
                (Shape::Time(TimeShape { format: Some(format), of_day: true, .. }), _) => {
                    format!("timestamp({format})")
                }
                (Shape::Time(TimeShape { format: Some(format), .. }), _) => format!("date({format})"),
                // Four digits are what amounts keep; fewer in the samples says little about the rest of the file.
                (Shape::Number, "amount") => "decimal(18,4)".to_owned(),
                (Shape::Integer, "amount") if self.roles.get("quantity") == Some(&position) => "int".to_owned(),
                (Shape::Integer, "amount") => "decimal(18,4)".to_owned(),
                (Shape::Bool, "is_refund") => "bool".to_owned(),
                _ => return None,
            };
            Some(format!("{} = {}", toml_key(&self.source.columns[position].name), basic_string(&declared)))
        })
        .collect()
    }

    /// Comments on what a person may want to add.
    fn advice(&self, mapping: &[Entry], block: &mut Block) {
        let mapped = |standard: &str| mapping.iter().any(|entry| entry.standard == standard);
        if mapped("order_id") && mapped("line_no") {
            block.line("# key = [\"order_id\", \"line_no\"]", "to keep a line that was loaded twice once");
        }
        if let Some(position) = self.roles.get("status").filter(|_| mapped("status")) {
            let cancelled = |value: &&String| value.to_lowercase().contains("cancel");
            if let Some(value) = self.source.columns[*position].samples.iter().find(cancelled) {
                let condition = format!("status <> '{}'", value.replace('\'', "''"));
                block.line(&format!("# where = {}", basic_string(&condition)), "to leave these out");
            }
        }
        let uses_price = |entry: &Entry| entry.standard == "amount" && entry.uses.len() == 2;
        if let Some(discount) = self.roles.get("discount").filter(|_| mapping.iter().any(uses_price)) {
            block.plain(&format!("# Is {} to be taken off the amount?", self.name(*discount)));
        }
    }

    /// Comments for what is missing or not mapped.
    fn rest(&self, mapping: &[Entry], block: &mut Block) {
        for needed in ["customer_id", "time"] {
            let wanted = needed == "customer_id" || self.kind() != Some(SourceKind::Customers);
            if wanted && !mapping.iter().any(|entry| entry.standard == needed) {
                block.line(&format!("# {needed:<9} = \"…\""), "NOT FOUND: needed");
            }
        }
        let used = |position: &usize| mapping.iter().any(|entry| entry.uses.contains(position));
        let mut unused: Vec<usize> = (0..self.source.columns.len()).filter(|position| !used(position)).collect();
        // Nested values cannot be carried along as they are.
        unused.retain(|position| self.shapes[*position] != Shape::Nested);
        if !self.source.repeated.is_empty() {
            let names: Vec<String> = self.source.repeated.iter().map(|name| sql_name(name)).collect();
            block.plain(&format!("# Left out, since several columns have the name: {}", names.join(", ")));
        }
        if !unused.is_empty() {
            block.plain("# Not needed so far; a name of your own carries a column along, for rules and features:");
        }
        for position in unused {
            let own = own_name(&self.source.columns[position].name);
            block.plain(&format!("# {own} = {}", basic_string(&self.name(position))));
        }
    }

    fn last_day(&self) -> Option<NaiveDate> {
        match &self.shapes[*self.roles.get("time")?] {
            Shape::Time(time) => time.last,
            _ => None,
        }
    }

    fn currencies(&self) -> Vec<String> {
        let Some(position) = self.roles.get("currency") else { return Vec::new() };
        let mut codes = self.source.columns[*position].samples.clone();
        codes.sort_unstable();
        codes.dedup();
        codes
    }

    fn name(&self, position: usize) -> String {
        sql_name(&self.source.columns[position].name)
    }
}

/// Text with comments in one column.
#[derive(Debug, Default)]
struct Block {
    text: String,
}

impl Block {
    fn plain(&mut self, line: &str) {
        let _ = writeln!(self.text, "{line}");
    }

    fn line(&mut self, code: &str, comment: &str) {
        let _ = writeln!(self.text, "{code:<COMMENTS$} # {comment}");
    }

    /// Format and CSV options, where they are not what is assumed without them.
    fn options(&mut self, source: &SampledSource) {
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
fn sql_name(name: &str) -> String {
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

fn toml_key(name: &str) -> String {
    let bare = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    if bare { name.to_owned() } else { basic_string(name) }
}

/// A name for a carried column: lower case, words joined by `_`.
fn own_name(name: &str) -> String {
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

/// The source's name: the last part of its address that is a name.
fn source_name(uri: &str, kind: Option<SourceKind>) -> String {
    let path = uri.split_once("://").map_or(uri, |(_, path)| path);
    let parts = path.split('/').rev().map(|part| part.split('.').next().unwrap_or_default());
    let named =
        |part: &&str| part.contains(|c: char| c.is_ascii_alphabetic()) && !part.contains(['*', '?', '[', '{', '=']);
    let fallback = if kind == Some(SourceKind::Customers) { "customers" } else { "orders" };
    own_name(parts.into_iter().find(named).unwrap_or(fallback))
}

#[cfg(test)]
mod tests;
