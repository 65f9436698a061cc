//! Who works on a run, for those who watch it.

use std::{collections::BTreeMap, time::Duration};

/// Workers that are gone are remembered so long as there are fewer of them: in a cloud they come and go.
const MOST_GONE: usize = 50;

/// The workers of a run, by the number of their registration.
#[derive(Debug, Clone, Default)]
pub struct Crew {
    workers: BTreeMap<u64, Hand>,
}

/// A worker, and what it did.
#[derive(Debug, Clone, PartialEq)]
pub struct Hand {
    /// Where it is.
    pub name: String,
    /// Tasks that it works on at the same time.
    pub slots: usize,
    /// Whether it is there.
    pub presence: Presence,
    /// Attempts that it works on.
    pub running: u64,
    /// Attempts that it ended well.
    pub done: u64,
    /// Attempts that failed there, or were lost with it.
    pub failed: u64,
    /// Time that its attempts took, all of them added up.
    pub busy: Duration,
}

/// Whether a worker is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Presence {
    /// It takes tasks.
    There,
    /// It ends what it has and takes nothing new.
    Leaving,
    /// It is gone, and why.
    Gone(String),
}

impl Crew {
    /// Gives the workers in the order in which they came.
    pub fn workers(&self) -> impl Iterator<Item = &Hand> {
        self.workers.values()
    }

    /// A worker has come.
    pub fn joined(&mut self, worker: u64, name: &str, slots: usize) {
        let hand = Hand {
            name: name.to_owned(),
            slots,
            presence: Presence::There,
            running: 0,
            done: 0,
            failed: 0,
            busy: Duration::ZERO,
        };
        self.workers.insert(worker, hand);
    }

    /// A worker takes nothing new.
    pub fn leaving(&mut self, worker: u64) {
        if let Some(hand) = self.workers.get_mut(&worker) {
            hand.presence = Presence::Leaving;
        }
    }

    /// A worker is gone.
    pub fn gone(&mut self, worker: u64, why: &str) {
        if let Some(hand) = self.workers.get_mut(&worker) {
            hand.presence = Presence::Gone(why.to_owned());
            hand.failed += std::mem::take(&mut hand.running);
        }
        let is_gone = |(_, hand): &(&u64, &Hand)| matches!(hand.presence, Presence::Gone(_));
        let mut gone = self.workers.iter().filter(is_gone).map(|(worker, _)| *worker);
        let (first, count) = (gone.next(), gone.count() + 1);
        if let Some(first) = first.filter(|_| count > MOST_GONE) {
            self.workers.remove(&first);
        }
    }

    /// An attempt was given to a worker.
    pub fn began(&mut self, worker: u64) {
        if let Some(hand) = self.workers.get_mut(&worker) {
            hand.running += 1;
        }
    }

    /// An attempt ended there, well or not.
    pub fn ended(&mut self, worker: u64, took: Duration, well: bool) {
        let Some(hand) = self.workers.get_mut(&worker) else { return };
        hand.busy += took;
        // Those of a worker that is gone were counted when it went.
        if hand.running > 0 {
            hand.running -= 1;
            if well { hand.done += 1 } else { hand.failed += 1 }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_attempt_is_counted_once() {
        let mut crew = Crew::default();
        crew.joined(4, "http://a:1", 2);
        (0..4).for_each(|_| crew.began(4));
        crew.ended(4, Duration::from_secs(2), true);
        crew.ended(4, Duration::from_secs(1), false);
        crew.leaving(4);
        assert_eq!(crew.workers().next().unwrap().presence, Presence::Leaving);
        crew.gone(4, "it said nothing");
        crew.ended(4, Duration::ZERO, false);
        // Of somebody who never came nothing is known.
        crew.ended(9, Duration::ZERO, true);
        let hand = crew.workers().next().unwrap();
        assert_eq!((hand.running, hand.done, hand.failed, hand.busy.as_secs()), (0, 1, 3, 3));
        assert_eq!(hand.presence, Presence::Gone("it said nothing".to_owned()));
    }

    #[test]
    fn of_those_who_are_gone_the_last_are_remembered() {
        let mut crew = Crew::default();
        crew.joined(0, "here", 1);
        for worker in 1..200 {
            crew.joined(worker, &worker.to_string(), 1);
            crew.gone(worker, "left");
        }
        let names: Vec<&str> = crew.workers().map(|hand| hand.name.as_str()).collect();
        assert_eq!((names.len(), names[0], names[1], names[50]), (51, "here", "150", "199"));
    }
}
