//! What a stage took of its workers.

use std::{collections::BTreeMap, time::Duration};

/// Counted over the rounds of a stage.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StageTally {
    /// Attempts after a task's first, because that one failed or was lost.
    pub retries: u64,
    /// Attempts beside one that took long.
    pub copies: u64,
    /// Time that calls took, by the number of the worker.
    pub busy: BTreeMap<u64, Duration>,
    /// Bytes of tasks that were sent to other processes.
    pub sent_bytes: u64,
    /// Bytes of answers that came from other processes.
    pub received_bytes: u64,
}

impl StageTally {
    /// Gives how many workers took part.
    pub fn workers(&self) -> u64 {
        self.busy.len() as u64
    }

    /// Gives how much longer the busiest worker worked than the mean one: 1 is even; none without workers.
    pub fn skew(&self) -> Option<f64> {
        let seconds: Vec<f64> = self.busy.values().map(Duration::as_secs_f64).collect();
        let mean = seconds.iter().sum::<f64>() / seconds.len() as f64;
        let skew = seconds.iter().copied().fold(0.0, f64::max) / mean;
        skew.is_finite().then_some((skew * 100.0).round() / 100.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skew_is_the_busiest_against_the_mean() {
        assert_eq!(StageTally::default().skew(), None);
        let busy = [(1, Duration::from_secs(3)), (4, Duration::from_secs(1))].into();
        let tally = StageTally { busy, ..StageTally::default() };
        assert_eq!((tally.workers(), tally.skew()), (2, Some(1.5)));
    }
}
