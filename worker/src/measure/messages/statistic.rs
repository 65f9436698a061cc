//! Figures by group and thing, mergeable in any order.

use super::{
    cells::{About, unpacked_cells},
    figures::{COUNTS, Figures, SUMS},
};
use crate::measure::groups::Groups;
use arrow::array::{Array, BinaryArray};
use segmenter_proto::{Error, Result, v1};
use std::collections::{BTreeMap, BTreeSet};

/// Of more pairs of a group and a thing of one kind nothing is told: a message has to stay small, and nobody reads as many.
pub(super) const MOST: usize = 20_000;
/// Bytes of the labels of one kind, each as often as it travels.
const MOST_TEXT: usize = 4 << 20;

/// What customers of a group did with a thing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sums {
    /// Customers who had to do with it.
    pub customers: u64,
    /// What they did.
    pub figures: Figures,
}

/// Sums by group.
pub(super) type ByGroup = BTreeMap<u32, Sums>;

/// Figures of some customers by group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MessagesStatistic {
    /// All customers of each group.
    pub(super) customers: Vec<u64>,
    cells: BTreeMap<(About, Option<String>), ByGroup>,
    /// Pairs of a group and a thing, and the bytes of their labels, of each kind.
    taken: BTreeMap<About, (usize, usize)>,
    pub(super) untold: BTreeSet<About>,
}

impl MessagesStatistic {
    /// Adds up the cells of a shard's customers.
    ///
    /// # Errors
    /// Bug only: other bytes than cells, or other customers than the groups'.
    pub fn of_shard(groups: &Groups<'_>, packed: &BinaryArray) -> Result<Self> {
        groups.check(packed.len(), "what was done with messages")?;
        let mut statistic = Self { customers: vec![0; groups.count()], ..Self::default() };
        groups.each(packed.len(), |group, customer| {
            statistic.customers[group] += 1;
            for cell in unpacked_cells(packed.value(customer))? {
                let own = Sums { customers: 1, figures: cell.figures };
                statistic.add(cell.about, cell.label, group as u32, &own);
            }
            Ok(())
        })?;
        Ok(statistic)
    }

    fn add(&mut self, about: About, label: Option<&str>, group: u32, more: &Sums) {
        if self.untold.contains(&about) {
            return;
        }
        let by_group = self.cells.entry((about, label.map(str::to_owned))).or_default();
        let (taken, bytes) = self.taken.entry(about).or_default();
        if !by_group.contains_key(&group) {
            *taken += 1;
            *bytes += label.map_or(0, str::len);
        }
        if *taken > MOST || *bytes > MOST_TEXT {
            self.give_up(about);
            return;
        }
        let total = by_group.entry(group).or_default();
        total.customers += more.customers;
        total.figures.add(&more.figures);
    }

    /// Tells nothing of a kind: whichever shards come first, there is too much of all of them together.
    fn give_up(&mut self, about: About) {
        self.cells.retain(|(known, _), _| *known != about);
        self.taken.remove(&about);
        self.untold.insert(about);
    }

    /// Adds all that `other` holds.
    ///
    /// # Errors
    /// A bug where it has other groups.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        if self.customers.len() != other.customers.len() {
            return Err(Error::bug("what was done with messages is of other groups"));
        }
        self.customers.iter_mut().zip(&other.customers).for_each(|(total, more)| *total += more);
        other.untold.iter().for_each(|about| self.give_up(*about));
        for ((about, label), by_group) in &other.cells {
            by_group.iter().for_each(|(group, sums)| self.add(*about, label.as_deref(), *group, sums));
        }
        Ok(())
    }

    /// Gives the labels of a kind with their sums by group, in order.
    pub(super) fn of(&self, about: About) -> impl Iterator<Item = (Option<&str>, &ByGroup)> {
        let first = (about, None);
        let cells = self.cells.range(first..).take_while(move |((known, _), _)| *known == about);
        cells.map(|((_, label), by_group)| (label.as_deref(), by_group))
    }

    /// Gives the message that travels.
    pub fn to_message(&self) -> v1::MessagesStatistic {
        let cells = self.cells.iter().flat_map(|((about, label), by_group)| {
            by_group.iter().map(|(group, sums)| {
                let (counts, amounts) = sums.figures.values();
                v1::MessagesCell {
                    kind: about.number().into(),
                    label: label.clone(),
                    group: *group,
                    customers: sums.customers,
                    counts: counts.to_vec(),
                    sums: amounts.into_iter().map(Into::into).collect(),
                    fixed: sums.figures.fixed.map(Into::into),
                }
            })
        });
        v1::MessagesStatistic {
            customers: self.customers.clone(),
            cells: cells.collect(),
            untold: self.untold.iter().map(|about| about.number().into()).collect(),
        }
    }

    /// Reads the message.
    ///
    /// # Errors
    /// A bug where it is not one that [`Self::to_message`] gives.
    pub fn from_message(message: &v1::MessagesStatistic) -> Result<Self> {
        let mut statistic = Self { customers: message.customers.clone(), ..Self::default() };
        let untold = message.untold.iter().map(|number| About::of_number(*number));
        statistic.untold = untold.collect::<Result<_>>()?;
        for cell in &message.cells {
            let fits = cell.counts.len() == COUNTS
                && cell.sums.len() == SUMS
                && (cell.group as usize) < statistic.customers.len();
            if !fits {
                return Err(Error::bug("what was done with messages has other figures"));
            }
            let mut figures = Figures { fixed: cell.fixed.map(Into::into), ..Figures::default() };
            figures.counts_mut().into_iter().zip(&cell.counts).for_each(|(count, told)| *count = *told);
            figures.sums_mut().into_iter().zip(&cell.sums).for_each(|(sum, told)| *sum = (*told).into());
            let sums = Sums { customers: cell.customers, figures };
            statistic.add(About::of_number(cell.kind)?, cell.label.as_deref(), cell.group, &sums);
        }
        Ok(statistic)
    }
}
