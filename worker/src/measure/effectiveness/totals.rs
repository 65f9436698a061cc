//! Exact sums over the customers of a segment.

use super::own::{self, OwnTotals, OwnValues};
use crate::measure::{
    groups::Groups,
    wide::{from_message, in_currency, product, to_f64, to_message},
};
use arrow::{buffer::BooleanBuffer, datatypes::i256};
use segmenter_proto::{Error, Result, v1};

/// What decimal(28,4) can hold: below it no sum over 2⁶⁴ customers leaves 256 bits.
const LARGEST_MONEY: u128 = 10_u128.pow(28);

/// What the metrics need of each customer of a shard; arrays of one length, in the order of the customers.
#[derive(Debug, Clone, Copy)]
pub struct CustomerValues<'a> {
    /// Distinct orders with a purchase.
    pub orders: &'a [i64],
    /// Purchases without refunds, decimal(28,4) as its integer.
    pub gross: &'a [i128],
    /// Purchases and refunds, decimal(28,4) as its integer.
    pub net: &'a [i128],
    /// Orders in a window of the same length before, of outcomes.
    pub orders_before: Option<&'a [i64]>,
    /// Whether some channel reaches them; none where nobody was asked.
    pub reachable: Option<&'a BooleanBuffer>,
}

/// Exact sums over the customers of one segment, mergeable in any order; money in units of 10⁻⁴.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentTotals {
    /// Customers.
    pub customers: u64,
    /// Customers with at least one order.
    pub buyers: u64,
    /// Customers with at least two orders.
    pub repeaters: u64,
    /// Σ orders.
    pub orders: i256,
    /// Σ orders².
    pub orders_squared: i256,
    /// Σ gross purchases.
    pub gross: i256,
    /// Σ gross purchases².
    pub gross_squared: i256,
    /// Σ gross purchases · orders.
    pub gross_orders: i256,
    /// Σ net revenue.
    pub net: i256,
    /// Σ net revenue².
    pub net_squared: i256,
    /// Customers with an order in the window before; 0 where there is none.
    pub active_before: u64,
    /// Those of them with an order in the window too.
    pub active_again: u64,
    /// Customers who consent to some channel; 0 where nobody was asked.
    pub reachable: u64,
}

impl Default for SegmentTotals {
    fn default() -> Self {
        let zero = i256::ZERO;
        Self {
            customers: 0,
            buyers: 0,
            repeaters: 0,
            orders: zero,
            orders_squared: zero,
            gross: zero,
            gross_squared: zero,
            gross_orders: zero,
            net: zero,
            net_squared: zero,
            active_before: 0,
            active_again: 0,
            reachable: 0,
        }
    }
}

impl SegmentTotals {
    fn add(&mut self, orders: i64, gross: i128, net: i128, orders_before: i64) -> Result<()> {
        if orders < 0 || gross.unsigned_abs() >= LARGEST_MONEY || net.unsigned_abs() >= LARGEST_MONEY {
            return Err(Error::data("a customer's orders or revenue are beyond decimal(28,4)"));
        }
        self.active_before += u64::from(orders_before >= 1);
        self.active_again += u64::from(orders_before >= 1 && orders >= 1);
        let orders = i128::from(orders);
        self.customers += 1;
        self.buyers += u64::from(orders >= 1);
        self.repeaters += u64::from(orders >= 2);
        self.orders = self.orders.wrapping_add(i256::from_i128(orders));
        self.orders_squared = self.orders_squared.wrapping_add(product(orders, orders));
        self.gross = self.gross.wrapping_add(i256::from_i128(gross));
        self.gross_squared = self.gross_squared.wrapping_add(product(gross, gross));
        self.gross_orders = self.gross_orders.wrapping_add(product(gross, orders));
        self.net = self.net.wrapping_add(i256::from_i128(net));
        self.net_squared = self.net_squared.wrapping_add(product(net, net));
        Ok(())
    }

    /// Adds all that `other` holds.
    pub fn merge(&mut self, other: &Self) {
        self.customers += other.customers;
        self.buyers += other.buyers;
        self.repeaters += other.repeaters;
        self.active_before += other.active_before;
        self.active_again += other.active_again;
        self.reachable += other.reachable;
        self.zip(other, i256::wrapping_add);
    }

    /// Gives net revenue.
    pub fn revenue(&self) -> f64 {
        in_currency(to_f64(self.net))
    }

    /// Gives net revenue a customer; 0 of nobody.
    pub fn revenue_per_customer(&self) -> f64 {
        if self.customers == 0 { 0.0 } else { in_currency(to_f64(self.net)) / self.customers as f64 }
    }

    /// Gives what is left without `part`, which must be a part of it.
    pub(super) fn without(&self, part: &Self) -> Self {
        let mut rest = Self {
            customers: self.customers - part.customers,
            buyers: self.buyers - part.buyers,
            repeaters: self.repeaters - part.repeaters,
            active_before: self.active_before - part.active_before,
            active_again: self.active_again - part.active_again,
            reachable: self.reachable - part.reachable,
            ..self.clone()
        };
        rest.zip(part, i256::wrapping_sub);
        rest
    }

    fn zip(&mut self, other: &Self, combine: impl Fn(i256, i256) -> i256) {
        self.orders = combine(self.orders, other.orders);
        self.orders_squared = combine(self.orders_squared, other.orders_squared);
        self.gross = combine(self.gross, other.gross);
        self.gross_squared = combine(self.gross_squared, other.gross_squared);
        self.gross_orders = combine(self.gross_orders, other.gross_orders);
        self.net = combine(self.net, other.net);
        self.net_squared = combine(self.net_squared, other.net_squared);
    }

    fn to_message(&self) -> v1::SegmentTotals {
        v1::SegmentTotals {
            customers: self.customers,
            buyers: self.buyers,
            repeaters: self.repeaters,
            orders: Some(to_message(self.orders)),
            orders_squared: Some(to_message(self.orders_squared)),
            gross: Some(to_message(self.gross)),
            gross_squared: Some(to_message(self.gross_squared)),
            gross_orders: Some(to_message(self.gross_orders)),
            net: Some(to_message(self.net)),
            net_squared: Some(to_message(self.net_squared)),
            active_before: self.active_before,
            active_again: self.active_again,
            reachable: self.reachable,
        }
    }

    fn from_message(message: &v1::SegmentTotals) -> Result<Self> {
        Ok(Self {
            customers: message.customers,
            buyers: message.buyers,
            repeaters: message.repeaters,
            orders: from_message(&message.orders)?,
            orders_squared: from_message(&message.orders_squared)?,
            gross: from_message(&message.gross)?,
            gross_squared: from_message(&message.gross_squared)?,
            gross_orders: from_message(&message.gross_orders)?,
            net: from_message(&message.net)?,
            net_squared: from_message(&message.net_squared)?,
            active_before: message.active_before,
            active_again: message.active_again,
            reachable: message.reachable,
        })
    }
}

/// What the effectiveness of one segmentation needs, mergeable over shards in any order.
#[derive(Debug, Clone, PartialEq)]
pub struct EffectivenessStatistic {
    /// In the order of the segments; where they overlap, of all customers as the last.
    pub by_segment: Vec<SegmentTotals>,
    /// Metrics of the user's own, in the order of the job; each in the order of `by_segment`.
    pub own: Vec<Vec<OwnTotals>>,
}

impl EffectivenessStatistic {
    /// Gives the statistic of one shard.
    ///
    /// # Errors
    /// A bug where lengths differ; the data's fault where a value is beyond decimal(28,4).
    pub fn of_shard(groups: &Groups<'_>, values: &CustomerValues<'_>, own: &[OwnValues<'_>]) -> Result<Self> {
        let customers = values.orders.len();
        groups.check(customers, "orders")?;
        groups.check(values.gross.len(), "purchases")?;
        groups.check(values.net.len(), "revenue")?;
        groups.check(values.reachable.map_or(customers, BooleanBuffer::len), "reachable customers")?;
        groups.check(values.orders_before.map_or(customers, <[i64]>::len), "orders before")?;
        let mut by_segment = vec![SegmentTotals::default(); groups.count()];
        groups.each(customers, |group, customer| {
            let before = values.orders_before.map_or(0, |orders| orders[customer]);
            let (orders, gross, net) = (values.orders[customer], values.gross[customer], values.net[customer]);
            by_segment[group].reachable += u64::from(values.reachable.is_some_and(|known| known.value(customer)));
            by_segment[group].add(orders, gross, net, before)
        })?;
        let own = own.iter().map(|values| own::of_shard(groups, values)).collect::<Result<_>>()?;
        Ok(Self { by_segment, own })
    }

    /// Adds all that `other` holds.
    ///
    /// # Errors
    /// A bug where the number of segments differs.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        if self.by_segment.len() != other.by_segment.len() || self.own.len() != other.own.len() {
            return Err(Error::bug("effectiveness of different segments does not merge"));
        }
        self.by_segment.iter_mut().zip(&other.by_segment).for_each(|(totals, more)| totals.merge(more));
        for (own, more) in self.own.iter_mut().zip(&other.own) {
            own.iter_mut().zip(more).for_each(|(totals, more)| totals.merge(more));
        }
        Ok(())
    }

    /// Gives the message that travels.
    pub fn to_message(&self) -> v1::EffectivenessStatistic {
        v1::EffectivenessStatistic {
            by_segment: self.by_segment.iter().map(SegmentTotals::to_message).collect(),
            own: self.own.iter().map(|totals| own::to_message(totals)).collect(),
        }
    }

    /// Reads the message.
    ///
    /// # Errors
    /// A bug where the message is not one that [`Self::to_message`] gives.
    pub fn from_message(message: &v1::EffectivenessStatistic) -> Result<Self> {
        let by_segment = message.by_segment.iter().map(SegmentTotals::from_message).collect::<Result<_>>()?;
        let own = message.own.iter().map(own::from_message).collect::<Result<_>>()?;
        Ok(Self { by_segment, own })
    }
}
