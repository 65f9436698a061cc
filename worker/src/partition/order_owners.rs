//! Which customer each order is of, scattered by order: whether an order stands at several customers is not seen within a shard of customers.

use crate::{
    notes::{Note, NoteCounter},
    partition::scatter::{ReadyChunk, Scatter},
    spec::{RunSpec, SourceSpec, midnight},
};
use arrow::{
    array::{Array, ArrayRef, AsArray, RecordBatch, UInt32Array, UInt64Array},
    datatypes::{DataType, Field, Schema, SchemaRef, TimestampMicrosecondType, UInt32Type, UInt64Type},
};
use segmenter_proto::{Error, Result, customer_hash, jobs::SourceKind};
use std::{collections::BTreeMap, sync::Arc};
use xxhash_rust::xxh3::xxh3_128_with_seed;

/// The source number of orders with their customers, which travel to the shards like rows, by the hash of the order.
pub const ORDER_OWNERS: u32 = u32::MAX - 1;

/// Writes down which customer each order is of, for the shard of the order.
///
/// An order is known by the 128-bit hash of its source and id, a customer by the 64-bit hash of the id: 28 bytes an order, whatever its
/// lines, as long as they lie together in the file. Only rows before `as_of` count, as in features.
#[derive(Debug)]
pub struct OrderOwners {
    as_of: i64,
    shards: u32,
    schema: SchemaRef,
}

impl OrderOwners {
    /// Begins for a run.
    ///
    /// # Errors
    /// When its timezone is not known; it was checked before.
    pub fn new(spec: &RunSpec) -> Result<Self> {
        let as_of = midnight(spec.job.as_of, &spec.job.timezone)?;
        Ok(Self { as_of, shards: spec.shards, schema: schema() })
    }

    /// Adds the rows of a batch that go on; gives `write` the chunks that are full.
    ///
    /// # Errors
    /// See [`Scatter::push`].
    pub fn push(
        &self,
        number: u32,
        source: &SourceSpec,
        rows: &RecordBatch,
        scatter: &mut Scatter,
        write: &mut impl FnMut(ReadyChunk) -> Result<()>,
    ) -> Result<()> {
        let column = |name: &str| rows.column_by_name(name).filter(|_| source.source.kind == SourceKind::Transactions);
        let (Some(orders), Some(customers), Some(times)) = (column("order_id"), column("customer_id"), column("time"))
        else {
            return Ok(());
        };
        let (orders, customers) = (orders.as_string::<i32>(), customers.as_string::<i32>());
        let times = times.as_primitive::<TimestampMicrosecondType>().values();
        let mut owners: Vec<(u128, u64)> = Vec::new();
        for row in (0..rows.num_rows()).filter(|&row| orders.is_valid(row) && times[row] < self.as_of) {
            let order = xxh3_128_with_seed(orders.value(row).as_bytes(), number.into());
            let owner = (order, customer_hash(customers.value(row)));
            // The lines of an order mostly lie together.
            if owners.last() != Some(&owner) {
                owners.push(owner);
            }
        }
        // Half of the hash is enough, and cheaper to divide.
        let shards: Vec<u32> =
            owners.iter().map(|(order, _)| (*order as u64 % u64::from(self.shards)) as u32).collect();
        let halves = |half: fn(u128) -> u64| -> ArrayRef {
            Arc::new(UInt64Array::from_iter_values(owners.iter().map(|(order, _)| half(*order))))
        };
        let columns: Vec<ArrayRef> = vec![
            Arc::new(UInt32Array::from_iter_values(std::iter::repeat_n(number, owners.len()))),
            halves(|order| (order >> 64) as u64),
            halves(|order| order as u64),
            Arc::new(UInt64Array::from_iter_values(owners.iter().map(|(_, customer)| *customer))),
        ];
        let rows = RecordBatch::try_new(self.schema.clone(), columns)
            .map_err(|error| Error::bug("orders do not fit their schema").caused_by(error))?;
        scatter.push_to(ORDER_OWNERS, &shards, &rows, write)
    }
}

/// Counts the orders of a shard of orders, and those that stand at several customers, a source.
///
/// # Errors
/// When the rows are not what was written: Bug.
pub fn count_owners(batches: &[RecordBatch], notes: &mut NoteCounter) -> Result<()> {
    let damaged = || Error::bug("orders do not have the columns that were written");
    let mut owners: Vec<(u32, u64, u64, u64)> = Vec::with_capacity(batches.iter().map(RecordBatch::num_rows).sum());
    for batch in batches {
        let numbers = batch.column(0).as_primitive_opt::<UInt32Type>().ok_or_else(damaged)?.values();
        let column =
            |at: usize| Ok::<_, Error>(batch.column(at).as_primitive_opt::<UInt64Type>().ok_or_else(damaged)?.values());
        let (high, low, customers) = (column(1)?, column(2)?, column(3)?);
        owners.extend((0..batch.num_rows()).map(|row| (numbers[row], high[row], low[row], customers[row])));
    }
    owners.sort_unstable();
    let mut counts: BTreeMap<u32, (u64, u64)> = BTreeMap::new();
    for of_order in owners.chunk_by(|left, right| (left.0, left.1, left.2) == (right.0, right.1, right.2)) {
        if let (Some(first), Some(last)) = (of_order.first(), of_order.last()) {
            let (shared, all) = counts.entry(first.0).or_default();
            *all += 1;
            // Sorted: all are one customer's where the ends are.
            *shared += u64::from(first.3 != last.3);
        }
    }
    for (source, (shared, all)) in counts {
        notes.add(source, Note::OrderOfSeveral, "", shared, all);
    }
    Ok(())
}

fn schema() -> SchemaRef {
    let number = |name: &str| Field::new(name, DataType::UInt64, false);
    let source = Field::new("source", DataType::UInt32, false);
    Arc::new(Schema::new(vec![source, number("order_high"), number("order_low"), number("customer")]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(owners: &[(u32, u64, u64)]) -> RecordBatch {
        let column = |of: fn(&(u32, u64, u64)) -> u64| -> ArrayRef {
            Arc::new(UInt64Array::from_iter_values(owners.iter().map(of)))
        };
        let sources: ArrayRef = Arc::new(UInt32Array::from_iter_values(owners.iter().map(|of| of.0)));
        RecordBatch::try_new(schema(), vec![sources, column(|_| 0), column(|of| of.1), column(|of| of.2)]).unwrap()
    }

    #[test]
    fn an_order_of_several_customers_counts_once_whatever_the_batches() {
        // Of source 0: order 1 of customers 7 and 8, order 2 of 7 twice; of source 1: order 1 of 9.
        let all = [(0, 1, 7), (0, 2, 7), (1, 1, 9), (0, 1, 8), (0, 2, 7), (0, 1, 7)];
        let mut one = NoteCounter::default();
        count_owners(&[batch(&all)], &mut one).unwrap();
        let mut several = NoteCounter::default();
        count_owners(&all.iter().rev().map(|owner| batch(&[*owner])).collect::<Vec<_>>(), &mut several).unwrap();
        assert_eq!(one, several);
        let counted = |source| one.of(source, 0).iter().map(|noted| (noted.count, noted.checked)).collect::<Vec<_>>();
        assert_eq!((counted(0), counted(1)), (vec![(1, 2)], vec![(0, 1)]));
    }
}
