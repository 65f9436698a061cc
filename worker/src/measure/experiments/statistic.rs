//! Exact sums of the metrics of an experiment, by group and arm.

use crate::measure::{
    effectiveness::{OwnTotals, OwnValues},
    groups::Groups,
};
use arrow::array::{Array, Float64Array, Int32Array};
use segmenter_proto::{Error, Result, v1};

/// A customer stands in several arms.
pub const IN_TWO_ARMS: i32 = -1;
/// A customer stands in an arm that is not planned.
pub const OTHER_ARM: i32 = -2;
/// A customer was assigned when the experiment was over.
pub const TOO_LATE: i32 = -3;

/// What an experiment looks at of the customers of a shard.
#[derive(Debug, Clone)]
pub struct ArmValues<'a> {
    /// The position of the arm, or why there is none; null of who is in no arm.
    pub arms: &'a Int32Array,
    /// Number of arms.
    pub count: usize,
    /// Of each metric.
    pub metrics: Vec<MetricValues<'a>>,
}

/// Values of a metric; null where it is not known, or says nothing of the customer.
#[derive(Debug, Clone, Copy)]
pub struct MetricValues<'a> {
    /// The value.
    pub value: &'a Float64Array,
    /// What it is divided by, of a ratio.
    pub per: Option<&'a Float64Array>,
    /// The same before the experiment.
    pub before: Option<&'a Float64Array>,
}

/// Sums of one experiment over the groups of one division, mergeable in any order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ExperimentStatistic {
    /// Of each metric.
    pub(super) metrics: Vec<MetricSums>,
    /// Customers who are left out: in two arms, in another arm, assigned too late.
    pub(super) left_out: [u64; 3],
}

/// Sums of one metric: by group, and within it by arm.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct MetricSums {
    /// Of the value, and of what it is divided by.
    pub plain: Vec<OwnTotals>,
    /// Of the value, and as what it is divided by the value before; empty where there is none.
    pub paired: Vec<OwnTotals>,
}

impl ExperimentStatistic {
    /// Gives the statistic of one shard; `groups` are the segments of a segmentation, or one group of everybody.
    ///
    /// # Errors
    /// A bug where lengths differ or an arm is none.
    pub fn of_shard(groups: &Groups<'_>, values: &ArmValues<'_>) -> Result<Self> {
        let customers = values.arms.len();
        groups.check(customers, "arms of an experiment")?;
        let mut left_out = [0; 3];
        for arm in values.arms.iter().flatten().filter(|arm| *arm < 0) {
            let count = left_out.get_mut(arm.unsigned_abs() as usize - 1);
            *count.ok_or_else(|| Error::bug(format!("there is no arm {arm}")))? += 1;
        }
        if values.arms.iter().flatten().any(|arm| arm >= values.count as i32) {
            return Err(Error::bug("a customer is in an arm that the experiment does not have"));
        }
        let of_metric = |metric: &MetricValues<'_>| {
            Ok(MetricSums {
                plain: sums(groups, &OwnValues { value: metric.value, per: metric.per }, values)?,
                paired: match metric.before {
                    Some(before) => sums(groups, &OwnValues { value: metric.value, per: Some(before) }, values)?,
                    None => Vec::new(),
                },
            })
        };
        Ok(Self { metrics: values.metrics.iter().map(of_metric).collect::<Result<_>>()?, left_out })
    }

    /// Gives how many customers are left out: in two arms, in another arm, assigned too late.
    pub fn left_out(&self) -> [u64; 3] {
        self.left_out
    }

    /// Adds all that `other` holds.
    ///
    /// # Errors
    /// A bug where groups, arms or metrics differ.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        let shape = |of: &Self| -> Vec<(usize, usize)> {
            of.metrics.iter().map(|sums| (sums.plain.len(), sums.paired.len())).collect()
        };
        if shape(self) != shape(other) {
            return Err(Error::bug("experiments of different arms do not merge"));
        }
        for (own, more) in self.metrics.iter_mut().zip(&other.metrics) {
            own.plain.iter_mut().zip(&more.plain).for_each(|(own, more)| own.merge(more));
            own.paired.iter_mut().zip(&more.paired).for_each(|(own, more)| own.merge(more));
        }
        self.left_out.iter_mut().zip(&other.left_out).for_each(|(own, more)| *own += more);
        Ok(())
    }

    /// Gives the message that travels.
    pub fn to_message(&self) -> v1::ExperimentStatistic {
        let metric = |sums: &MetricSums| v1::ExperimentSums {
            plain: sums.plain.iter().map(OwnTotals::to_message).collect(),
            paired: sums.paired.iter().map(OwnTotals::to_message).collect(),
        };
        v1::ExperimentStatistic { metrics: self.metrics.iter().map(metric).collect(), left_out: self.left_out.to_vec() }
    }

    /// Reads the message.
    ///
    /// # Errors
    /// A bug where the message is not one that [`Self::to_message`] gives.
    pub fn from_message(message: &v1::ExperimentStatistic) -> Result<Self> {
        let totals = |totals: &[v1::OwnTotals]| totals.iter().map(OwnTotals::from_message).collect::<Result<Vec<_>>>();
        let metric =
            |sums: &v1::ExperimentSums| Ok(MetricSums { plain: totals(&sums.plain)?, paired: totals(&sums.paired)? });
        let left_out = message.left_out.as_slice().try_into();
        Ok(Self {
            metrics: message.metrics.iter().map(metric).collect::<Result<_>>()?,
            left_out: left_out.map_err(|_| Error::bug("an experiment counts other reasons to be left out"))?,
        })
    }
}

fn sums(groups: &Groups<'_>, own: &OwnValues<'_>, values: &ArmValues<'_>) -> Result<Vec<OwnTotals>> {
    if own.value.len() != values.arms.len() || own.per.is_some_and(|per| per.len() != values.arms.len()) {
        return Err(Error::bug("a metric of an experiment is not known of all customers"));
    }
    let mut by_arm = vec![OwnTotals::default(); groups.count() * values.count];
    groups.each(values.arms.len(), |group, customer| {
        match values.arms.is_valid(customer).then(|| values.arms.value(customer)) {
            Some(arm) if arm >= 0 => by_arm[group * values.count + arm as usize].add(own, customer),
            _ => Ok(()),
        }
    })?;
    Ok(by_arm)
}
