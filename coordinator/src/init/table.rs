//! A table with what its columns hold, and which standard name of a kind each column is for.

use super::{
    sample::{SampledColumn, SampledSource},
    shapes::{Shape, TimeShape, day_first, shape, swapped, time_of_counts, time_of_numbers},
    synonyms::{UNIT_PRICE, names},
    words::{names_customer, words},
};
use chrono::NaiveDate;
use segmenter_proto::{
    jobs::{FileFormat, SourceKind},
    kinds::{Holds, StandardColumn},
};
use std::collections::{BTreeMap, BTreeSet};

/// Rank of a column that only looks like a customer's id.
const LOOKS_LIKE: usize = 1_000;
/// Rows below which that all values differ says little.
pub(super) const TELLING_ROWS: usize = 20;

/// A table with what its columns hold.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) source: SampledSource,
    pub(super) shapes: Vec<Shape>,
    /// The number of different values of each column.
    distinct: Vec<usize>,
}

/// Which column is for which standard name.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Roles(pub(super) BTreeMap<&'static str, usize>);

impl Roles {
    pub(super) fn get(&self, standard: &str) -> Option<usize> {
        self.0.get(standard).copied()
    }

    pub(super) fn has(&self, standard: &str) -> bool {
        self.0.contains_key(standard)
    }

    pub(super) fn holds(&self, position: usize) -> bool {
        self.0.values().any(|known| *known == position)
    }
}

impl Table {
    /// Looks at the values of all columns.
    pub(super) fn new(source: SampledSource) -> Self {
        let mut shapes: Vec<Shape> = source.columns.iter().map(|column| shape(column, source.csv.decimal)).collect();
        settle_days(&source, &mut shapes);
        for (column, shape) in source.columns.iter().zip(&mut shapes) {
            if matches!(shape, Shape::Integer | Shape::Number) && names_a_time(&column.name) {
                *shape = time_of_numbers(&column.samples).map_or_else(|| shape.clone(), Shape::Time);
            }
        }
        let no_time = !shapes.iter().any(|shape| matches!(shape, Shape::Time(_)));
        for (column, shape) in source.columns.iter().zip(&mut shapes).filter(|_| no_time) {
            let name = words(&column.name).concat();
            let counts = ["time", "hour", "hours", "day", "days", "week"].contains(&name.as_str());
            if *shape == Shape::Integer && counts && column.samples.len() == source.rows {
                *shape = time_of_counts(&name, &column.samples).map_or_else(|| shape.clone(), Shape::Time);
            }
        }
        let distinct =
            source.columns.iter().map(|column| column.samples.iter().collect::<BTreeSet<_>>().len()).collect();
        Self { source, shapes, distinct }
    }

    pub(super) fn column(&self, position: usize) -> &SampledColumn {
        &self.source.columns[position]
    }

    /// Gives the column of each standard name of a kind, those that are needed first.
    pub(super) fn roles(&self, kind: SourceKind) -> Roles {
        if self.source.format == FileFormat::Csv && self.is_nameless() {
            return self.by_shape(kind);
        }
        let mut roles = Roles::default();
        let joined: Vec<Vec<String>> = self.source.columns.iter().map(|column| words(&column.name)).collect();
        let columns = kind.kind().columns;
        let needed = columns.iter().filter(|column| column.needed);
        for standard in needed.chain(columns.iter().filter(|column| !column.needed)) {
            let known: Vec<String> = names(kind, standard.name).collect();
            let rank = |position: &usize| {
                let own = joined[*position].concat();
                let listed = known.iter().position(|name| *name == own);
                let looks_like = standard.name == "customer_id" && names_customer(&joined[*position]);
                listed.or(looks_like.then_some(LOOKS_LIKE))
            };
            let free = (0..joined.len()).filter(|position| !roles.holds(*position) && self.fits(standard, *position));
            if let Some((_, position)) = free.filter_map(|position| Some((rank(&position)?, position))).min() {
                roles.0.insert(standard.name, position);
            }
        }
        roles
    }

    fn is_nameless(&self) -> bool {
        let numbered = |(at, column): (usize, &SampledColumn)| column.name == format!("column_{}", at + 1);
        self.source.columns.iter().enumerate().all(numbered)
    }

    /// Roles of columns without names: the first time; the first text or whole number; the last number with a fraction.
    fn by_shape(&self, kind: SourceKind) -> Roles {
        if kind != SourceKind::Transactions {
            return Roles::default();
        }
        let position = |fits: &dyn Fn(&Shape) -> bool| self.shapes.iter().position(fits);
        let time = position(&|shape| matches!(shape, Shape::Time(_)));
        let amount = self.shapes.iter().rposition(|shape| *shape == Shape::Number);
        let customer = position(&|shape| matches!(shape, Shape::Text | Shape::Integer));
        let found = [("customer_id", customer), ("time", time), ("amount", amount)];
        Roles(found.into_iter().filter_map(|(standard, position)| Some((standard, position?))).collect())
    }

    fn fits(&self, standard: &StandardColumn, position: usize) -> bool {
        let shape = &self.shapes[position];
        match standard.holds {
            Holds::Id => matches!(shape, Shape::Text | Shape::Integer | Shape::Number),
            Holds::Time | Holds::KnownTime | Holds::Beginning => matches!(shape, Shape::Time(_)),
            Holds::Money => matches!(shape, Shape::Integer | Shape::Number | Shape::Marked(_)),
            Holds::Number => matches!(shape, Shape::Integer | Shape::Number),
            Holds::Truth => *shape == Shape::Bool || self.is_flag(position),
            Holds::Any | Holds::AnyOrNull | Holds::AnyBeginning => match standard.name {
                "signed_up" | "updated_at" => matches!(shape, Shape::Time(_)),
                "quantity" | "discount" | "cost" | "income" | "household_size" | "children" => {
                    matches!(shape, Shape::Integer | Shape::Number)
                }
                "birth_date" => matches!(shape, Shape::Time(_)) || self.is_year(position),
                _ => *shape != Shape::Nested,
            },
        }
    }

    /// Says whether a column has years that people are born in.
    pub(super) fn is_year(&self, position: usize) -> bool {
        let year = |sample: &String| sample.trim().parse().is_ok_and(|year: u32| (1850..2100).contains(&year));
        self.shapes[position] == Shape::Integer && self.column(position).samples.iter().all(year)
    }

    /// Says whether a column has 0 and 1 alone.
    pub(super) fn is_flag(&self, position: usize) -> bool {
        let samples = &self.column(position).samples;
        self.shapes[position] == Shape::Integer
            && self.distinct(position) == 2
            && samples.iter().all(|sample| ["0", "1"].contains(&sample.trim()))
    }

    /// Gives the price of a piece, where the amount is to be made of it.
    pub(super) fn unit_price(&self, roles: &Roles) -> Option<usize> {
        let is_free = |position: &usize| {
            let shape = &self.shapes[*position];
            matches!(shape, Shape::Integer | Shape::Number | Shape::Marked(_)) && !roles.holds(*position)
        };
        let named = |name: &str| {
            let columns = &self.source.columns;
            columns.iter().position(|column| words(&column.name).concat() == name).filter(is_free)
        };
        UNIT_PRICE.split_whitespace().find_map(named)
    }

    /// Counts the different values of a column.
    pub(super) fn distinct(&self, position: usize) -> usize {
        self.distinct[position]
    }

    /// Says whether every row has a value of its own.
    pub(super) fn is_unique(&self, position: usize) -> bool {
        let filled = self.column(position).samples.len();
        filled > 0 && filled == self.source.rows && self.distinct(position) == filled
    }

    /// Says which column holds a customer's id by its name, whatever the kind.
    pub(super) fn customer(&self) -> Option<usize> {
        self.roles(SourceKind::Customers).get("customer_id").or(self.roles(SourceKind::Transactions).get("customer_id"))
    }

    /// Gives the ids of a column as ids are read: `17850.0` is 17850.
    pub(super) fn ids(&self, position: usize) -> BTreeSet<&str> {
        let samples = self.column(position).samples.iter();
        samples.map(|id| id.trim().strip_suffix(".0").unwrap_or(id.trim())).collect()
    }

    /// The last day of a column among the samples.
    pub(super) fn last_day(&self, position: usize) -> Option<NaiveDate> {
        match &self.shapes[position] {
            Shape::Time(time) => time.last,
            _ => None,
        }
    }
}

/// Says whether a name has a word for a time.
fn names_a_time(name: &str) -> bool {
    const WORDS: [&str; 12] =
        ["date", "time", "timestamp", "datetime", "at", "ts", "day", "created", "updated", "datum", "zeit", "on"];
    words(name).iter().any(|word| WORDS.contains(&word.as_str()))
}

/// Where day and month could be in either place, goes by the other dates of the table, and by commas in numbers.
fn settle_days(source: &SampledSource, shapes: &mut [Shape]) {
    let first = |shape: &Shape| match shape {
        Shape::Time(TimeShape { format: Some(format), ambiguous: false, .. }) => day_first(format),
        _ => None,
    };
    let certain: BTreeSet<bool> = shapes.iter().filter_map(first).collect();
    let day_first_here = match (certain.len(), certain.first()) {
        (1, Some(known)) => *known,
        _ if source.csv.decimal == ',' => true,
        _ => return,
    };
    let told = certain.len() == 1;
    for (column, shape) in source.columns.iter().zip(shapes) {
        let Shape::Time(time) = shape else { continue };
        let Some(known) = time.format.and_then(day_first).filter(|_| time.ambiguous) else { continue };
        if known != day_first_here
            && let Some(other) = swapped(time, &column.samples)
        {
            *time = other;
        }
        time.ambiguous = !told;
    }
}
