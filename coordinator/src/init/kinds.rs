//! The kind of each table, by names and contents, and which tables belong together.

use super::{
    accounts::of_accounts,
    pairs::pairs,
    shapes::Shape,
    synonyms::{of_files, of_values},
    table::{Roles, TELLING_ROWS, Table},
    text::source_name,
    words::{is_personal, words},
};
use segmenter_proto::{
    jobs::{SourceKind, Unit},
    kinds::RowsOf,
};
use std::collections::BTreeSet;

/// Ids of another table among those of the main one, below which it is of other customers.
pub(super) const OF_OTHERS: f64 = 0.02;
/// Ids that are another table's but for zeros before them: so many of them, and so long that it is no chance.
const SAME_IDS: f64 = 0.5;
const LONG_ID: usize = 6;
/// Values of a column that are a key of another table, above which it refers to it.
const REFERS: f64 = 0.8;
/// Rows that another table has too, above which it is the same.
const SAME_ROWS: f64 = 0.9;
/// A larger file is none of the small tables that every worker holds.
const REFERENCE_BYTES: u64 = 256 << 20;

/// What a table is for.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Use {
    /// A source of a kind.
    Source(Guess),
    /// A reference table with its key, and the columns of other tables that refer to it: table and name.
    Reference { key: usize, of: Vec<(usize, String)> },
    /// Nothing, with the reason.
    None(String),
}

/// What a table could be.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Guess {
    pub(super) kind: SourceKind,
    pub(super) roles: Roles,
    /// How many customers' ids are made of several columns, as the table has none.
    pub(super) made_id: Vec<usize>,
    /// Whether its ids are those of the main table with zeros before them.
    pub(super) is_padded: bool,
    /// How much speaks for it.
    weight: u32,
}

impl Guess {
    /// A table that is of a kind.
    pub(super) fn of(kind: SourceKind, roles: Roles) -> Self {
        Self { kind, roles, made_id: Vec::new(), is_padded: false, weight: 0 }
    }
}

/// Decides what all tables are for.
pub(super) fn decide(tables: &[Table]) -> Vec<Use> {
    if let Some(mut uses) = of_accounts(tables) {
        refer(tables, &mut uses);
        return uses;
    }
    let guesses: Vec<Option<Guess>> = tables.iter().map(guess).collect();
    let rank = |at: &usize| {
        let kind = guesses[*at].as_ref().map(|guess| guess.kind);
        let of_kind = match kind {
            Some(SourceKind::Transactions) if has_amount(&tables[*at], guesses[*at].as_ref()) => 3,
            Some(SourceKind::Customers) | None => 0,
            Some(SourceKind::Transactions) => 1,
            Some(_) => 2,
        };
        // The one that most others know customers of, then the largest.
        let known = (0..tables.len()).filter(|other| other != at && links(tables, &guesses, *at, *other)).count();
        (of_kind, known, tables[*at].source.bytes)
    };
    let main = (0..tables.len()).filter(|at| guesses[*at].is_some()).max_by_key(rank);
    let mut uses: Vec<Use> = (0..tables.len()).map(|at| use_of(tables, &guesses, main, at)).collect();
    if main.is_none() {
        nameless_customers(tables, &mut uses);
    }
    let known = main.map_or_else(BTreeSet::new, |main| customers(&tables[main], guesses[main].as_ref()));
    pairs(tables, main, &known, &mut uses);
    one_of_customers(tables, main, &mut uses);
    refer(tables, &mut uses);
    uses
}

fn has_amount(table: &Table, guess: Option<&Guess>) -> bool {
    guess.is_some_and(|guess| guess.roles.has("amount") || table.unit_price(&guess.roles).is_some())
}

/// The ids of a table's customers.
fn customers<'a>(table: &'a Table, guess: Option<&Guess>) -> BTreeSet<&'a str> {
    guess.and_then(|guess| guess.roles.get("customer_id")).map_or_else(BTreeSet::new, |position| table.ids(position))
}

/// Says whether two tables have customers in common.
fn links(tables: &[Table], guesses: &[Option<Guess>], one: usize, other: usize) -> bool {
    let ids = |at: usize| customers(&tables[at], guesses[at].as_ref());
    in_common(&ids(one), &ids(other)) >= OF_OTHERS
}

/// The share of the smaller of two sets of ids that the larger one has.
pub(super) fn in_common(one: &BTreeSet<&str>, other: &BTreeSet<&str>) -> f64 {
    one.intersection(other).count() as f64 / one.len().min(other.len()).max(1) as f64
}

/// Says whether long ids that begin with zeros are those of another table without them: a card's and its customer's.
fn are_padded(own: &BTreeSet<&str>, others: &BTreeSet<&str>) -> bool {
    let bare: BTreeSet<&str> =
        own.iter().map(|id| id.trim_start_matches('0')).filter(|id| id.len() >= LONG_ID).collect();
    bare.len() * 2 > own.len() && in_common(&bare, others) >= SAME_IDS
}

/// Gives the kind that most speaks for, of those whose needed names are there.
fn guess(table: &Table) -> Option<Guess> {
    let name_words: Vec<String> = words(&source_name(&table.source.uri, SourceKind::Reference));
    let named =
        |kind: SourceKind| name_words.iter().any(|word| of_files(kind).split_whitespace().any(|known| known == word));
    let many = SourceKind::ALL.into_iter().filter(|kind| kind.kind().rows == RowsOf::Many(Unit::Customer));
    let mut guesses: Vec<Guess> = many.filter_map(|kind| of_many(table, kind, named(kind))).collect();
    guesses.extend(of_one(table, named(SourceKind::Customers)));
    // The first of equally good ones, in the order in which kinds are told.
    let best = guesses.into_iter().rev().max_by_key(|guess| guess.weight);
    best.or_else(|| visits(table))
}

/// What speaks for a kind of many rows a customer.
fn of_many(table: &Table, kind: SourceKind, named: bool) -> Option<Guess> {
    let roles = table.roles(kind);
    let priced = kind == SourceKind::Transactions && table.unit_price(&roles).is_some();
    let is_there = |name: &str| roles.has(name) || name == "amount" && priced;
    let columns = kind.kind().columns;
    if !columns.iter().filter(|column| column.needed).all(|column| is_there(column.name)) {
        return None;
    }
    let general = ["customer_id", "time", "channel", "product_id"];
    let told = |needed| columns.iter().filter(move |column| column.needed == needed && is_there(column.name));
    let own = told(true).filter(|column| !general.contains(&column.name)).count();
    let others = told(false).filter(|column| !general[..3].contains(&column.name)).count();
    let by_values = of_values(kind).is_some_and(|(standard, known)| {
        let samples = roles.get(standard).map_or(&[][..], |position| &table.column(position).samples);
        let is_known = |value: &&String| known.split_whitespace().any(|word| value.trim().eq_ignore_ascii_case(word));
        !samples.is_empty() && samples.iter().filter(is_known).count() * 10 >= samples.len() * 8
    });
    let weight = u32::try_from(3 * own + others).unwrap_or(u32::MAX) + 3 * u32::from(named) + 4 * u32::from(by_values);
    // What has no name of its own but general ones is told by the file's name alone.
    let sure = match kind {
        SourceKind::Wishes => named || roles.has("removed_at"),
        SourceKind::Members => named && others > 0 || others > 1 && roles.has("enrolled_at") && !roles.has("amount"),
        SourceKind::Messages | SourceKind::Feedback => named || by_values,
        _ => true,
    };
    (sure && weight > 0).then_some(Guess { weight, ..Guess::of(kind, roles) })
}

/// What speaks for a row a customer.
fn of_one(table: &Table, named: bool) -> Option<Guess> {
    let roles = table.roles(SourceKind::Customers);
    let id = roles.get("customer_id")?;
    let of_orders = table.roles(SourceKind::Transactions);
    let lines = ["order_id", "product_id", "quantity"].iter().filter(|name| of_orders.has(name)).count();
    let unique = table.distinct(id) * 100 >= table.column(id).samples.len() * 99;
    let described = roles.0.keys().filter(|name| **name != "customer_id").count();
    let long = table.source.rows >= TELLING_ROWS;
    let is_one = unique
        && (named
            || described > 0 && (long || !of_orders.has("time") || described > 1)
            || long && table.shapes.len() > 2);
    let weight =
        u32::try_from(described).unwrap_or(u32::MAX) + 3 * u32::from(named) + 6 * u32::from(long && lines == 0);
    is_one.then_some(Guess { weight, ..Guess::of(SourceKind::Customers, roles) })
}

/// A customer and a time, and nothing that tells more: rows are counted.
fn visits(table: &Table) -> Option<Guess> {
    let roles = table.roles(SourceKind::Transactions);
    let is_it = roles.has("customer_id") && roles.has("time");
    is_it.then_some(Guess::of(SourceKind::Transactions, roles))
}

fn use_of(tables: &[Table], guesses: &[Option<Guess>], main: Option<usize>, at: usize) -> Use {
    let Some(guess) = &guesses[at] else { return Use::None(lacking(&tables[at])) };
    let Some(main) = main.filter(|main| *main != at) else { return Use::Source(guess.clone()) };
    let Some(of_main) = &guesses[main] else { return Use::Source(guess.clone()) };
    let name = |table: &Table| table.source.name().to_owned();
    let (Some(own), Some(others)) = (guess.roles.get("customer_id"), of_main.roles.get("customer_id")) else {
        return Use::Source(guess.clone());
    };
    let (own, others) = (tables[at].ids(own), tables[main].ids(others));
    let is_linked = in_common(&own, &others) >= OF_OTHERS;
    if !is_linked && are_padded(&own, &others) {
        return Use::Source(Guess { is_padded: true, ..guess.clone() });
    }
    // Two samples of long tables need not meet.
    if !is_linked && (tables[at].source.whole || tables[main].source.whole) {
        return Use::None(format!("hardly any of its customers is one of {}", name(&tables[main])));
    }
    if guess.kind == SourceKind::Transactions && of_main.kind == SourceKind::Transactions {
        if !has_amount(&tables[at], Some(guess)) {
            return Use::None(
                "it has customers and times, and nothing that makes it one of the kinds of sources".to_owned(),
            );
        }
        if same_rows(&tables[at], guess, &tables[main], of_main) {
            return Use::None(format!("its rows stand in {} too", name(&tables[main])));
        }
    }
    Use::Source(guess.clone())
}

/// Says whether the rows of customers that both have are in the other table too.
fn same_rows(table: &Table, guess: &Guess, main: &Table, of_main: &Guess) -> bool {
    fn rows<'a>(table: &'a Table, guess: &Guess) -> Vec<(&'a str, Option<&'a str>, Option<&'a str>)> {
        let values = |standard: &str| {
            let position = guess.roles.get(standard);
            position.map_or_else(|| vec![None; table.source.rows], |at| table.column(at).by_row(table.source.rows))
        };
        let (ids, times, amounts) = (values("customer_id"), values("time"), values("amount"));
        let rows = ids.into_iter().zip(times).zip(amounts);
        rows.filter_map(|((id, time), amount)| Some((id?, time, amount))).collect()
    }
    let of_main = rows(main, of_main);
    let customers: BTreeSet<&str> = of_main.iter().map(|row| row.0).collect();
    let known: BTreeSet<_> = of_main.iter().collect();
    let own = rows(table, guess);
    let shared: Vec<_> = own.iter().filter(|row| customers.contains(row.0)).collect();
    let same = shared.iter().filter(|row| known.contains(**row)).count();
    shared.len() >= TELLING_ROWS && same as f64 >= SAME_ROWS * shared.len() as f64
}

/// Says what a table lacks that is no source.
fn lacking(table: &Table) -> String {
    match table.customer() {
        Some(_) => "it has customers, and neither one row each nor what makes it another kind of source".to_owned(),
        None => "no column of it looks like a customer's id".to_owned(),
    }
}

/// Takes the table of most columns for one of customers, where none has an id: what tells its rows apart stands in for it.
fn nameless_customers(tables: &[Table], uses: &mut [Use]) {
    let usable = |at: &usize| tables[*at].source.rows >= TELLING_ROWS && tables[*at].shapes.len() >= 4;
    let widest = (0..tables.len()).filter(usable).max_by_key(|at| (tables[*at].shapes.len(), tables[*at].source.rows));
    let Some(at) = widest else { return };
    let table = &tables[at];
    let mut roles = table.roles(SourceKind::Customers);
    let unique = (0..table.shapes.len()).find(|position| {
        let shape = &table.shapes[*position];
        matches!(shape, Shape::Text | Shape::Integer) && table.is_unique(*position)
    });
    let made_id = match unique {
        Some(position) => {
            roles.0.retain(|_, known| *known != position);
            roles.0.insert("customer_id", position);
            Vec::new()
        }
        None => telling_apart(table),
    };
    if unique.is_some() || !made_id.is_empty() {
        uses[at] = Use::Source(Guess { made_id, ..Guess::of(SourceKind::Customers, roles) });
    }
}

/// Columns that together tell all rows apart, one after the other the one that tells most; none where no columns do.
fn telling_apart(table: &Table) -> Vec<usize> {
    let rows = table.source.rows;
    let fits = |position: &usize| {
        let column = table.column(*position);
        let short = column.samples.iter().all(|sample| sample.len() <= 32);
        let shape = &table.shapes[*position];
        short && matches!(shape, Shape::Integer | Shape::Text | Shape::Number) && !is_personal(&column.name)
    };
    let mut columns: Vec<usize> = (0..table.shapes.len()).filter(fits).collect();
    columns.sort_by_key(|position| std::cmp::Reverse(table.distinct(*position)));
    let mut ids: Vec<String> = vec![String::new(); rows];
    for (taken, position) in columns.iter().enumerate() {
        for (id, value) in ids.iter_mut().zip(table.column(*position).by_row(rows)) {
            // As `concat_ws` does it: nulls are left out.
            if let Some(value) = value {
                let between = if id.is_empty() { "" } else { "-" };
                id.push_str(&format!("{between}{value}"));
            }
        }
        if ids.iter().collect::<BTreeSet<_>>().len() == rows {
            // A few more, for rows that were not looked at.
            let more = if table.source.whole { 0 } else { 10 };
            return columns[..(taken + 1 + more).min(columns.len())].to_vec();
        }
    }
    Vec::new()
}

/// Takes one source of customers: the one that knows most of the main table's, then the widest. What columns of several mean together
/// is for a person to say.
fn one_of_customers(tables: &[Table], main: Option<usize>, uses: &mut [Use]) {
    let is_of = |at: &usize| matches!(&uses[*at], Use::Source(guess) if guess.kind == SourceKind::Customers);
    let all: Vec<usize> = (0..uses.len()).filter(is_of).collect();
    let known = |at: &usize| {
        let ids = |at: usize| tables[at].customer().map_or_else(BTreeSet::new, |position| tables[at].ids(position));
        let both = main.map_or(0, |main| ids(*at).intersection(&ids(main)).count());
        (both, tables[*at].shapes.len())
    };
    let Some(chosen) = all.iter().copied().max_by_key(known) else { return };
    let name = tables[chosen].source.name().to_owned();
    for at in all.into_iter().filter(|at| *at != chosen) {
        uses[at] = Use::None(format!("{name} tells more of its customers; a source of your own adds its columns"));
    }
}

/// Takes tables for references that a column of a source refers to.
fn refer(tables: &[Table], uses: &mut [Use]) {
    let sources: Vec<usize> = (0..uses.len()).filter(|at| matches!(uses[*at], Use::Source(_))).collect();
    let columns: Vec<Referring> = sources.iter().flat_map(|at| Referring::of(&tables[*at], *at)).collect();
    for at in 0..uses.len() {
        let small = tables[at].source.bytes <= REFERENCE_BYTES;
        if !matches!(uses[at], Use::None(_)) || !small || tables[at].source.rows < 2 {
            continue;
        }
        let keys = (0..tables[at].shapes.len()).filter(|position| {
            let shape = &tables[at].shapes[*position];
            matches!(shape, Shape::Text | Shape::Integer) && tables[at].is_unique(*position)
        });
        let found = keys.map(|key| (key, referring(&tables[at], key, &columns))).find(|(_, of)| !of.is_empty());
        if let Some((key, of)) = found {
            uses[at] = Use::Reference { key, of };
        }
    }
}

/// A column of a source that may refer to another table.
struct Referring<'a> {
    table: usize,
    name: &'a str,
    is_text: bool,
    values: BTreeSet<&'a str>,
}

impl<'a> Referring<'a> {
    fn of(table: &'a Table, at: usize) -> Vec<Self> {
        let customer = table.customer();
        let fits = |position: &usize| {
            Some(*position) != customer && matches!(table.shapes[*position], Shape::Text | Shape::Integer)
        };
        let columns = (0..table.shapes.len()).filter(fits);
        let of = columns.map(|position| Self {
            table: at,
            name: &table.column(position).name,
            is_text: table.shapes[position] == Shape::Text,
            values: table.ids(position),
        });
        of.collect()
    }
}

/// The columns of sources whose values are keys of a table.
fn referring(table: &Table, key: usize, columns: &[Referring<'_>]) -> Vec<(usize, String)> {
    let keys = table.ids(key);
    let key_name = words(&table.column(key).name).concat();
    // Small whole numbers are values of everything.
    let telling = table.shapes[key] == Shape::Text;
    let refers = |column: &&Referring<'_>| {
        let known = column.values.intersection(&keys).count();
        let same_name = words(column.name).concat() == key_name;
        // Of a long table only some keys were seen.
        let enough = known as f64 >= REFERS * column.values.len() as f64 || same_name && !table.source.whole;
        enough && (same_name || telling && column.is_text) && known >= 2
    };
    columns.iter().filter(refers).map(|column| (column.table, column.name.to_owned())).collect()
}
