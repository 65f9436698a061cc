//! Counts by a number that the request gives a meaning: exact, and mergeable in any order.

use segmenter_proto::{Error, Result, v1};

/// Cells that are counted at a time: a shard holds so many counters, and an answer of all of them stays below 16 MB.
pub(super) const MOST_CELLS: usize = 1 << 21;
/// Bytes that a counter takes while it is counted.
pub(super) const BYTES_A_CELL: u64 = 12;

/// Counts of the cells that are not 0, by rising key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cells {
    /// Rising.
    pub(super) keys: Vec<u64>,
    /// Baskets or customers.
    pub(super) n: Vec<u64>,
    /// Customers of those baskets; none where customers are counted.
    pub(super) customers: Vec<u64>,
}

impl Cells {
    /// Gives the count of a key, and of how many customers.
    pub(super) fn get(&self, key: u64) -> (u64, u64) {
        match self.keys.binary_search(&key) {
            Ok(at) => self.at(at),
            Err(_) => (0, 0),
        }
    }

    /// Gives a count by its position, and of how many customers.
    pub(super) fn at(&self, at: usize) -> (u64, u64) {
        let n = self.n.get(at).copied().unwrap_or_default();
        (n, self.customers.get(at).copied().unwrap_or(n))
    }

    /// Adds all that `other` holds.
    ///
    /// # Errors
    /// A bug where one counts customers beside baskets and the other does not.
    pub fn merge(self, other: Self) -> Result<Self> {
        if self.keys.is_empty() {
            return Ok(other);
        }
        if other.keys.is_empty() {
            return Ok(self);
        }
        if self.customers.is_empty() != other.customers.is_empty() {
            return Err(Error::bug("counts of baskets and of customers do not merge"));
        }
        let with_customers = !self.customers.is_empty();
        let mut merged = Self::default();
        let (mut left, mut right) = (0, 0);
        while left < self.keys.len() || right < other.keys.len() {
            let (one, two) = (self.keys.get(left), other.keys.get(right));
            let key = match (one, two) {
                (Some(one), Some(two)) => *one.min(two),
                (Some(key), None) | (None, Some(key)) => *key,
                (None, None) => break,
            };
            let (mut n, mut customers) = (0, 0);
            for (cells, at) in [(&self, &mut left), (&other, &mut right)] {
                if cells.keys.get(*at) == Some(&key) {
                    let (more, of) = cells.at(*at);
                    n += more;
                    customers += of;
                    *at += 1;
                }
            }
            merged.keys.push(key);
            merged.n.push(n);
            if with_customers {
                merged.customers.push(customers);
            }
        }
        Ok(merged)
    }

    /// Gives the message that travels.
    pub fn to_message(&self) -> v1::AffinityCells {
        v1::AffinityCells { keys: steps(&self.keys), n: self.n.clone(), customers: self.customers.clone() }
    }

    /// Reads the message.
    ///
    /// # Errors
    /// A bug where it is not one that [`Self::to_message`] gives.
    pub fn from_message(message: &v1::AffinityCells) -> Result<Self> {
        let fits = message.keys.len() == message.n.len()
            && (message.customers.is_empty() || message.customers.len() == message.n.len());
        match fits {
            true => {
                let keys = from_steps(&message.keys)?;
                Ok(Self { keys, n: message.n.clone(), customers: message.customers.clone() })
            }
            false => Err(Error::bug("counts of pairs have other keys")),
        }
    }
}

/// Gives rising numbers as steps, which are small.
pub(super) fn steps(numbers: &[u64]) -> Vec<u64> {
    let before = [0].iter().chain(numbers);
    numbers.iter().zip(before).map(|(number, before)| number.saturating_sub(*before)).collect()
}

/// Gives the numbers that [`steps`] took.
///
/// # Errors
/// A bug where they do not rise, or are too large.
pub(super) fn from_steps(steps: &[u64]) -> Result<Vec<u64>> {
    let mut sum = 0_u64;
    let numbers = steps.iter().enumerate().map(|(at, step)| match sum.checked_add(*step) {
        Some(next) if *step > 0 || at == 0 => {
            sum = next;
            Ok(next)
        }
        _ => Err(Error::bug("numbers of pairs do not rise")),
    });
    numbers.collect()
}

/// Counters of so many cells.
#[derive(Debug)]
pub(super) struct Counters {
    n: Vec<u32>,
    /// Customers, and who was counted last, from 1; empty where customers are counted.
    customers: Vec<u32>,
    last: Vec<u32>,
}

impl Counters {
    /// Starts with nothing counted; `of_baskets` counts customers beside.
    pub(super) fn new(cells: usize, of_baskets: bool) -> Self {
        let beside = if of_baskets { cells } else { 0 };
        Self { n: vec![0; cells], customers: vec![0; beside], last: vec![0; beside] }
    }

    /// Counts a basket of a customer, or the customer; customers come one after the other.
    pub(super) fn count(&mut self, cell: usize, customer: usize) {
        self.n[cell] += 1;
        if let Some(last) = self.last.get_mut(cell) {
            let own = customer as u32 + 1;
            if *last != own {
                *last = own;
                self.customers[cell] += 1;
            }
        }
    }

    /// Gives what is not 0; `key_of` gives the key of a cell, which rises with it.
    pub(super) fn finish(self, key_of: impl Fn(usize) -> u64) -> Cells {
        let counted = || self.n.iter().enumerate().filter(|(_, n)| **n > 0);
        Cells {
            keys: counted().map(|(cell, _)| key_of(cell)).collect(),
            n: counted().map(|(_, n)| u64::from(*n)).collect(),
            customers: counted().filter_map(|(cell, _)| self.customers.get(cell)).map(|n| u64::from(*n)).collect(),
        }
    }
}
