//! The whole job over tables: sources, presets that fit, a segmentation that fits, and an example of rules.

use super::{
    accounts::unit_of,
    block::{Written, reference_block, source_block},
    kinds::{Use, decide},
    overlaps::{Overlap, overlaps},
    presets::fitting,
    segmentations::Features,
    table::Table,
    text::{Block, source_name},
};
use crate::synth::basic_string;
use chrono::{Days, NaiveDate};
use segmenter_proto::jobs::{SourceKind, Unit};
use segmenter_worker::families::Family;
use std::collections::BTreeSet;

/// Data that ended no longer ago goes on.
const FRESH_DAYS: i64 = 31;
/// Names of segmentations that are written, which no feature or column may have.
const SEGMENTATIONS: [&str; 5] = ["value", "behaviour", "groups", "pipeline", "targets"];

/// A job file with what is to be said of it.
#[derive(Debug)]
pub(super) struct JobText {
    /// As it stands in the file.
    pub(super) text: String,
    /// The tables that are sources, in the order of the file.
    pub(super) sources: Vec<usize>,
    /// What was found, a word a table.
    pub(super) found: Vec<String>,
    /// Tables that are not used, with the reason.
    pub(super) unused: Vec<(String, String)>,
    /// What a person should look at.
    pub(super) checks: Vec<String>,
    /// Why there is no segmentation, where there is none: the file is no job then.
    pub(super) lacks: Option<String>,
}

/// Writes a whole job over tables, as far as that can be done.
pub(super) fn job_text(tables: &[Table], name: &str, output: &str, today: NaiveDate) -> JobText {
    let uses = decide(tables);
    let order = in_order(&uses);
    let names = source_names(tables, &uses, &order);
    let taken = taken_names();
    let sources = Sources {
        tables,
        uses: &uses,
        overlaps: &overlaps(tables, &uses),
        order: &order,
        names: &names,
        taken: &taken,
    };
    let written: Vec<Written> = order.iter().zip(&names).filter_map(|(at, name)| sources.block(*at, name)).collect();
    let unit = unit_of(&uses);
    let is_customers = |source: &&Written| source.kind == unit.kind();
    let customers =
        written.iter().find(is_customers).zip(order.iter().find(|at| kind_of(&uses[**at]) == Some(unit.kind())));
    let presets = fitting(&written, unit);
    let features = Features::of(&written, customers.map(|(source, at)| (source, &tables[*at])), &presets);
    let mut checks: Vec<String> = Vec::new();
    let mut text = head(&written, unit, name, output, today, &mut checks);
    for source in &written {
        text.push_str(&format!("\n{}", source.text));
        checks.extend(source.checks.iter().cloned());
    }
    let unused: Vec<(String, String)> = uses
        .iter()
        .zip(tables)
        .filter_map(|(of, table)| match of {
            Use::None(reason) => Some((table.source.uri.clone(), reason.clone())),
            _ => None,
        })
        .collect();
    if !unused.is_empty() {
        text.push_str("\n# Not used:\n");
        unused.iter().for_each(|(uri, reason)| text.push_str(&format!("# {uri}: {reason}\n")));
    }
    text.push('\n');
    text.push_str(&features.text);
    let found = written
        .iter()
        .zip(&order)
        .map(|(source, at)| format!("{} ({})", source.kind.name(), tables[*at].source.name()));
    JobText { text, sources: order.clone(), found: found.collect(), unused, checks, lacks: features.lacks }
}

fn kind_of(of: &Use) -> Option<SourceKind> {
    match of {
        Use::Source(guess) => Some(guess.kind),
        Use::Reference { .. } => Some(SourceKind::Reference),
        Use::None(_) => None,
    }
}

/// Customers first, then what they did, then tables of nobody.
fn in_order(uses: &[Use]) -> Vec<usize> {
    let rank = |at: &usize| match kind_of(&uses[*at]) {
        Some(SourceKind::Customers | SourceKind::Accounts) => 0,
        Some(SourceKind::Transactions | SourceKind::Opportunities) => 1,
        Some(SourceKind::Reference) => 3,
        _ => 2,
    };
    let mut order: Vec<usize> = (0..uses.len()).filter(|at| kind_of(&uses[*at]).is_some()).collect();
    order.sort_by_key(rank);
    order
}

/// Names of sources: that of the file, unless it is taken or could be mistaken for a kind.
fn source_names(tables: &[Table], uses: &[Use], order: &[usize]) -> Vec<String> {
    let kinds: Vec<SourceKind> = order.iter().filter_map(|at| kind_of(&uses[*at])).collect();
    let mut names: Vec<String> = Vec::new();
    for (at, kind) in order.iter().zip(&kinds) {
        let own = source_name(&tables[*at].source.uri, *kind);
        let like = SourceKind::ALL.into_iter().find(|kind| kind.name() == own);
        let alone = kinds.iter().filter(|other| *other == kind).count() == 1;
        let base = match like {
            Some(like) if like != *kind || !alone => format!("{own}_table"),
            _ => own,
        };
        let mut name = base.clone();
        let mut number = 2;
        while names.contains(&name) {
            name = format!("{base}_{number}");
            number += 1;
        }
        names.push(name);
    }
    names
}

/// Names of features, which a column of customers cannot have too.
fn taken_names() -> BTreeSet<String> {
    let all = segmenter_worker::families::families().iter();
    let features = all.flat_map(Family::feature_names).map(str::to_owned);
    features
        .chain(SEGMENTATIONS.map(str::to_owned))
        .chain(["customer_id", "account_id", "default", "source"].map(str::to_owned))
        .collect()
}

/// What the block of a source goes by.
struct Sources<'a> {
    tables: &'a [Table],
    uses: &'a [Use],
    overlaps: &'a [Overlap],
    order: &'a [usize],
    names: &'a [String],
    taken: &'a BTreeSet<String>,
}

impl Sources<'_> {
    fn name_of(&self, at: usize) -> Option<&String> {
        self.order.iter().position(|known| *known == at).and_then(|known| self.names.get(known))
    }

    fn block(&self, at: usize, name: &str) -> Option<Written> {
        let table = &self.tables[at];
        match &self.uses[at] {
            Use::None(_) => None,
            Use::Source(guess) => {
                let overlap = self.overlaps.iter().find(|overlap| overlap.earlier == at);
                let until = overlap.and_then(|overlap| Some((overlap.from, self.name_of(overlap.later)?.clone())));
                Some(source_block(table, guess, name.to_owned(), self.taken, until))
            }
            Use::Reference { key, of } => {
                let refers =
                    of.iter().filter_map(|(table, column)| Some(format!("{column} of {}", self.name_of(*table)?)));
                let notes = [format!("# Its key is what these hold: {}.", refers.collect::<Vec<_>>().join(", "))];
                Some(reference_block(table, *key, name.to_owned(), &notes))
            }
        }
    }
}

fn head(
    written: &[Written],
    unit: Unit,
    name: &str,
    output: &str,
    today: NaiveDate,
    checks: &mut Vec<String>,
) -> String {
    // What customers did counts; what is said of them does where nothing else has a time.
    let newest = |of_customers: bool| {
        let of = written.iter().filter(|source| (source.kind == unit.kind()) == of_customers);
        of.filter_map(|source| source.last_day).max()
    };
    let last = newest(false).or(newest(true));
    let (as_of, why) = match last {
        Some(day) if (today - day).num_days() > FRESH_DAYS => {
            let next = day.checked_add_days(Days::new(1)).unwrap_or(day);
            checks.push(format!("as_of is {next}, the day after the newest that was seen"));
            (next.to_string(), "guessed: the day after the newest that was seen; \"today\" for data that goes on")
        }
        _ => ("today".to_owned(), "or a date; features see only what happened before it"),
    };
    let found = written.iter().filter(|source| source.has_money).find_map(|source| source.currency.clone());
    let has_money = written.iter().any(|source| source.has_money);
    let (currency, why_currency) = match found {
        Some(code) => (code, "guessed: as in the files"),
        None if has_money => {
            checks.push("currency: the files do not say it".to_owned());
            ("EUR".to_owned(), "CHECK: not in the files; say which")
        }
        None => ("EUR".to_owned(), "of amounts, of which there are none so far"),
    };
    let mut head = Block::default();
    head.plain("# Written by `segmenter init --from` after a look at the files. Lines that say CHECK, then those that say \"guessed\", want a");
    head.plain("# second look; `segmenter validate` checks the file, and `segmenter plan` tells what a run would read and write.");
    head.plain("");
    head.plain("format_version = 1");
    head.plain(&format!("name     = {}", basic_string(name)));
    if unit == Unit::Account {
        head.line(
            "unit     = \"account\"",
            "guessed: deals are of companies, which are segmented in place of customers",
        );
    }
    head.line(&format!("as_of    = {}", basic_string(&as_of)), why);
    head.line("timezone = \"UTC\"", "where a day begins, and what a time without a zone means");
    head.line(&format!("currency = {}", basic_string(&currency)), why_currency);
    head.plain("");
    head.plain("[output]");
    head.line(&format!("uri = {}", basic_string(output)), "a folder, or s3://bucket/path");
    if let Some(companies) = written.iter().find(|source| unit == Unit::Account && source.kind == unit.kind()) {
        head.plain("");
        head.plain("[population]");
        head.line(
            &format!("from = {}", basic_string(&companies.name)),
            "deals of companies that it does not have are left out",
        );
    }
    head.text
}
