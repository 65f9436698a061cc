//! Which segmentation rows are about, and what all four tables have in common.

use super::{
    cells::About,
    statistic::{ByGroup, MessagesStatistic, Sums},
};
use crate::measure::{effectiveness::Basis, groups::apart_from_all, inference::share_interval};
use segmenter_proto::{Error, Result, jobs::Job, methods};

/// Which segmentation the rows are of.
#[derive(Debug, Clone, Copy)]
pub struct MessagesScope<'a> {
    /// The job.
    pub job: &'a Job,
    /// Name of the segmentation.
    pub segmentation: &'a str,
    /// Keys of the segments, in the order of the labels.
    pub segment_keys: &'a [String],
    /// Whether a customer can be in several of them.
    pub overlapping: bool,
    /// Before `as_of`, or the outcome window.
    pub basis: Basis,
}

/// A segment, or the population, which has no key.
#[derive(Debug)]
pub(super) struct Group<'a> {
    pub(super) key: Option<&'a str>,
    /// Positions of the groups of the statistic that are in it.
    of: Vec<u32>,
    pub(super) customers: u64,
}

/// A label and what was done with it; none of messages that do not say it.
pub(super) type Labelled<'a> = (Option<&'a str>, &'a ByGroup);

/// Why a table says nothing of what it is about.
pub(super) const TOO_MANY: &str = "there are too many to be told";

/// A share with its interval at the level; nothing where there is none.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Share {
    pub(super) value: Option<f64>,
    pub(super) interval: Option<(f64, f64)>,
    pub(super) level: Option<f64>,
}

impl<'a> MessagesScope<'a> {
    /// Gives the population, and then each segment.
    ///
    /// # Errors
    /// A bug where the statistic has other segments.
    pub(super) fn groups(&self, statistic: &MessagesStatistic) -> Result<Vec<Group<'a>>> {
        let (by_segment, all) = apart_from_all(&statistic.customers, self.overlapping)?;
        if by_segment.len() != self.segment_keys.len() {
            return Err(Error::bug(format!("messages of segmentation {} have other segments", self.segmentation)));
        }
        let segments = self.segment_keys.iter().zip(by_segment).zip(0_u32..);
        let in_scope = segments.clone().filter(|((key, _), _)| *key != methods::OUT_OF_SCOPE);
        let population = match all {
            Some(all) => Group { key: None, of: vec![by_segment.len() as u32], customers: *all },
            None => Group {
                key: None,
                of: in_scope.clone().map(|(_, group)| group).collect(),
                customers: in_scope.map(|((_, customers), _)| customers).sum(),
            },
        };
        let own =
            segments.map(|((key, customers), group)| Group { key: Some(key), of: vec![group], customers: *customers });
        Ok([population].into_iter().chain(own).collect())
    }

    /// Gives everybody, those who are out of scope too.
    pub(super) fn everybody(&self, statistic: &MessagesStatistic) -> Group<'a> {
        let groups = statistic.customers.len() as u32;
        let first = if self.overlapping { groups.saturating_sub(1) } else { 0 };
        Group {
            key: None,
            of: (first..groups).collect(),
            customers: statistic.customers.iter().skip(first as usize).sum(),
        }
    }

    /// Gives the labels that may be shown, which enough customers of the population have to do with, and what is to be said of those that are
    /// not; `what` they are called.
    pub(super) fn shown<'s>(
        &self,
        statistic: &'s MessagesStatistic,
        (about, what): (About, &str),
        population: &Group<'_>,
        enough: impl Fn(&Sums) -> u64,
    ) -> (Vec<Labelled<'s>>, Option<String>) {
        let min_cell = self.job.privacy.min_cell;
        let (shown, hidden): (Vec<_>, Vec<_>) =
            statistic.of(about).partition(|(_, by_group)| enough(&population.sums(by_group)) >= min_cell);
        let untold = match (statistic.untold.contains(&about), hidden.len()) {
            (true, _) => Some(TOO_MANY.to_owned()),
            (false, 0) => None,
            (false, labels) => Some(format!("{labels} {what} of fewer than {min_cell} customers are not shown")),
        };
        (shown, untold)
    }

    /// Gives a share with an interval where the rows did not make the segments.
    pub(super) fn share(&self, count: u64, of: u64) -> Share {
        if of == 0 || count > of {
            return Share::default();
        }
        let level = self.job.effectiveness.confidence.level();
        let interval = (self.basis != Basis::InSample).then(|| share_interval(count, of, level));
        Share { value: Some(count as f64 / of as f64), interval, level: interval.map(|_| level) }
    }

    /// Gives why nothing is told of so many customers.
    pub(super) fn why_nothing(&self, customers: u64) -> Option<String> {
        match self.basis.not_over() {
            Some(why) => Some(why),
            None if customers < self.job.privacy.min_cell => {
                Some(format!("fewer than {} customers", self.job.privacy.min_cell))
            }
            None => None,
        }
    }

    /// Gives why nothing is told of some customers, of whom there are too few; nobody can be told.
    pub(super) fn why_few(&self, customers: u64) -> Option<String> {
        let min_cell = self.job.privacy.min_cell;
        (customers > 0 && customers < min_cell).then(|| format!("fewer than {min_cell} customers"))
    }

    /// Gives why a row has no interval.
    pub(super) fn why_no_interval(&self) -> Option<String> {
        (self.basis == Basis::InSample).then(|| "ci: the segments were made from these rows".to_owned())
    }
}

impl Group<'_> {
    /// Adds up what its customers did.
    pub(super) fn sums(&self, by_group: &ByGroup) -> Sums {
        let mut total = Sums::default();
        for own in self.of.iter().filter_map(|group| by_group.get(group)) {
            total.customers += own.customers;
            total.figures.add(&own.figures);
        }
        total
    }
}

/// Gives an amount in units of the currency.
pub(super) fn money(units: i128) -> f64 {
    units as f64 / 1e4
}

pub(super) fn count(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
