//! Exact sums of what customers spend, by lot and group: mergeable in any order.

use crate::measure::wide::{from_message, product, to_message};
use arrow::datatypes::i256;
use segmenter_proto::{Error, Result, v1};

/// What the predictive power of one segmentation needs; spending in units of 10⁻⁴ of the currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PredictionStatistic {
    /// Customers who are drawn, or not, together.
    pub(super) lots: Vec<Lot>,
    /// Divisions by chance.
    pub(super) random: Vec<Groups>,
}

/// Customers of one lot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Lot {
    /// By segment.
    pub segments: Groups,
    /// By past spending.
    pub past: Groups,
    /// Σ spent².
    pub squares: i256,
}

/// Customers and what they spent, a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Groups {
    pub customers: Vec<u64>,
    pub spent: Vec<i128>,
}

impl Groups {
    fn empty(groups: usize) -> Self {
        Self { customers: vec![0; groups], spent: vec![0; groups] }
    }

    pub fn add(&mut self, group: usize, spent: i128) {
        self.customers[group] += 1;
        // Below 10²⁸ each: 10¹⁰ customers fit.
        self.spent[group] = self.spent[group].wrapping_add(spent);
    }

    fn merge(&mut self, other: &Self) {
        self.customers.iter_mut().zip(&other.customers).for_each(|(own, more)| *own += more);
        self.spent.iter_mut().zip(&other.spent).for_each(|(own, more)| *own = own.wrapping_add(*more));
    }

    fn to_message(&self) -> v1::SpendingOfGroups {
        let spent = self.spent.iter().map(|spent| (*spent).into()).collect();
        v1::SpendingOfGroups { customers: self.customers.clone(), spent }
    }

    fn from_message(message: &v1::SpendingOfGroups) -> Result<Self> {
        if message.customers.len() != message.spent.len() {
            return Err(Error::bug("groups have other numbers of customers and of what they spent"));
        }
        let spent = message.spent.iter().map(|spent| (*spent).into()).collect();
        Ok(Self { customers: message.customers.clone(), spent })
    }
}

impl Lot {
    pub fn add(&mut self, segment: usize, past: usize, spent: i128) {
        self.segments.add(segment, spent);
        self.past.add(past, spent);
        self.squares = self.squares.wrapping_add(product(spent, spent));
    }
}

impl PredictionStatistic {
    /// Starts with nothing spent.
    pub(super) fn empty(lots: usize, groups: usize, draws: usize) -> Self {
        let nobody = Groups::empty(groups);
        let lot = Lot { segments: nobody.clone(), past: nobody.clone(), squares: i256::ZERO };
        Self { lots: vec![lot; lots], random: vec![nobody; draws] }
    }

    /// Adds all that `other` holds.
    ///
    /// # Errors
    /// A bug where lots or groups differ.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        let shape = |of: &Self| (of.lots.len(), of.random.len(), of.lots.first().map(|lot| lot.segments.spent.len()));
        if shape(self) != shape(other) {
            return Err(Error::bug("spending of different groups does not merge"));
        }
        for (own, more) in self.lots.iter_mut().zip(&other.lots) {
            own.segments.merge(&more.segments);
            own.past.merge(&more.past);
            own.squares = own.squares.wrapping_add(more.squares);
        }
        self.random.iter_mut().zip(&other.random).for_each(|(own, more)| own.merge(more));
        Ok(())
    }

    /// Gives the message that travels.
    pub fn to_message(&self) -> v1::PredictionStatistic {
        let lot = |lot: &Lot| v1::PredictionLot {
            segments: Some(lot.segments.to_message()),
            past: Some(lot.past.to_message()),
            squares: Some(to_message(lot.squares)),
        };
        v1::PredictionStatistic {
            lots: self.lots.iter().map(lot).collect(),
            random: self.random.iter().map(Groups::to_message).collect(),
        }
    }

    /// Reads the message.
    ///
    /// # Errors
    /// A bug where the message is not one that [`Self::to_message`] gives.
    pub fn from_message(message: &v1::PredictionStatistic) -> Result<Self> {
        let groups = |groups: &Option<v1::SpendingOfGroups>| {
            groups.as_ref().map_or_else(|| Err(Error::bug("a lot lacks its groups")), Groups::from_message)
        };
        let lots = message.lots.iter().map(|lot| {
            Ok(Lot { segments: groups(&lot.segments)?, past: groups(&lot.past)?, squares: from_message(&lot.squares)? })
        });
        let random = message.random.iter().map(Groups::from_message);
        Ok(Self { lots: lots.collect::<Result<_>>()?, random: random.collect::<Result<_>>()? })
    }
}
