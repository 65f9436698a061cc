//! The `[[source]]` block of a table: what each column is, every guess with a comment.

use super::{
    attributes::{Attribute, attribute},
    kinds::Guess,
    shapes::Shape,
    synonyms::of_values,
    table::{Roles, Table},
    text::{Block, own_name, sql_name, toml_key},
    words::{is_outcome, is_personal, words},
};
use crate::synth::basic_string;
use chrono::NaiveDate;
use segmenter_proto::{
    jobs::{SourceKind, Unit},
    kinds::{Holds, RowsOf},
};
use std::collections::{BTreeMap, BTreeSet};

/// Declared types that stand in one line.
const TYPES_OF_A_LINE: usize = 4;
/// Share of rows without a needed value from which they are left out beforehand, as rows of something else.
const OF_SOMETHING_ELSE: f64 = 0.05;
/// Letters of a text that is carried along; longer ones are prose.
const PROSE: usize = 100;

/// A source as it is written.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) kind: SourceKind,
    /// The name of the source.
    pub(super) name: String,
    /// The block, every guess with a comment.
    pub(super) text: String,
    /// The standard and carried names.
    pub(super) names: Vec<String>,
    /// Names that groups could be made by, with their columns.
    pub(super) attributes: Vec<(String, usize, Attribute)>,
    /// Names of true and false that say what happened to a customer.
    pub(super) outcomes: Vec<String>,
    /// The newest day that was seen; of events, or of what is said of customers.
    pub(super) last_day: Option<NaiveDate>,
    /// Bytes of its files.
    pub(super) bytes: u64,
    /// Whether amounts are mapped.
    pub(super) has_money: bool,
    /// The most frequent code of currencies.
    pub(super) currency: Option<String>,
    /// What a person should look at, for the message.
    pub(super) checks: Vec<String>,
}

/// A line of `[source.columns]`.
#[derive(Debug)]
struct Entry {
    name: String,
    expression: String,
    /// Positions of the columns in it.
    uses: Vec<usize>,
    comment: String,
}

/// Writes the block of a source; `taken` has the names that columns of customers cannot have, `until` the day from which another source has
/// the same rows.
pub(super) fn source_block(
    table: &Table,
    guess: &Guess,
    name: String,
    taken: &BTreeSet<String>,
    until: Option<(NaiveDate, String)>,
) -> Written {
    let mut writer = Writer::new(table, guess, name);
    writer.until = until;
    writer.standard();
    if matches!(guess.kind.kind().rows, RowsOf::One(_)) {
        writer.carried(taken, None);
    }
    writer.finish(&[])
}

/// Writes the block of a reference table with its key.
pub(super) fn reference_block(table: &Table, key: usize, name: String, notes: &[String]) -> Written {
    let kind = SourceKind::Reference;
    let guess = Guess::of(kind, Roles::default());
    let mut writer = Writer::new(table, &guess, name);
    writer.carried(&BTreeSet::new(), Some(key));
    let key = writer.entries.iter().find(|entry| entry.uses == [key]).map(|entry| entry.name.clone());
    let mut lines = vec![format!("key  = {}", basic_string(&key.unwrap_or_default()))];
    lines.extend(notes.iter().cloned());
    writer.finish(&lines)
}

/// Writes a block.
pub(super) struct Writer<'a> {
    pub(super) table: &'a Table,
    guess: &'a Guess,
    name: String,
    /// Declared types by column.
    pub(super) types: BTreeMap<usize, String>,
    entries: Vec<Entry>,
    checks: Vec<String>,
    /// The day from which another source has the same rows.
    until: Option<(NaiveDate, String)>,
}

impl<'a> Writer<'a> {
    fn new(table: &'a Table, guess: &'a Guess, name: String) -> Self {
        Self { table, guess, name, types: BTreeMap::new(), entries: Vec::new(), checks: Vec::new(), until: None }
    }
}

impl Writer<'_> {
    fn push(&mut self, name: &str, expression: String, uses: Vec<usize>, comment: &str) {
        self.entries.push(Entry { name: name.to_owned(), expression, uses, comment: comment.to_owned() });
    }

    /// The standard names of the kind.
    fn standard(&mut self) {
        for column in self.guess.kind.kind().columns {
            let position = self.guess.roles.get(column.name);
            match (column.name, position) {
                (id, position) if Some(id) == self.guess.kind.owner().map(Unit::key) => self.customer(id, position),
                ("won", None) if self.guess.kind == SourceKind::Opportunities => self.won(),
                ("amount", position) if self.guess.kind == SourceKind::Transactions => self.amount(position),
                (_, None) => {}
                (standard, Some(position)) if of_values(self.guess.kind).is_some_and(|(of, _)| of == standard) => {
                    self.words(standard, position);
                }
                ("birth_date", Some(position)) if self.table.is_year(position) => {
                    let year = self.number(position);
                    let comment = "personal; of the year alone, and no group is made by it";
                    self.push(column.name, format!("make_date({year}, 1, 1)"), vec![position], comment);
                }
                ("engagement_seconds", Some(position)) if in_thousandths(&self.table.column(position).name) => {
                    let number = self.number(position);
                    self.push(
                        column.name,
                        format!("{number} / 1000"),
                        vec![position],
                        "guessed: the column has milliseconds",
                    );
                }
                (standard, Some(position)) => {
                    // An id that is looked up is text, whatever it looks like.
                    let is_id = standard.ends_with("_id") && self.table.column(position).cut.is_some();
                    let expression = match column.holds {
                        _ if is_id => self.name_of(position),
                        Holds::Id => self.name_of(position),
                        Holds::Time | Holds::KnownTime | Holds::Beginning => self.time(position),
                        Holds::Money => self.money(position),
                        Holds::Number => self.number(position),
                        Holds::Truth => self.truth(position),
                        Holds::Any | Holds::AnyOrNull | Holds::AnyBeginning => self.value(position),
                    };
                    let comment = self.comment(standard, position);
                    self.push(standard, expression, vec![position], &comment);
                }
            }
        }
    }

    fn comment(&mut self, standard: &str, position: usize) -> String {
        let column = &self.table.column(position).name;
        if let Shape::Time(time) = &self.table.shapes[position]
            && time.ambiguous
        {
            let doubt = match time.of_number {
                Some(_) => format!("what the numbers in {column} count, and from when"),
                None => format!("whether {column} has day or month first"),
            };
            self.checks.push(format!("{}: {doubt}", self.name));
            return match time.of_number {
                Some(_) => "CHECK: numbers that count from a beginning that the file does not tell",
                None => "CHECK: day and month may be the other way round in `types`",
            }
            .to_owned();
        }
        match (self.guess.kind, standard) {
            (SourceKind::Transactions, "order_id") => "guessed: rows with the same one are lines of one order",
            (SourceKind::Transactions, "currency") => "checked against the job's currency",
            (SourceKind::Transactions, "is_refund") => "guessed; without it, rows with a negative amount are refunds",
            (SourceKind::Transactions, "status") => "carried along, for `where`",
            (SourceKind::Customers, _) if is_personal(column) => "personal: carried along, and no group is made by it",
            _ => "guessed",
        }
        .to_owned()
    }

    /// Whether a deal was won, by what its stage is called.
    fn won(&mut self) {
        let Some(position) = self.guess.roles.get("stage") else { return };
        let stage = self.value(position);
        let expression =
            format!("case when lower({stage}) like '%lost%' then false when lower({stage}) like '%won%' then true end");
        self.push("won", expression, vec![position], "guessed: by what the stages are called");
    }

    fn customer(&mut self, id: &str, position: Option<usize>) {
        let Some(position) = position else {
            let parts: Vec<String> = self.guess.made_id.iter().map(|position| self.name_of(*position)).collect();
            let comment = "CHECK: no column names a customer; what differs stands in for it";
            let checks = format!(
                "{}: no column names a customer, so answers that differ do; better add a column that does",
                self.name
            );
            self.checks.push(checks);
            self.push(id, format!("concat_ws('-', {})", parts.join(", ")), self.guess.made_id.clone(), comment);
            return;
        };
        let column = self.table.column(position);
        let expression = self.name_of(position);
        let padded = column.samples.iter().any(|id| id.starts_with('0') && id.len() > 1);
        if self.guess.is_padded {
            let comment = "guessed: without leading zeros it is the other sources' id";
            self.push(id, format!("ltrim({expression}, '0')"), vec![position], comment);
            return;
        }
        let comment = match padded {
            true => format!("guessed; ltrim({expression}, '0') would drop leading zeros"),
            false => "guessed".to_owned(),
        };
        let without = share(self.table.source.rows - column.samples.len(), self.table.source.rows);
        if without >= 0.01 {
            self.checks.push(format!("{}: {} of the rows have no {}", self.name, percent(without), column.name));
        }
        self.push(id, expression, vec![position], &comment);
    }

    fn amount(&mut self, position: Option<usize>) {
        let refunds = "guessed; below zero is a refund";
        let quantity = self.guess.roles.get("quantity");
        match (position, self.table.unit_price(&self.guess.roles), quantity) {
            (Some(amount), _, _) => {
                let expression = self.money(amount);
                self.push("amount", expression, vec![amount], refunds);
            }
            (None, Some(price), Some(quantity)) => {
                let expression = format!("{} * {}", self.number(quantity), self.money(price));
                self.push("amount", expression, vec![quantity, price], refunds);
            }
            (None, Some(price), None) => {
                let expression = self.money(price);
                self.push("amount", expression, vec![price], refunds);
            }
            (None, None, _) => {
                self.checks.push(format!("{}: no column looks like money, so rows are counted", self.name));
                self.push("amount", "1".to_owned(), Vec::new(), "NOT FOUND: no column looks like money; 1 counts rows");
            }
        }
    }

    /// Words as the kind calls them, in small letters.
    fn words(&mut self, standard: &str, position: usize) {
        let value = self.value(position);
        let samples = &self.table.column(position).samples;
        let steps = ["send", "open", "click", "deliver", "bounce"];
        let other = samples.iter().any(|sample| steps.contains(&sample.trim().to_lowercase().as_str()));
        let expression = match other && standard == "action" {
            true => format!(
                "case lower({value}) when 'send' then 'sent' when 'open' then 'opened' when 'click' then 'clicked' \
                 when 'deliver' then 'delivered' when 'bounce' then 'bounced' else lower({value}) end"
            ),
            false if samples.iter().any(|sample| sample.chars().any(char::is_uppercase)) => format!("lower({value})"),
            false => value,
        };
        self.push(standard, expression, vec![position], "guessed");
    }

    /// All other columns, under names of their own: what groups may be made by, and what rules and profiles may use.
    fn carried(&mut self, taken: &BTreeSet<String>, key: Option<usize>) {
        let mut names: BTreeSet<String> = taken.clone();
        names.extend(self.guess.kind.kind().columns.iter().map(|column| column.name.to_owned()));
        for position in 0..self.table.shapes.len() {
            if self.guess.roles.holds(position) || self.table.shapes[position] == Shape::Nested {
                continue;
            }
            let column = self.table.column(position);
            let is_customers = matches!(self.guess.kind.kind().rows, RowsOf::One(_));
            // The key of a reference is what others refer to, whatever it is called.
            let is_key = key == Some(position);
            let prose = column.samples.iter().any(|sample| sample.len() > PROSE);
            if !is_key && is_personal(&column.name) || is_customers && (prose || column.samples.is_empty()) {
                continue;
            }
            let own = own_name(&column.name);
            let mut name = own.clone();
            let mut number = 2;
            while !names.insert(name.clone()) {
                name = format!("{own}_{number}");
                number += 1;
            }
            let (flag, expression) = (self.table.is_flag(position), self.value(position));
            let expression = if flag { self.truth(position) } else { expression };
            let comment = match (is_customers, is_outcome(&column.name)) {
                (true, true) => "an outcome: no group is made by it, so that groups can be compared in it",
                _ => "",
            };
            self.push(&name, expression, vec![position], comment);
        }
    }

    fn finish(mut self, notes: &[String]) -> Written {
        let kind = self.guess.kind;
        let source = &self.table.source;
        let mut block = Block::default();
        block.plain("[[source]]");
        block.line(&format!("name = {}", basic_string(&self.name)), "how the rest of the file calls it");
        block.line(&format!("kind = {}", basic_string(kind.name())), &format!("guessed: a row is {}", kind.kind().row));
        block.plain(&format!("uri  = {}", basic_string(&source.uri)));
        block.options(source);
        let (key, comments): (Vec<&String>, Vec<&String>) = notes.iter().partition(|note| note.starts_with("key "));
        key.iter().for_each(|line| block.line(line, "guessed: all of its values differ"));
        comments.iter().for_each(|line| block.plain(line));
        let currency = self.currency();
        self.conditions(currency.as_deref(), &mut block);
        self.advice(&mut block);
        let types: Vec<String> = self
            .types
            .iter()
            .map(|(position, declared)| {
                format!("{} = {}", toml_key(&self.table.column(*position).name), basic_string(declared))
            })
            .collect();
        match types.len() {
            0 => {}
            1..=TYPES_OF_A_LINE => {
                block.plain("# Guessed from the values; a text column that is not named here stays text.");
                block.plain(&format!("types = {{ {} }}", types.join(", ")));
            }
            _ => {
                block.plain(
                    "[source.types]   # Guessed from the values; a text column that is not named here stays text.",
                );
                types.iter().for_each(|line| block.plain(line));
            }
        }
        block.plain("[source.columns]");
        for entry in &self.entries {
            let code = format!("{:<11} = {}", entry.name, basic_string(&entry.expression));
            if entry.comment.is_empty() { block.plain(&code) } else { block.line(&code, &entry.comment) }
        }
        self.rest(&mut block);
        let is_attribute = |entry: &Entry| match entry.uses.as_slice() {
            [position] if Some(entry.name.as_str()) != kind.owner().map(Unit::key) => {
                attribute(self.table, *position).map(|attribute| (entry.name.clone(), *position, attribute))
            }
            _ => None,
        };
        let happened = |entry: &&Entry| {
            let of = entry.uses.first().filter(|_| entry.uses.len() == 1);
            of.is_some_and(|at| {
                is_outcome(&self.table.column(*at).name)
                    && (self.table.is_flag(*at) || self.table.shapes[*at] == Shape::Bool)
            })
        };
        let of_customers = matches!(kind.kind().rows, RowsOf::One(_));
        Written {
            kind,
            name: self.name.clone(),
            text: block.text,
            names: self.entries.iter().map(|entry| entry.name.clone()).collect(),
            attributes: self.entries.iter().filter_map(is_attribute).filter(|_| of_customers).collect(),
            outcomes: self.entries.iter().filter(happened).map(|entry| entry.name.clone()).collect(),
            last_day: self.last_day(),
            bytes: source.bytes,
            has_money: [SourceKind::Transactions, SourceKind::Opportunities].contains(&self.guess.kind)
                && self.entries.iter().any(|entry| entry.name == "amount" && !entry.uses.is_empty()),
            currency,
            checks: self.checks,
        }
    }

    /// Of events the newest, of customers the newest of what is said of them.
    fn last_day(&self) -> Option<NaiveDate> {
        match self.guess.roles.get("time") {
            Some(position) => self.table.last_day(position),
            None if self.guess.kind == SourceKind::Reference => None,
            None => (0..self.table.shapes.len())
                .filter(|position| !is_personal(&self.table.column(*position).name))
                .filter_map(|position| self.table.last_day(position))
                .max(),
        }
    }

    /// The code of most rows, where the column has codes.
    fn currency(&self) -> Option<String> {
        let samples = &self.table.column(self.guess.roles.get("currency")?).samples;
        let is_code = |code: &str| code.len() == 3 && code.bytes().all(|letter| letter.is_ascii_uppercase());
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        samples.iter().filter(|code| is_code(code)).for_each(|code| *counts.entry(code).or_default() += 1);
        counts.into_iter().max_by_key(|(_, count)| *count).map(|(code, _)| code.to_owned())
    }

    /// Leaves out rows that cannot be used and are known to be others.
    fn conditions(&mut self, currency: Option<&str>, block: &mut Block) {
        let rows = self.table.source.rows;
        let mut parts = Vec::new();
        let mut told = Vec::new();
        let id = self.guess.kind.owner().map(Unit::key);
        for column in self.guess.kind.kind().columns.iter().filter(|column| column.needed && Some(column.name) != id) {
            let Some(entry) = self.entries.iter().find(|entry| entry.name == column.name) else { continue };
            let known =
                entry.uses.iter().map(|position| self.table.column(*position).samples.len()).min().unwrap_or(rows);
            let without = share(rows - known.min(rows), rows);
            if without >= OF_SOMETHING_ELSE {
                parts.push(format!("{} is not null", column.name));
                told.push(format!("{} of the rows have no {}", percent(without), column.name));
            }
        }
        if let (Some(code), Some(position)) = (currency, self.guess.roles.get("currency"))
            && self.table.distinct(position) > 1
        {
            parts.push(format!("currency = '{code}'"));
            told.push("there are several currencies, and one is kept".to_owned());
        }
        if let Some((day, other)) = &self.until {
            parts.push(format!("time < timestamp '{day}'"));
            told.push(format!("the orders from {day} on stand in {other} too"));
        }
        if !parts.is_empty() {
            let told = told.join("; ");
            block.line(&format!("where = {}", basic_string(&parts.join(" and "))), &format!("CHECK: {told}"));
            self.checks.push(format!("{}: {told}", self.name));
        }
    }

    /// Comments on what a person may want to add.
    fn advice(&self, block: &mut Block) {
        let of_orders = self.guess.kind == SourceKind::Transactions;
        let mapped = |standard: &str| self.guess.roles.has(standard);
        if of_orders && mapped("order_id") && mapped("line_no") {
            block.line("# key = [\"order_id\", \"line_no\"]", "to keep a line that was loaded twice once");
        }
        if let Some(position) = self.guess.roles.get("status").filter(|_| of_orders) {
            let cancelled = |value: &String| value.to_lowercase().contains("cancel");
            if self.table.column(position).samples.iter().any(cancelled) {
                block.line("# where = \"lower(status) not like '%cancel%'\"", "to leave cancelled orders out");
            }
        }
        let uses_price = self.entries.iter().any(|entry| entry.name == "amount" && entry.uses.len() == 2);
        if let Some(discount) = self.guess.roles.get("discount").filter(|_| of_orders && uses_price) {
            block.plain(&format!("# Is {} to be taken off the amount?", self.name_of(discount)));
        }
    }

    /// Comments for what is not mapped.
    fn rest(&self, block: &mut Block) {
        let used = |position: &usize| self.entries.iter().any(|entry| entry.uses.contains(position));
        let unused = (0..self.table.shapes.len()).filter(|position| !used(position));
        // Nested values cannot be carried along as they are.
        let unused: Vec<usize> = unused.filter(|position| self.table.shapes[*position] != Shape::Nested).collect();
        if !self.table.source.repeated.is_empty() {
            let names: Vec<String> = self.table.source.repeated.iter().map(|name| sql_name(name)).collect();
            block.plain(&format!("# Left out, since several columns have the name: {}", names.join(", ")));
        }
        if unused.is_empty() {
            return;
        }
        block.plain(match self.guess.kind {
            SourceKind::Customers | SourceKind::Accounts => {
                "# Left out: personal, prose, or empty. A name of your own carries a column along all the same:"
            }
            SourceKind::Reference => "# Left out: personal. A name of your own carries a column along all the same:",
            _ => "# Not needed so far; a name of your own carries a column along, for rules and features:",
        });
        for position in unused {
            let own = own_name(&self.table.column(position).name);
            block.plain(&format!("# {own} = {}", basic_string(&self.name_of(position))));
        }
    }
}

/// Says whether a name tells of thousandths of seconds.
fn in_thousandths(name: &str) -> bool {
    words(name).iter().any(|word| ["msec", "ms", "millis", "milliseconds"].contains(&word.as_str()))
}

fn share(part: usize, all: usize) -> f64 {
    part as f64 / all.max(1) as f64
}

/// A share for people.
pub(super) fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

#[cfg(test)]
mod tests;
