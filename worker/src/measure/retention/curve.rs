//! Times until something happens, or until nothing more is known, counted by day.

use crate::measure::groups::Groups;
use segmenter_proto::{Error, Result, v1};
use std::collections::BTreeMap;

/// What the curves of one segmentation need: by group and day so many for whom it happened then, and so many of whom nothing more is known.
/// Mergeable in any order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CurveStatistic {
    /// In the order of the segments; where they overlap, of all customers as the last.
    pub by_group: Vec<BTreeMap<u32, Day>>,
}

/// What happened on a day, counted from the beginning of each time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Day {
    /// Times that end.
    pub events: u64,
    /// Times of which only is known that they last longer.
    pub censored: u64,
}

impl CurveStatistic {
    /// Gives the statistic of one shard; `times` gives those of a customer: the day, and whether it happened then.
    ///
    /// # Errors
    /// Those of `times`.
    pub fn of_shard(
        groups: &Groups<'_>,
        customers: usize,
        mut times: impl FnMut(usize) -> Result<Vec<(u32, bool)>>,
    ) -> Result<Self> {
        let mut by_group: Vec<BTreeMap<u32, Day>> = vec![BTreeMap::new(); groups.count()];
        groups.each(customers, |group, customer| {
            for (day, happened) in times(customer)? {
                let day = by_group[group].entry(day).or_default();
                if happened { day.events += 1 } else { day.censored += 1 }
            }
            Ok(())
        })?;
        Ok(Self { by_group })
    }

    /// Adds all that `other` holds.
    ///
    /// # Errors
    /// A bug where the number of groups differs.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        if self.by_group.len() != other.by_group.len() {
            return Err(Error::bug("curves of different segments do not merge"));
        }
        self.by_group.iter_mut().zip(&other.by_group).for_each(|(own, more)| add_days(own, more));
        Ok(())
    }

    /// Gives the message that travels.
    pub fn to_message(&self) -> v1::CurveStatistic {
        let group = |days: &BTreeMap<u32, Day>| v1::CurveOfGroup {
            days: days.keys().copied().collect(),
            events: days.values().map(|day| day.events).collect(),
            censored: days.values().map(|day| day.censored).collect(),
        };
        v1::CurveStatistic { by_group: self.by_group.iter().map(group).collect() }
    }

    /// Reads the message.
    ///
    /// # Errors
    /// A bug where the message is not one that [`Self::to_message`] gives.
    pub fn from_message(message: &v1::CurveStatistic) -> Result<Self> {
        let group = |group: &v1::CurveOfGroup| {
            if group.events.len() != group.days.len() || group.censored.len() != group.days.len() {
                return Err(Error::bug("a curve has other numbers of days and of what happened"));
            }
            let counts = group.events.iter().zip(&group.censored);
            let days = counts.map(|(events, censored)| Day { events: *events, censored: *censored });
            Ok(group.days.iter().copied().zip(days).collect())
        };
        Ok(Self { by_group: message.by_group.iter().map(group).collect::<Result<_>>()? })
    }
}

/// Adds days of more customers.
pub(super) fn add_days(days: &mut BTreeMap<u32, Day>, more: &BTreeMap<u32, Day>) {
    for (day, counts) in more {
        let own = days.entry(*day).or_default();
        own.events += counts.events;
        own.censored += counts.censored;
    }
}

/// A step of a Kaplan–Meier curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Step {
    pub day: u32,
    /// Times that last until this day at least.
    pub at_risk: u64,
    pub counts: Day,
    /// The share of times that last longer.
    pub survival: f64,
    /// Greenwood's sum Σ d/(n(n − d)) up to this day; none where nobody is left.
    pub greenwood: Option<f64>,
}

/// Gives the product-limit estimate (Kaplan and Meier 1958, Journal of the American Statistical Association 53, 457–481), a step a day on
/// which something is counted.
pub(super) fn kaplan_meier(days: &BTreeMap<u32, Day>) -> Vec<Step> {
    let mut at_risk: u64 = days.values().map(|day| day.events + day.censored).sum();
    let (mut survival, mut greenwood) = (1.0, Some(0.0));
    let step = |(day, counts): (&u32, &Day)| {
        let (n, d) = (at_risk as f64, counts.events as f64);
        survival *= (n - d) / n;
        greenwood = greenwood.filter(|_| counts.events < at_risk).map(|sum| sum + d / (n * (n - d)));
        let step = Step { day: *day, at_risk, counts: *counts, survival, greenwood };
        at_risk -= counts.events + counts.censored;
        step
    };
    days.iter().map(step).collect()
}

impl Step {
    /// Gives Greenwood's interval of the survival on the log(−log) scale (Kalbfleisch and Prentice 1980, 1.4); none where nothing has happened
    /// yet, or nobody is left. `z` is the normal quantile.
    pub(super) fn interval(&self, z: f64) -> Option<(f64, f64)> {
        let greenwood = self.greenwood.filter(|_| self.survival > 0.0 && self.survival < 1.0)?;
        let log = libm::log(self.survival);
        let off = z * greenwood.sqrt() / -log;
        let end = |sign: f64| libm::exp(log * libm::exp(sign * off));
        Some((end(1.0), end(-1.0)))
    }
}
