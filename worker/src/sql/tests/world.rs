//! A shard of a few customers with orders, visits and attributes, ties and nulls among them.

use super::super::{Answer, Catalogue, Constants, Query, References, Room, ShardTables};
use crate::{
    expression::ExpressionError,
    notes::NoteCounter,
    shard::{Rows, Shard, SourceRows},
    spec::{KeptColumn, RunSpec, SourceRole, SourceSpec},
};
use arrow::{
    array::{
        Array, ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array, RecordBatch,
        StringArray, TimestampMicrosecondArray, UInt32Array,
    },
    compute::take_record_batch,
    util::display::{ArrayFormatter, FormatOptions},
};
use chrono::NaiveDate;
use segmenter_proto::{
    Result,
    jobs::{
        Column, Contacts, CsvOptions, DriftLimits, Duplicates, Effectiveness, Features, Job, Output, Population,
        Previous, Privacy, Quality, QuarantineDetail, Report, Source, SourceKind, Unit,
    },
};
use std::{collections::BTreeMap, sync::Arc};

/// Enough memory for any query of the tests.
pub(super) const PLENTY: usize = 64 << 20;

pub(super) const DAY: i64 = 86_400_000_000;

/// An order line: customer, day from 2025-01-01, order, amount in cents, product, weight, store.
pub(super) type Line = (&'static str, i64, Option<&'static str>, i64, Option<&'static str>, Option<f64>, bool);

/// Lines of four customers; `d` has none.
pub(super) const LINES: &[Line] = &[
    ("a", 10, Some("1"), 1000, Some("tea"), Some(0.1), true),
    ("a", 10, Some("1"), 250, Some("milk"), Some(0.2), true),
    ("a", 40, Some("2"), 1000, Some("tea"), Some(0.3), false),
    ("a", 41, None, -250, Some("milk"), None, false),
    ("b", 5, Some("3"), 99, None, Some(1e16), true),
    ("b", 5, Some("3"), 99, None, Some(1.0), true),
    ("b", 7, Some("4"), 1, Some("12"), Some(-1e16), false),
    ("c", 300, Some("5"), 5000, Some("x1"), Some(2.5), false),
    ("e", 1, Some("6"), 10, Some("tea"), Some(0.0), true),
    ("e", 1, Some("7"), 20, Some("tea"), Some(0.0), true),
    ("e", 1, Some("7"), 20, Some("tea"), Some(0.0), true),
    ("e", 200, Some("8"), 30, Some("7"), Some(-0.0), true),
];

/// A visit: customer, day from 2025-01-01, seconds.
const VISITS: &[(&str, i64, i64)] =
    &[("a", 9, 30), ("a", 39, 60), ("b", 1, 5), ("c", 299, 0), ("d", 2, 10), ("d", 3, 10)];

/// A person: customer, city, age, day of signing up from 1970-01-01.
type Person = (&'static str, Option<&'static str>, Option<i64>, Option<i32>);

const PEOPLE: &[Person] = &[
    ("a", Some("Łódź"), Some(30), Some(20_000)),
    ("b", None, Some(17), None),
    ("c", Some("Brno"), None, Some(19_000)),
    ("d", Some("Łódź"), Some(64), Some(20_001)),
];

/// A product: its key, price in cents, category, code.
type Product = (&'static str, Option<i128>, Option<&'static str>, &'static str);

/// Products in the order of their key; of some lines there is none, and of some no line. The code of `x1` is no number.
const PRODUCTS: &[Product] = &[
    ("7", None, None, "3"),
    ("milk", Some(120), Some("drink"), "2"),
    ("tea", Some(350), Some("drink"), "1"),
    ("unsold", Some(500), Some("part"), "4"),
    ("x1", Some(999), Some("part"), "many"),
];

pub(crate) struct World {
    pub(crate) spec: RunSpec,
    pub(super) shard: Shard,
    pub(super) references: References,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::of_lines(LINES, 0)
    }

    /// Makes the same world with other lines, which are turned by some places.
    pub(super) fn of_lines(lines: &[Line], turn: usize) -> Self {
        let mut lines: Vec<Line> = lines.to_vec();
        if !lines.is_empty() {
            let places = lines.len();
            lines.rotate_left(turn % places);
        }
        let base = NaiveDate::from_ymd_opt(2025, 1, 1).unwrap();
        let base = base.and_time(chrono::NaiveTime::MIN).and_utc().timestamp_micros();
        let cents = |cents: i64| i128::from(cents);
        let orders: Vec<(&str, ArrayRef)> = vec![
            ("customer_id", texts(lines.iter().map(|line| Some(line.0)))),
            ("time", times(lines.iter().map(|line| base + line.1 * DAY + 3_600_000_000))),
            ("amount", decimals(lines.iter().map(|line| cents(line.3)))),
            ("order_id", texts(lines.iter().map(|line| line.2))),
            ("product", texts(lines.iter().map(|line| line.4))),
            ("weight", Arc::new(lines.iter().map(|line| line.5).collect::<Float64Array>())),
            ("in_store", Arc::new(lines.iter().map(|line| Some(line.6)).collect::<BooleanArray>())),
        ];
        let visits: Vec<(&str, ArrayRef)> = vec![
            ("customer_id", texts(VISITS.iter().map(|visit| Some(visit.0)))),
            ("time", times(VISITS.iter().map(|visit| base + visit.1 * DAY))),
            ("amount", decimals(VISITS.iter().map(|_| 0))),
            ("seconds", Arc::new(VISITS.iter().map(|visit| Some(visit.2)).collect::<Int64Array>())),
        ];
        let people: Vec<(&str, ArrayRef)> = vec![
            ("customer_id", texts(PEOPLE.iter().map(|person| Some(person.0)))),
            ("city", texts(PEOPLE.iter().map(|person| person.1))),
            ("age", Arc::new(PEOPLE.iter().map(|person| person.2).collect::<Int64Array>())),
            ("signed_up", Arc::new(PEOPLE.iter().map(|person| person.3).collect::<Date32Array>())),
        ];
        let products: Vec<(&str, ArrayRef)> = vec![
            ("product", texts(PRODUCTS.iter().map(|product| Some(product.0)))),
            (
                "price",
                Arc::new(
                    PRODUCTS
                        .iter()
                        .map(|product| product.1)
                        .collect::<Decimal128Array>()
                        .with_precision_and_scale(18, 2)
                        .unwrap(),
                ),
            ),
            ("category", texts(PRODUCTS.iter().map(|product| product.2))),
            ("code", texts(PRODUCTS.iter().map(|product| Some(product.3)))),
        ];
        let tables = [
            ("orders", SourceKind::Transactions, orders),
            ("visits", SourceKind::Transactions, visits),
            ("people", SourceKind::Customers, people),
            ("products", SourceKind::Reference, products),
        ];
        let tables = tables.map(|(name, kind, columns)| {
            (
                name,
                kind,
                RecordBatch::try_from_iter_with_nullable(
                    columns.into_iter().map(|(name, column)| (name, column, true)),
                )
                .unwrap(),
            )
        });
        let customers = StringArray::from(vec!["a", "b", "c", "d", "e"]);
        let mut references = References::default();
        references.insert(3, tables[3].2.clone());
        let sources = tables.iter().take(3).enumerate();
        let sources = sources.map(|(source, (_, _, rows))| of_source(source, rows, &customers));
        let shard = Shard {
            sources: sources.collect(),
            outcome: Vec::new(),
            customers,
            subsidiaries: Vec::new(),
            quarantine: Vec::new(),
            fates: Vec::new(),
            duplicate_customers: Vec::new(),
            notes: NoteCounter::default(),
        };
        Self { spec: spec(&tables), shard, references }
    }

    /// Gives the world without all customers but one.
    pub(super) fn of_one(&self, customer: &str) -> Self {
        let customers = StringArray::from(vec![customer]);
        let sources = self.shard.sources.iter().map(|rows| {
            let found = rows.whole().unwrap();
            let ids = found.column_by_name("customer_id").unwrap();
            let ids: &StringArray = ids.as_any().downcast_ref().unwrap();
            let own: UInt32Array = (0..ids.len() as u32).filter(|row| ids.value(*row as usize) == customer).collect();
            of_source(rows.source, &take_record_batch(found, &own).unwrap(), &customers)
        });
        let shard = Shard {
            sources: sources.collect(),
            outcome: Vec::new(),
            customers,
            subsidiaries: Vec::new(),
            quarantine: Vec::new(),
            fates: Vec::new(),
            duplicate_customers: Vec::new(),
            notes: NoteCounter::default(),
        };
        Self { spec: self.spec.clone(), shard, references: self.references.clone() }
    }

    /// Answers a query with so many bytes of memory.
    pub(super) fn answer(&self, sql: &str, memory: usize) -> Result<Answer> {
        let query = Query::bind(sql, &Catalogue::of(&self.spec)?)?;
        let tables = ShardTables::new(&self.spec, &self.shard)?;
        let scratch = tempfile::tempdir().unwrap();
        let constants = Constants::default();
        let room = Room { memory, scratch: scratch.path(), references: &self.references, constants: &constants };
        query.answer(&tables, room)
    }

    /// Gives the values of each customer as text; null is `-`.
    pub(crate) fn values(&self, sql: &str) -> BTreeMap<String, String> {
        let answer = self.answer(sql, PLENTY).unwrap_or_else(|error| panic!("{sql}: {error:?}"));
        assert_eq!(answer.several, 0, "{sql}");
        shown(&self.shard.customers, &answer.columns)
    }

    /// Gives the values of all customers in their order, columns by blanks.
    pub(super) fn line(&self, sql: &str) -> String {
        self.values(sql).into_values().collect::<Vec<_>>().join(" | ")
    }

    /// Binds a query and answers it.
    pub(crate) fn tried(&self, sql: &str) -> Result<(), ExpressionError> {
        Query::bind(sql, &Catalogue::of(&self.spec).unwrap())?;
        self.answer(sql, PLENTY).unwrap();
        Ok(())
    }

    /// Gives what is said of a query that is refused.
    pub(super) fn refusal(&self, sql: &str) -> String {
        match Query::bind(sql, &Catalogue::of(&self.spec).unwrap()) {
            Ok(_) => panic!("{sql} is not refused"),
            Err(ExpressionError { message, hint, position }) => {
                let place = position.map_or("-".to_owned(), |place| format!("{}:{}", place.line, place.column));
                format!("{place} {message}{}", hint.map_or(String::new(), |hint| format!(" ({hint})")))
            }
        }
    }
}

/// Gives values by customer as text.
pub(super) fn shown(customers: &StringArray, columns: &[ArrayRef]) -> BTreeMap<String, String> {
    let options = FormatOptions::new().with_null("-");
    let formats: Vec<ArrayFormatter<'_>> =
        columns.iter().map(|column| ArrayFormatter::try_new(column.as_ref(), &options).unwrap()).collect();
    let row = |at: usize| formats.iter().map(|format| format.value(at).to_string()).collect::<Vec<_>>().join(" ");
    (0..customers.len()).map(|at| (customers.value(at).to_owned(), row(at))).collect()
}

pub(super) fn of_source(source: usize, rows: &RecordBatch, customers: &StringArray) -> SourceRows {
    let ids: &StringArray = rows.column_by_name("customer_id").unwrap().as_any().downcast_ref().unwrap();
    let number = |id: &str| (0..customers.len()).find(|at| customers.value(*at) == id).unwrap() as u32;
    let ordinals = (0..ids.len()).map(|row| number(ids.value(row))).collect();
    SourceRows { source, rows: Rows::Held(vec![rows.clone()]), ordinals }
}

fn texts<'a>(values: impl Iterator<Item = Option<&'a str>>) -> ArrayRef {
    Arc::new(values.collect::<StringArray>())
}

fn times(values: impl Iterator<Item = i64>) -> ArrayRef {
    Arc::new(TimestampMicrosecondArray::from_iter_values(values).with_timezone("UTC"))
}

fn decimals(values: impl Iterator<Item = i128>) -> ArrayRef {
    Arc::new(Decimal128Array::from_iter_values(values).with_precision_and_scale(18, 2).unwrap())
}

pub(super) fn spec(tables: &[(&str, SourceKind, RecordBatch)]) -> RunSpec {
    let sources: Vec<SourceSpec> = tables.iter().map(|(name, kind, rows)| source(name, *kind, rows)).collect();
    let job = Job {
        name: "trial".to_owned(),
        unit: Unit::Customer,
        as_of: NaiveDate::from_ymd_opt(2026, 1, 1).unwrap(),
        timezone: "Europe/Warsaw".to_owned(),
        currency: Some("EUR".to_owned()),
        seed: 0,
        output: Output { uri: String::new(), quarantine: QuarantineDetail::Keys, previous: Previous::None },
        fx: None,
        identity: None,
        population: Population { from: None, exclude: None, exclude_list: None },
        sources: sources.iter().map(|source| source.source.clone()).collect(),
        quality: Quality {
            max_quarantined_share: None,
            max_anonymous_share: None,
            gates: Vec::new(),
            checks: Vec::new(),
            drift: DriftLimits::default(),
        },
        privacy: Privacy::default(),
        features: Features {
            presets: Vec::new(),
            custom: Vec::new(),
            sql: Vec::new(),
            derived: Vec::new(),
            constants: Vec::new(),
        },
        segmentations: Vec::new(),
        effectiveness: Effectiveness::default(),
        contacts: Contacts::default(),
        affinities: Vec::new(),
        recommendations: None,
        personas: Vec::new(),
        benefits: None,
        exports: Vec::new(),
        report: Report::default(),
        cache: None,
    };
    RunSpec { run: "run".to_owned(), job, shards: 1, sources, previous: None, cache: None }
}

fn source(name: &str, kind: SourceKind, rows: &RecordBatch) -> SourceSpec {
    let kept = KeptColumn::of(&rows.schema());
    let columns = kept.iter().map(|column| Column { name: column.name.clone(), expression: column.name.clone() });
    SourceSpec {
        source: Source {
            name: name.to_owned(),
            kind,
            unit: Unit::default(),
            uri: String::new(),
            format: None,
            csv: CsvOptions::default(),
            types: BTreeMap::new(),
            partitions: None,
            duplicates: Duplicates::Error,
            key: Vec::new(),
            max_rows: None,
            filter: None,
            sensitive: Vec::new(),
            columns: columns.collect(),
        },
        role: SourceRole::Member,
        file_columns: Vec::new(),
        wanted: Vec::new(),
        kept,
    }
}
