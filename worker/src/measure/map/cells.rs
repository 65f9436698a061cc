//! How many customers of each segment lie in each hexagon; mergeable in any order.

use super::{
    hexagon::{HEXAGONS, Hexagon},
    plane::Place,
};
use segmenter_proto::{Error, Result, v1};
use std::collections::BTreeMap;

/// Customers of a segment in a hexagon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) hexagon: Hexagon,
    /// Position of the segment.
    pub(super) segment: usize,
    pub(super) customers: u64,
}

/// Counts customers.
#[derive(Debug)]
pub(super) struct CellCounter {
    segments: usize,
    /// By number of the hexagon · segments + position of the segment.
    customers: Vec<u64>,
    beyond: [u64; 2],
}

impl CellCounter {
    /// Gives the bytes that it takes for so many segments.
    pub(super) fn bytes(segments: usize) -> usize {
        HEXAGONS * segments * size_of::<u64>()
    }

    /// Starts with nobody.
    pub(super) fn new(segments: usize) -> Self {
        Self { segments, customers: vec![0; HEXAGONS * segments], beyond: [0; 2] }
    }

    /// Counts a customer of a segment.
    ///
    /// # Errors
    /// Bug only.
    pub(super) fn add(&mut self, place: Place, segment: usize) -> Result<()> {
        self.customers[Hexagon::of(place.at).number()? * self.segments + segment] += 1;
        self.beyond.iter_mut().zip(place.beyond).for_each(|(count, is_beyond)| *count += u64::from(is_beyond));
        Ok(())
    }

    /// Gives what was counted.
    pub(super) fn finish(self) -> MapCells {
        let some = (0..).zip(self.customers).filter(|(_, customers)| *customers > 0);
        MapCells { customers: some.collect(), beyond: self.beyond }
    }
}

/// Customers by hexagon and segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct MapCells {
    /// By number of the hexagon · segments + position of the segment; of those that are not 0.
    customers: BTreeMap<u64, u64>,
    /// Those who are laid at the border, along each direction.
    pub(super) beyond: [u64; 2],
}

impl MapCells {
    /// Adds the customers of another shard.
    pub(super) fn merge(&mut self, other: &Self) {
        for (key, customers) in &other.customers {
            *self.customers.entry(*key).or_default() += customers;
        }
        self.beyond.iter_mut().zip(other.beyond).for_each(|(own, more)| *own += more);
    }

    /// Gives the cells of so many segments, by hexagon and segment.
    pub(super) fn cells(&self, segments: usize) -> Vec<Cell> {
        let cell = |(key, customers): (&u64, &u64)| Cell {
            hexagon: Hexagon::numbered(*key as usize / segments),
            segment: *key as usize % segments,
            customers: *customers,
        };
        self.customers.iter().map(cell).collect()
    }

    pub(super) fn to_message(&self) -> v1::MapCells {
        let mut before = 0;
        let keys = self.customers.keys().map(|key| key - std::mem::replace(&mut before, *key)).collect();
        v1::MapCells {
            keys,
            customers: self.customers.values().copied().collect(),
            beyond_first: self.beyond[0],
            beyond_second: self.beyond[1],
        }
    }

    pub(super) fn from_message(message: &v1::MapCells) -> Result<Self> {
        if message.keys.len() != message.customers.len() {
            return Err(Error::bug("cells of a map have other numbers of keys and of customers"));
        }
        let mut key = 0_u64;
        let keys = message.keys.iter().map(|more| {
            key = key.saturating_add(*more);
            key
        });
        let customers = keys.zip(message.customers.iter().copied()).collect();
        Ok(Self { customers, beyond: [message.beyond_first, message.beyond_second] })
    }
}
