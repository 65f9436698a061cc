//! Purchases of each customer within a window: the ground of the preset features and of effectiveness.

use crate::{shard::Shard, spec::RunSpec};
use arrow::{
    array::{Array, AsArray, Decimal128Array, StringArray},
    datatypes::{Decimal128Type, TimestampMicrosecondType},
};
use hashbrown::{HashTable, hash_table::Entry};
use segmenter_proto::{Error, Result};
use std::sync::Arc;
use xxhash_rust::xxh3::xxh3_128;

/// Purchases by ordinal; amounts in units of 10⁻⁴.
///
/// A row is a refund where `is_refund` says so; where that is null or not mapped, where its amount is below zero. Refunds count in `net` and nowhere
/// else. Orders are distinct by source and order id, where the 128-bit hashes of the ids differ; a row without an order
/// id is an order of its own.
#[derive(Debug)]
pub struct Purchases {
    /// Time of the first purchase, microseconds since 1970 UTC.
    pub first: Vec<Option<i64>>,
    /// Time of the last purchase.
    pub last: Vec<Option<i64>>,
    /// Orders with a purchase.
    pub orders: Vec<i64>,
    /// Sum of purchases.
    pub gross: Vec<i128>,
    /// Sum of purchases less refunds.
    pub net: Vec<i128>,
}

impl Purchases {
    /// Sums the rows of the sources named, from `start` on.
    ///
    /// # Errors
    /// Bug only.
    pub fn sum(spec: &RunSpec, shard: &Shard, sources: &[String], start: Option<i64>) -> Result<Self> {
        let customers = shard.customers.len();
        let mut sums = Self {
            first: vec![None; customers],
            last: vec![None; customers],
            orders: vec![0; customers],
            gross: vec![0; customers],
            net: vec![0; customers],
        };
        let mut orders = DistinctOrders::default();
        for of_source in &shard.sources {
            let name = &spec.sources[of_source.source].source.name;
            let Some(rows) = of_source.rows.as_ref().filter(|_| sources.contains(name)) else { continue };
            let missing = |column: &str| Error::bug(format!("source {name} kept no {column}"));
            let times = rows.column_by_name("time").ok_or_else(|| missing("time"))?;
            let times = times.as_primitive::<TimestampMicrosecondType>().values();
            let amounts = rows.column_by_name("amount").ok_or_else(|| missing("amount"))?;
            let amounts = amounts.as_primitive::<Decimal128Type>().values();
            let refunds = rows.column_by_name("is_refund").map(|column| column.as_boolean());
            let order_ids = rows.column_by_name("order_id").map(|column| column.as_string::<i32>());
            let from = start.unwrap_or(i64::MIN);
            for (row, &ordinal) in of_source.ordinals.iter().enumerate() {
                let (time, mut amount, at) = (times[row], amounts[row], ordinal as usize);
                if time < from {
                    continue;
                }
                let refund = match refunds {
                    Some(flags) if flags.is_valid(row) => flags.value(row),
                    _ => amount < 0,
                };
                if refund {
                    // Some systems book refunds as positive amounts with a flag.
                    amount = -amount.abs();
                    sums.net[at] += amount;
                    continue;
                }
                sums.net[at] += amount;
                sums.gross[at] += amount;
                sums.first[at] = Some(sums.first[at].map_or(time, |known| known.min(time)));
                sums.last[at] = Some(sums.last[at].map_or(time, |known| known.max(time)));
                if orders.is_new(ordinal, of_source.source, order_ids, row) {
                    sums.orders[at] += 1;
                }
            }
        }
        Ok(sums)
    }
}

/// Orders that were seen, by the hash of their source, customer and id.
#[derive(Default)]
struct DistinctOrders {
    seen: HashTable<u128>,
}

/// Odd, with its bits spread evenly: 2¹²⁸ over the golden ratio.
const SPREAD: u128 = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835;

impl DistinctOrders {
    fn is_new(&mut self, ordinal: u32, source: usize, order_ids: Option<&StringArray>, row: usize) -> bool {
        let Some(ids) = order_ids.filter(|ids| ids.is_valid(row)) else { return true };
        // Not as the seed: of short texts the seed and the text are xored, so that other pairs of them have the same hash.
        let owner = u128::from((source as u64) << 32 | u64::from(ordinal)).wrapping_mul(SPREAD);
        let order = xxh3_128(ids.value(row).as_bytes()) ^ owner;
        // Already spread evenly.
        let slot = |order: &u128| *order as u64;
        match self.seen.entry(slot(&order), |known| *known == order, slot) {
            Entry::Occupied(_) => false,
            Entry::Vacant(free) => {
                free.insert(order);
                true
            }
        }
    }
}

/// Gives sums as decimal(28,4).
///
/// # Errors
/// When a sum does not fit: Data, naming the feature.
pub fn sums_to_decimal(feature: &str, sums: impl Iterator<Item = Option<i128>>) -> Result<Arc<Decimal128Array>> {
    let sums: Decimal128Array = sums.collect();
    let sums = sums.with_precision_and_scale(28, 4).and_then(|sums| sums.validate_decimal_precision(28).map(|()| sums));
    Ok(Arc::new(sums.map_err(|error| {
        Error::data(format!("{feature}: the sum of a customer's amounts does not fit decimal(28,4)")).caused_by(error)
    })?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_are_alike_are_orders_of_their_own_for_every_customer_and_source() {
        let ids: StringArray = (0..1_000).map(|id| Some((536_000 + id).to_string())).collect();
        let mut orders = DistinctOrders::default();
        let mut new = || {
            let owners = (0..200).flat_map(|ordinal| [(ordinal, 0), (ordinal, 1)]);
            owners
                .map(|(ordinal, source)| {
                    (0..ids.len()).filter(|&row| orders.is_new(ordinal, source, Some(&ids), row)).count()
                })
                .sum::<usize>()
        };
        assert_eq!((new(), new()), (400_000, 0));
    }
}
