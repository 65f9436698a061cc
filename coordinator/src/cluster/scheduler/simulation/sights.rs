//! What was seen: a simulation in which nothing happened proves nothing.

use super::chance::mix;
use crate::cluster::scheduler::Action;

#[derive(Debug, Default)]
pub(super) struct Sights {
    pub(super) attempts: usize,
    pub(super) taken: usize,
    /// Answers of workers that were lost, taken all the same.
    pub(super) late_taken: usize,
    /// Second answers, compared within their round.
    pub(super) compared: usize,
    /// Second answers, compared rounds later.
    pub(super) compared_later: usize,
    pub(super) copies: usize,
    /// Copies of the only task of a round.
    pub(super) lone_copies: usize,
    /// Attempts that hung and were given up.
    pub(super) given_up: usize,
    /// Copies that were first.
    pub(super) copies_taken: usize,
    /// Tasks that waited behind stragglers and started elsewhere.
    pub(super) behind: usize,
    pub(super) failed: usize,
    pub(super) broken: usize,
    pub(super) lost_at_work: usize,
    pub(super) drained_at_work: usize,
    /// Events for attempts that are not known (any more).
    pub(super) unknown: usize,
    /// Starts where the shards were.
    pub(super) at_home: usize,
    pub(super) regrouped: usize,
    pub(super) trace: u64,
}

impl Sights {
    pub(super) fn note(&mut self, action: &Action) {
        for byte in format!("{action:?}").bytes() {
            self.trace = mix(self.trace ^ u64::from(byte));
        }
    }

    pub(super) fn assert_all_happened(&self) {
        let Self { attempts, taken, late_taken, compared, compared_later, copies, copies_taken, behind, .. } = *self;
        let Self { failed, broken, lost_at_work, drained_at_work, unknown, at_home, regrouped, .. } = *self;
        let all = [attempts, taken, late_taken, compared, compared_later, copies, copies_taken, behind, failed, broken];
        let more = [lost_at_work, drained_at_work, unknown, at_home, regrouped];
        assert!(all.iter().chain(&more).all(|seen| *seen >= 20), "{self:?}");
    }
}
