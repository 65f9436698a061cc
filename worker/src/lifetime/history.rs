//! What the models look at of a customer.

use std::cmp::Ordering;

/// A customer's orders before a day, on which the customer has had one at least.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct History {
    /// Days with an order, without the first of them: x.
    pub orders: u32,
    /// Days from the first order to the last one.
    pub last: u32,
    /// Days from the first order to the last day that was seen.
    pub age: u32,
    /// What the orders of a day behind the first one are worth, in the mean; 0 where there are none, or that is not known.
    pub value: f64,
}

impl History {
    /// Says whether the model of an order's value has something to go by.
    pub(super) fn has_value(&self) -> bool {
        self.orders > 0 && self.value > 0.0
    }

    /// Compares all that the model of orders looks at.
    fn of_orders(&self) -> (u32, u32, u32) {
        (self.orders, self.last, self.age)
    }

    fn cmp(&self, other: &Self) -> Ordering {
        self.of_orders().cmp(&other.of_orders()).then(self.value.total_cmp(&other.value))
    }
}

/// The histories of some customers of a shard.
#[derive(Debug)]
pub struct Histories {
    rows: Vec<History>,
    up_to: u64,
}

impl Histories {
    /// Keeps the histories of customers whose draws are not above `up_to`. They are sorted, so that a term that many customers share is
    /// computed once.
    pub fn new(mut rows: Vec<History>, up_to: u64) -> Self {
        rows.sort_unstable_by(History::cmp);
        rows.shrink_to_fit();
        Self { rows, up_to }
    }

    /// Says whether they are those of customers whose draws are not above that.
    pub fn are_up_to(&self, up_to: u64) -> bool {
        self.up_to == up_to
    }

    /// Gives the memory that they take.
    pub fn bytes(&self) -> u64 {
        (self.rows.capacity() * size_of::<History>()) as u64
    }

    pub(super) fn rows(&self) -> &[History] {
        &self.rows
    }

    /// Gives histories by what the model of orders sees of them: those of a slice are the same to it.
    pub(super) fn by_orders(&self) -> impl Iterator<Item = &[History]> {
        self.rows.chunk_by(|left, right| left.of_orders() == right.of_orders())
    }

    /// Gives those with a value of orders, by what the model of that sees of them.
    pub(super) fn by_value(&self) -> impl Iterator<Item = &[History]> {
        let same = |left: &History, right: &History| {
            (left.orders, left.value.to_bits()) == (right.orders, right.value.to_bits())
        };
        self.rows.chunk_by(same).filter(|rows| rows.first().is_some_and(History::has_value))
    }
}
