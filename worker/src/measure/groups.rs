//! Who is in which segment.

use arrow::buffer::BooleanBuffer;
use segmenter_proto::{Error, Result};

/// Who is in which segment of a segmentation.
///
/// A statistic has a group a segment, in their order. Where segments overlap they do not add up to all customers, and everybody is one group
/// more, the last.
#[derive(Debug)]
pub enum Groups<'a> {
    /// Everybody is in one segment.
    Apart {
        /// Its position, a customer.
        labels: &'a [u32],
        /// Number of segments.
        segments: usize,
    },
    /// By segment who is in it.
    Overlapping(Vec<BooleanBuffer>),
    /// There is one group, of everybody.
    Everybody,
}

impl<'a> Groups<'a> {
    /// Takes the position of each customer's segment.
    ///
    /// # Errors
    /// A bug where one is not below `segments`.
    pub fn apart(labels: &'a [u32], segments: usize) -> Result<Self> {
        match labels.iter().find(|label| **label as usize >= segments) {
            Some(label) => Err(Error::bug(format!("label {label} of {segments} segments in a measure"))),
            None => Ok(Self::Apart { labels, segments }),
        }
    }

    /// Gives the number of groups of a statistic.
    pub(super) fn count(&self) -> usize {
        match self {
            Self::Apart { segments, .. } => *segments,
            Self::Overlapping(members) => members.len() + 1,
            Self::Everybody => 1,
        }
    }

    /// Calls `add` with the group of every customer, and the customer: of segments that overlap with each that the customer is in, and with
    /// the group of everybody.
    ///
    /// # Errors
    /// Those of `add`.
    pub(super) fn each(&self, customers: usize, mut add: impl FnMut(usize, usize) -> Result<()>) -> Result<()> {
        match self {
            Self::Apart { labels, .. } => {
                labels.iter().enumerate().try_for_each(|(customer, label)| add(*label as usize, customer))
            }
            Self::Overlapping(members) => {
                for (group, who) in members.iter().enumerate() {
                    who.set_indices().try_for_each(|customer| add(group, customer))?;
                }
                (0..customers).try_for_each(|customer| add(members.len(), customer))
            }
            Self::Everybody => (0..customers).try_for_each(|customer| add(0, customer)),
        }
    }

    /// Gives the number of segments; everybody is one, where there is one group.
    pub(super) fn segments(&self) -> usize {
        match self {
            Self::Apart { segments, .. } => *segments,
            Self::Overlapping(members) => members.len(),
            Self::Everybody => 1,
        }
    }

    /// Puts the segments that a customer is in in the place of what `segments` holds.
    pub(super) fn segments_of(&self, customer: usize, segments: &mut Vec<usize>) {
        segments.clear();
        match self {
            Self::Apart { labels, .. } => segments.extend(labels.get(customer).map(|label| *label as usize)),
            Self::Overlapping(members) => {
                segments.extend(members.iter().enumerate().filter(|(_, who)| who.value(customer)).map(|(at, _)| at));
            }
            Self::Everybody => segments.push(0),
        }
    }

    /// Checks that there are as many customers as values of `what`.
    pub(super) fn check(&self, customers: usize, what: &str) -> Result<()> {
        let known = match self {
            Self::Apart { labels, .. } => labels.len(),
            Self::Overlapping(members) => members.first().map_or(customers, BooleanBuffer::len),
            Self::Everybody => customers,
        };
        match known == customers {
            true => Ok(()),
            false => Err(Error::bug(format!("{what} has {customers} values for {known} customers"))),
        }
    }
}

/// Gives the segments of a statistic, and all customers together where segments overlap.
///
/// # Errors
/// A bug where there is no group at all.
pub(super) fn apart_from_all<T>(groups: &[T], overlapping: bool) -> Result<(&[T], Option<&T>)> {
    match (overlapping, groups.split_last()) {
        (false, _) => Ok((groups, None)),
        (true, Some((all, segments))) => Ok((segments, Some(all))),
        (true, None) => Err(Error::bug("a statistic of segments that overlap lacks all customers")),
    }
}
