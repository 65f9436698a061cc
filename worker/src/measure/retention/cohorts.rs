//! Customers by the month of their first order, and in which months they were active: exact counts and sums.

use arrow::datatypes::Date32Type;
use chrono::{Datelike, NaiveDate};
use segmenter_proto::{Error, Result, v1};
use std::collections::BTreeMap;

/// A day on which a customer ordered or returned something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderDays {
    /// Days since 1970, of the job's timezone.
    pub day: i32,
    /// Whether there was a purchase.
    pub bought: bool,
    /// Purchases less refunds, in units of 10⁻⁴ of the currency.
    pub net: i128,
}

/// What a cohort did in a month.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cell {
    /// Customers with a purchase.
    pub active: u64,
    /// Customers with a purchase or a refund.
    pub seen: u64,
    /// Purchases less refunds, in units of 10⁻⁴ of the currency.
    pub net: i128,
}

/// Cohorts of some customers, mergeable in any order; months are counted from January of the year 0.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cohorts {
    /// By month of the first order and month.
    pub(super) cells: BTreeMap<(i32, i32), Cell>,
}

/// Gives the number of a day's month.
pub(super) fn month_of(day: NaiveDate) -> i32 {
    day.year() * 12 + day.month0() as i32
}

/// Gives the first day of a month by its number.
pub(super) fn first_day(month: i32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(month.div_euclid(12), month.rem_euclid(12) as u32 + 1, 1)
}

impl Cohorts {
    /// Adds a customer with the days on which something was ordered or returned, which rise; who never bought is in no cohort. Refunds of before the first
    /// order count in its month.
    ///
    /// # Errors
    /// Bug only: a day that is none.
    pub fn add(&mut self, days: &[OrderDays]) -> Result<()> {
        let month = |of: &OrderDays| {
            Date32Type::to_naive_date_opt(of.day).map(month_of).ok_or_else(|| Error::bug("a day of an order is none"))
        };
        let Some(cohort) = days.iter().find(|of| of.bought).map(month).transpose()? else { return Ok(()) };
        let mut own: BTreeMap<i32, Cell> = BTreeMap::new();
        for of in days {
            let cell = own.entry(month(of)?.max(cohort)).or_default();
            cell.active |= u64::from(of.bought);
            cell.seen = 1;
            cell.net += of.net;
        }
        for (month, cell) in own {
            self.cells.entry((cohort, month)).or_default().add(&cell);
        }
        Ok(())
    }

    /// Adds all that `other` holds.
    pub fn merge(&mut self, other: &Self) {
        for (key, cell) in &other.cells {
            self.cells.entry(*key).or_default().add(cell);
        }
    }

    /// Gives the messages that travel, in order.
    pub fn to_message(&self) -> Vec<v1::CohortCell> {
        let cell = |((cohort, month), cell): (&(i32, i32), &Cell)| v1::CohortCell {
            cohort: *cohort,
            month: *month,
            active: cell.active,
            seen: cell.seen,
            net: Some(cell.net.into()),
        };
        self.cells.iter().map(cell).collect()
    }

    /// Reads the messages.
    ///
    /// # Errors
    /// A bug where they are not those that [`Self::to_message`] gives.
    pub fn from_message(messages: &[v1::CohortCell]) -> Result<Self> {
        let cell = |message: &v1::CohortCell| {
            let net = message.net.map(i128::from).ok_or_else(|| Error::bug("a cohort has no sum"))?;
            Ok(((message.cohort, message.month), Cell { active: message.active, seen: message.seen, net }))
        };
        Ok(Self { cells: messages.iter().map(cell).collect::<Result<_>>()? })
    }
}

impl Cell {
    fn add(&mut self, more: &Self) {
        self.active += more.active;
        self.seen += more.seen;
        // Below 10²⁸ of each customer: 10¹⁰ of them fit.
        self.net = self.net.wrapping_add(more.net);
    }
}
