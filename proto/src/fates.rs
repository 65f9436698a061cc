//! What becomes of the rows of a source.

use crate::v1::SourceFates;
use serde::{Deserialize, Serialize};

/// What became of a row; each has exactly one.
///
/// Those of rows that are not used stand in the order in which a row meets them. A row can be quarantined at any step, so that comes last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// Features see it.
    Used,
    /// The source's `where` is false or null for it.
    Filtered,
    /// It has no customer id.
    Anonymous,
    /// Its time is at or after `as_of`.
    NotBeforeAsOf,
    /// Its customer is outside the population.
    UnknownCustomer,
    /// Its customer is left out.
    Excluded,
    /// Its `key` was there before.
    Duplicate,
    /// It breaks the contract.
    Quarantined,
}

impl Fate {
    /// All of them, in their order.
    pub const ALL: [Self; 8] = [
        Self::Used,
        Self::Filtered,
        Self::Anonymous,
        Self::NotBeforeAsOf,
        Self::UnknownCustomer,
        Self::Excluded,
        Self::Duplicate,
        Self::Quarantined,
    ];

    /// Gives the word for rows of this fate, as in `12 of unknown customers`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Used => "used",
            Self::Filtered => "filtered",
            Self::Anonymous => "anonymous",
            Self::NotBeforeAsOf => "not before as_of",
            Self::UnknownCustomer => "of unknown customers",
            Self::Excluded => "excluded",
            Self::Duplicate => "duplicate",
            Self::Quarantined => "quarantined",
        }
    }
}

/// Rows of a source by what became of them, as in `run.json`; `read` is the sum of the others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowFates {
    /// Rows in the files.
    pub read: u64,
    /// See [`Fate::Used`]; so the others.
    pub used: u64,
    /// Rows that `where` drops.
    pub filtered: u64,
    /// Rows without a customer id.
    pub anonymous: u64,
    /// Rows of a time at or after `as_of`.
    pub not_before_as_of: u64,
    /// Rows of customers outside the population.
    pub unknown_customer: u64,
    /// Rows of customers that are left out.
    pub excluded: u64,
    /// Rows whose `key` was there before.
    pub duplicate: u64,
    /// Rows that break the contract.
    pub quarantined: u64,
}

impl RowFates {
    /// Gives the rows of one fate.
    pub const fn of(&self, fate: Fate) -> u64 {
        match fate {
            Fate::Used => self.used,
            Fate::Filtered => self.filtered,
            Fate::Anonymous => self.anonymous,
            Fate::NotBeforeAsOf => self.not_before_as_of,
            Fate::UnknownCustomer => self.unknown_customer,
            Fate::Excluded => self.excluded,
            Fate::Duplicate => self.duplicate,
            Fate::Quarantined => self.quarantined,
        }
    }

    /// Gives the fates that some row has, each with its rows, in their order.
    pub fn met(&self) -> impl DoubleEndedIterator<Item = (Fate, u64)> {
        Fate::ALL.map(|fate| (fate, self.of(fate))).into_iter().filter(|(_, rows)| *rows > 0)
    }

    /// Gives the fates that some row has and for which it is not used.
    pub fn lost(&self) -> impl DoubleEndedIterator<Item = (Fate, u64)> {
        self.met().filter(|(fate, _)| *fate != Fate::Used)
    }

    /// Gives the rows that have a fate; none where there are more than can be counted, which a bug alone can bring about.
    pub fn accounted(&self) -> Option<u64> {
        Fate::ALL.iter().try_fold(0_u64, |sum, fate| sum.checked_add(self.of(*fate)))
    }

    /// Says whether every row read has exactly one fate.
    pub fn adds_up(&self) -> bool {
        self.accounted() == Some(self.read)
    }
}

impl From<&SourceFates> for RowFates {
    fn from(counted: &SourceFates) -> Self {
        Self {
            read: counted.read,
            used: counted.used,
            filtered: counted.filtered,
            anonymous: counted.anonymous,
            not_before_as_of: counted.not_before_as_of,
            unknown_customer: counted.unknown_customer,
            excluded: counted.excluded,
            duplicate: counted.duplicate,
            quarantined: counted.quarantined,
        }
    }
}

impl SourceFates {
    /// Adds what was counted of other rows of the source.
    pub fn merge(&mut self, more: &Self) {
        self.read += more.read;
        self.used += more.used;
        self.filtered += more.filtered;
        self.anonymous += more.anonymous;
        self.not_before_as_of += more.not_before_as_of;
        self.unknown_customer += more.unknown_customer;
        self.excluded += more.excluded;
        self.duplicate += more.duplicate;
        self.quarantined += more.quarantined;
        self.newest = self.newest.max(more.newest);
        self.newest_seen = self.newest_seen.max(more.newest_seen);
        self.largest_customer = self.largest_customer.max(more.largest_customer);
        self.customers += more.customers;
    }

    /// Gives the rows that a task of the partition passes on to the shards, which decide on them; none where more went elsewhere than
    /// were read.
    pub fn passed_on(&self) -> Option<u64> {
        self.read.checked_sub(self.filtered + self.anonymous + self.quarantined)
    }

    /// Gives the rows on which a shard has decided.
    pub const fn decided_in_shard(&self) -> u64 {
        self.used + self.not_before_as_of + self.unknown_customer + self.excluded + self.duplicate
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_without_a_fate_is_noticed() {
        let fates = RowFates { read: 6, used: 3, quarantined: 2, anonymous: 1, ..RowFates::default() };
        assert!(fates.adds_up());
        assert!(!RowFates { read: 7, ..fates }.adds_up());
        assert!(!RowFates { used: u64::MAX, ..fates }.adds_up());
    }

    #[test]
    fn fates_stand_in_their_order_and_each_is_counted_once() {
        let counted = SourceFates {
            read: 36,
            used: 1,
            filtered: 2,
            anonymous: 3,
            not_before_as_of: 4,
            unknown_customer: 5,
            excluded: 6,
            duplicate: 7,
            quarantined: 8,
            ..SourceFates::default()
        };
        let fates = RowFates::from(&counted);
        assert!(fates.adds_up());
        assert_eq!(fates.met().map(|(_, rows)| rows).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(fates.met().map(|(fate, _)| fate).collect::<Vec<_>>(), Fate::ALL);
        assert!(Fate::ALL.is_sorted());
        assert_eq!(fates.lost().next(), Some((Fate::Filtered, 2)));
        assert_eq!((counted.passed_on(), counted.decided_in_shard()), (Some(23), 23));
        let mut twice = counted;
        twice.merge(&counted);
        assert_eq!((RowFates::from(&twice).accounted(), twice.read), (Some(72), 72));
    }
}
