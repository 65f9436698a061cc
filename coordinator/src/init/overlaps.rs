//! Sources of transactions that hold the same orders for some days, as files of two years may.

use super::{
    kinds::{Guess, Use},
    shapes::Shape,
    table::{TELLING_ROWS, Table},
};
use chrono::NaiveDate;
use segmenter_proto::jobs::SourceKind;
use std::collections::{BTreeMap, BTreeSet};

/// Share of the orders that both have, above which they are the same orders, and not others of the same numbers.
const THE_SAME: f64 = 0.8;

/// Days that two sources have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Overlap {
    /// The table that begins earlier, of which the days in common are left out.
    pub(super) earlier: usize,
    pub(super) later: usize,
    /// The first day of the later one.
    pub(super) from: NaiveDate,
}

/// Finds sources whose days overlap, and whose orders there are the same.
pub(super) fn overlaps(tables: &[Table], uses: &[Use]) -> Vec<Overlap> {
    let sources: Vec<(usize, &Guess)> = uses
        .iter()
        .enumerate()
        .filter_map(|(at, of)| match of {
            Use::Source(guess) if guess.kind == SourceKind::Transactions => Some((at, guess)),
            _ => None,
        })
        .collect();
    let mut found: Vec<Overlap> = Vec::new();
    for (earlier, of_earlier) in &sources {
        for (later, of_later) in sources.iter().filter(|(later, _)| later != earlier) {
            let days = |at: usize, guess: &Guess| days(&tables[at], guess);
            let (Some((first, last)), Some((from, to))) = (days(*earlier, of_earlier), days(*later, of_later)) else {
                continue;
            };
            let overlap = first < from && from <= last && last < to;
            let known = found.iter().any(|known| known.earlier == *earlier);
            if overlap
                && !known
                && same_orders(&orders(&tables[*earlier], of_earlier), &orders(&tables[*later], of_later))
            {
                found.push(Overlap { earlier: *earlier, later: *later, from });
            }
        }
    }
    found
}

fn days(table: &Table, guess: &Guess) -> Option<(NaiveDate, NaiveDate)> {
    match &table.shapes[guess.roles.get("time")?] {
        Shape::Time(time) => time.first.zip(time.last),
        _ => None,
    }
}

/// The customer of each order.
fn orders<'a>(table: &'a Table, guess: &Guess) -> BTreeMap<&'a str, &'a str> {
    let (Some(order), Some(customer)) = (guess.roles.get("order_id"), guess.roles.get("customer_id")) else {
        return BTreeMap::new();
    };
    let values = |position: usize| table.column(position).by_row(table.source.rows);
    let bare = |id: &'a str| id.trim().strip_suffix(".0").unwrap_or(id.trim());
    values(order)
        .into_iter()
        .zip(values(customer))
        .filter_map(|(order, customer)| Some((bare(order?), bare(customer?))))
        .collect()
}

fn same_orders(one: &BTreeMap<&str, &str>, other: &BTreeMap<&str, &str>) -> bool {
    let both: Vec<bool> = one.iter().filter_map(|(order, customer)| Some(other.get(order)? == customer)).collect();
    let customers: BTreeSet<&str> = one.values().copied().collect();
    let same = both.iter().filter(|same| **same).count();
    // One customer's orders are the same customer's whatever their numbers.
    customers.len() >= TELLING_ROWS && both.len() >= TELLING_ROWS && same as f64 >= THE_SAME * both.len() as f64
}
