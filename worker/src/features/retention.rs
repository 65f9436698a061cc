//! When customers order: the cohorts of a shard, and the gaps between orders of each customer; no feature sees them.

use super::plan::HISTORY;
use crate::{
    families::Family,
    measure::{Cohorts, OrderDays, packed_gaps},
    spec::RunSpec,
    sql::{AnsweredRows, Catalogue, Query, Room, ShardTables},
};
use arrow::{
    array::{ArrayRef, AsArray, BinaryArray},
    datatypes::{DataType, Date32Type, Decimal128Type, Field},
};
use segmenter_proto::{
    Error, Result,
    jobs::{Preset, Unit},
};
use std::sync::Arc;

/// Gaps between the days on which a customer ordered, and last the days since; not a feature. See [`packed_gaps`].
pub const ORDER_GAPS: &str = "__order_gaps";

/// Bytes that a day takes until it is counted: as the query gives it, and as it is sorted.
const BYTES_A_DAY: usize = 96;

/// Days with orders, as the family of the history means orders: see `rfm.sql`. It says `customer_id` for the id of whoever is segmented.
const DAYS: &str = "\
select customer_id, day, bool_or(not refund) as bought,
       cast(sum(case when refund then -abs(amount) else amount end) as decimal(28, 4)) as net
from (select customer_id, cast(time as date) as day, amount, coalesce(is_refund, amount < 0) as refund from transactions)
group by customer_id, day";

/// The query over all transactions.
#[derive(Debug)]
pub(super) struct RetentionPlan(Query);

impl RetentionPlan {
    /// Compiles it over the sources of the history.
    ///
    /// # Errors
    /// Bug only.
    pub(super) fn compile(spec: &RunSpec, history: &Preset, family: &'static Family) -> Result<Self> {
        debug_assert_eq!(family.name, HISTORY);
        let catalogue = Catalogue::of_family(spec, family, &history.sources, None)?;
        let bound = Query::bind(&DAYS.replace(Unit::Customer.key(), spec.job.unit.key()), &catalogue);
        bound.map(Self).map_err(|error| Error::bug("days with orders cannot be asked for").caused_by(error))
    }

    pub(super) fn field() -> Field {
        Field::new(ORDER_GAPS, DataType::Binary, false)
    }

    /// Gives the cohorts of a shard, and the gaps of each customer.
    ///
    /// # Errors
    /// What a customer spent on a day does not fit its type (Data), or one customer does not fit into memory (Resources).
    pub(super) fn compute(
        &self,
        spec: &RunSpec,
        tables: &ShardTables<'_>,
        customers: usize,
        room: Room<'_>,
    ) -> Result<(Cohorts, ArrayRef)> {
        let as_of = Date32Type::from_naive_date(spec.job.as_of);
        let mut cohorts = Cohorts::default();
        let mut gaps = vec![Vec::new(); customers];
        let rows = (room.memory / BYTES_A_DAY).max(1);
        let lost = self.0.each_row(tables, room, rows, |answered| {
            let mut days = days_of(&answered)?;
            days.sort_unstable_by_key(|(customer, of)| (*customer, of.day));
            for own in days.chunk_by(|left, right| left.0 == right.0) {
                let customer = own.first().map_or(0, |(customer, _)| *customer) as usize;
                let days: Vec<OrderDays> = own.iter().map(|(_, of)| *of).collect();
                cohorts.add(&days)?;
                let packed = gaps.get_mut(customer).ok_or_else(|| Error::bug("orders of a customer of no shard"))?;
                *packed = packed_gaps(&days, as_of)?;
            }
            Ok(())
        })?;
        if lost > 0 {
            return Err(Error::data(format!(
                "what {lost} or more {} spent on a day does not fit its type",
                spec.job.unit.many()
            ))
            .with_hint(
                "look for amounts that are far too large; a condition in `where` of the source leaves them out",
            ));
        }
        Ok((cohorts, Arc::new(BinaryArray::from_iter_values(gaps))))
    }
}

/// Gives the days of some customers, in no order.
fn days_of(answered: &[AnsweredRows]) -> Result<Vec<(u32, OrderDays)>> {
    let mut days = Vec::with_capacity(answered.iter().map(|rows| rows.customers.len()).sum());
    for AnsweredRows { customers, columns } in answered {
        let [day, bought, net] = columns.as_slice() else {
            return Err(Error::bug("days with orders have other columns"));
        };
        let parts =
            (day.as_primitive_opt::<Date32Type>(), bought.as_boolean_opt(), net.as_primitive_opt::<Decimal128Type>());
        let (Some(day), Some(bought), Some(net)) = parts else {
            return Err(Error::bug("days with orders have columns of other types"));
        };
        let of_row = |row: usize| {
            let of = OrderDays { day: day.value(row), bought: bought.value(row), net: net.value(row) };
            (customers.value(row), of)
        };
        days.extend((0..customers.len()).map(of_row));
    }
    Ok(days)
}
