//! Customers who buy like one group up to a day, and like another from then on.

use super::{
    calendar::{Calendar, DAYS},
    customer::Customer,
    group::{GROUPS, Group},
    random::Stream,
};
use chrono::NaiveDate;
use segmenter_proto::{Error, Result};

/// How many groups, the first ones, go on buying: customers move between them.
const MOVING: usize = 4;

/// How many customers move, and when.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Movers {
    /// Of the customers of groups that go on buying, the share that moves; above 0, at most 1.
    pub share: f64,
    /// The first day on which they buy like another group.
    pub at: NaiveDate,
}

/// The same in days of the data.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Moves {
    share: f64,
    pub(super) day: i64,
}

impl Moves {
    /// Takes what was asked for.
    ///
    /// # Errors
    /// It is out of range: Job.
    pub(super) fn of(movers: Movers, calendar: &Calendar) -> Result<Self> {
        let Movers { share, at } = movers;
        if !(share > 0.0 && share <= 1.0) {
            return Err(Error::job(format!("share of movers is {share}, expected above 0 and at most 1")));
        }
        let (first, last) = (calendar.date(1), calendar.date(DAYS - 1));
        if !(first..=last).contains(&at) {
            return Err(Error::job(format!("movers move at {at}, expected a day of the data: {first} to {last}")));
        }
        Ok(Self { share, day: (at - calendar.date(0)).num_days() })
    }

    /// Gives the group that a customer moves to; none: it does not.
    pub(super) fn group_after(&self, seed: u64, customer: &Customer) -> Option<&'static Group> {
        let own = GROUPS.iter().take(MOVING).position(|group| group.name == customer.group.name)?;
        let mut stream = Stream::new(seed, "mover", customer.number);
        let moves = stream.chance(self.share);
        let others = MOVING as i64 - 1;
        let step = usize::try_from(stream.between(1, others)).unwrap_or(1);
        moves.then(|| &GROUPS[(own + step) % MOVING])
    }
}
