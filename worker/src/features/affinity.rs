//! What customers bought and wished for, of which affinities are counted; no feature sees it.

use crate::{
    measure::{AffinityLists, PackedItem, Packer},
    spec::RunSpec,
    sql::{AnsweredRows, Catalogue, Query, Room, ShardTables},
};
use arrow::{
    array::{Array, ArrayRef, AsArray, BinaryArray, BooleanArray, Date32Array, Int64Array, StringArray},
    datatypes::{DataType, Date32Type, Field, Int64Type},
};
use segmenter_proto::{
    Error, Result,
    jobs::{Affinity, First, Within},
};
use std::{cmp::Ordering, sync::Arc};

/// Bytes that a line takes until it is packed: as the query gives it, and as it is sorted.
const BYTES_A_LINE: usize = 192;
/// Bytes that a line takes where it is packed; names are guessed.
const PACKED_BYTES: u64 = 12;

/// The query of one affinity.
#[derive(Debug)]
pub(super) struct AffinityPlan {
    column: String,
    lists: AffinityLists,
    query: Query,
    /// Columns of the query.
    names: Vec<String>,
}

/// The column with the lists of an affinity, packed; not a feature.
pub fn affinity_column(name: &str) -> String {
    format!("__affinity_{name}")
}

/// Says what the lists of an affinity are.
pub fn affinity_lists(affinity: &Affinity) -> AffinityLists {
    match (affinity.from, affinity.within) {
        (First::Wished, _) => AffinityLists::WishedAndBought,
        (First::Bought, Within::Basket) => AffinityLists::Baskets,
        (First::Bought, Within::Customer) => AffinityLists::Bought,
    }
}

/// Gives the bytes that the lists of one affinity take, of so many rows of all sources.
pub fn affinity_bytes(rows: u64) -> u64 {
    rows * PACKED_BYTES
}

impl AffinityPlan {
    /// Compiles the affinities of a run.
    ///
    /// # Errors
    /// Sources have different types of the name whose values are the items: Job.
    pub(super) fn compile(spec: &RunSpec) -> Result<Vec<Self>> {
        if spec.job.affinities.is_empty() {
            return Ok(Vec::new());
        }
        let catalogue = Catalogue::of(spec)?;
        let plan = |(at, affinity): (usize, &Affinity)| {
            let query = Query::bind(&affinity.query, &catalogue)
                .map_err(|error| Error::from(error).at_key(format!("affinity[{at}].of")))?;
            Ok(Self {
                column: affinity_column(&affinity.name),
                lists: affinity_lists(affinity),
                names: query.fields().into_iter().map(|field| field.name().clone()).collect(),
                query,
            })
        };
        spec.job.affinities.iter().enumerate().map(plan).collect()
    }

    pub(super) fn field(&self) -> Field {
        Field::new(&self.column, DataType::Binary, false)
    }

    /// Gives the lists of each customer, packed.
    ///
    /// # Errors
    /// One customer does not fit into memory (Resources).
    pub(super) fn compute(&self, tables: &ShardTables<'_>, customers: usize, room: Room<'_>) -> Result<ArrayRef> {
        let mut packed = vec![Vec::new(); customers];
        let rows = (room.memory / BYTES_A_LINE).max(1);
        let lost = self.query.each_row(tables, room, rows, |answered| {
            let parts: Vec<Columns<'_>> =
                answered.iter().map(|rows| Columns::of(rows, &self.names)).collect::<Result<_>>()?;
            let mut lines: Vec<Line<'_>> = parts.iter().flat_map(|part| part.lines()).collect();
            lines.sort_unstable_by(Line::order);
            for own in lines.chunk_by(|left, right| left.customer == right.customer) {
                let customer = own.first().map_or(0, |line| line.customer) as usize;
                let packed = packed.get_mut(customer).ok_or_else(|| Error::bug("lines of a customer of no shard"))?;
                *packed = self.packed(own);
            }
            Ok(())
        })?;
        match lost {
            0 => Ok(Arc::new(BinaryArray::from_iter_values(packed))),
            lost => Err(Error::bug(format!("what {lost} customers bought cannot be read"))),
        }
    }

    /// Packs the lines of one customer, which are sorted.
    fn packed(&self, own: &[Line<'_>]) -> Vec<u8> {
        let mut packer = Packer::default();
        let mut list = |lines: &[Line<'_>]| {
            let items = lines.iter().filter_map(|line| {
                let name = line.item?.as_bytes();
                Some(PackedItem { name, lines: line.lines })
            });
            packer.list(&items.collect::<Vec<_>>());
        };
        match self.lists {
            AffinityLists::WishedAndBought => {
                for wished in [true, false] {
                    let of: Vec<Line<'_>> =
                        own.iter().filter(|line| (line.wished == Some(true)) == wished).copied().collect();
                    list(&of);
                }
            }
            AffinityLists::Bought | AffinityLists::Baskets => {
                own.chunk_by(|left, right| left.list() == right.list()).for_each(list);
            }
        }
        packer.finish(own.iter().filter(|line| line.item.is_none()).map(|line| line.lines).sum())
    }
}

/// The columns of some rows of the query; those that tell lists apart are there as far as there is any.
struct Columns<'a> {
    rows: &'a AnsweredRows,
    wished: Option<&'a BooleanArray>,
    source: Option<&'a StringArray>,
    basket: Option<&'a StringArray>,
    day: Option<&'a Date32Array>,
    item: &'a StringArray,
    lines: &'a Int64Array,
}

impl<'a> Columns<'a> {
    fn of(rows: &'a AnsweredRows, names: &[String]) -> Result<Self> {
        let column =
            |name: &str| names.iter().zip(&rows.columns).find(|(own, _)| *own == name).map(|(_, column)| column);
        let lacking = || Error::bug("lines of customers have other columns");
        Ok(Self {
            rows,
            wished: column("wished").map(|column| column.as_boolean_opt().ok_or_else(lacking)).transpose()?,
            source: column("source").map(|column| column.as_string_opt().ok_or_else(lacking)).transpose()?,
            basket: column("basket").map(|column| column.as_string_opt().ok_or_else(lacking)).transpose()?,
            day: column("day").map(|column| column.as_primitive_opt::<Date32Type>().ok_or_else(lacking)).transpose()?,
            item: column("item").and_then(|column| column.as_string_opt()).ok_or_else(lacking)?,
            lines: column("lines").and_then(|column| column.as_primitive_opt::<Int64Type>()).ok_or_else(lacking)?,
        })
    }

    fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        let text = |column: Option<&'a StringArray>, row: usize| {
            column.filter(|column| column.is_valid(row)).map(|column| column.value(row))
        };
        (0..self.rows.customers.len()).map(move |row| Line {
            customer: self.rows.customers.value(row),
            wished: self.wished.map(|wished| wished.value(row)),
            source: text(self.source, row),
            basket: text(self.basket, row),
            day: self.day.filter(|day| day.is_valid(row)).map(|day| day.value(row)),
            item: text(Some(self.item), row),
            lines: self.lines.value(row).unsigned_abs(),
        })
    }
}

/// An item of a list of a customer.
#[derive(Debug, Clone, Copy)]
struct Line<'a> {
    customer: u32,
    wished: Option<bool>,
    source: Option<&'a str>,
    basket: Option<&'a str>,
    day: Option<i32>,
    item: Option<&'a str>,
    lines: u64,
}

impl Line<'_> {
    fn list(&self) -> (u32, Option<bool>, Option<&str>, Option<&str>, Option<i32>) {
        (self.customer, self.wished, self.source, self.basket, self.day)
    }

    fn order(&self, other: &Self) -> Ordering {
        self.list().cmp(&other.list()).then_with(|| self.item.cmp(&other.item))
    }
}
