//! The coordinator's side of expectation maximisation: probabilities by given components over all rows, components by the sums,
//! and again.

use segmenter_proto::{Error, Result, Rounds, Watched, v1};
use serde::{Deserialize, Serialize};

use super::{
    components::{Component, components_of},
    statistics::MixtureStatistics,
};

/// Why the rounds ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MixtureStop {
    /// The mean log-likelihood a row rises by less than asked for.
    Converged,
    /// The largest number of rounds was reached.
    Cap,
}

/// What a fit ends with.
#[derive(Debug, Clone, PartialEq)]
pub struct MixtureResult {
    /// The components.
    pub components: Vec<Component>,
    /// The sums by these components.
    pub statistics: MixtureStatistics,
    /// Passes over all rows.
    pub rounds: u32,
    /// Why it ended.
    pub stop: MixtureStop,
    /// Components that had less than one row by probability, and were dropped on the way.
    pub dropped: usize,
}

/// Expectation maximisation from given components.
#[derive(Debug)]
pub struct MixtureFit {
    tolerance: f64,
    cap: u32,
    components: Vec<Component>,
    last: Option<f64>,
    rounds: u32,
    dropped: usize,
    done: Option<MixtureResult>,
}

impl MixtureFit {
    /// Starts; it ends when the mean log-likelihood a row rises by less than `tolerance`, or after `cap` rounds (at least one).
    pub fn new(start: Vec<Component>, tolerance: f64, cap: u32) -> Self {
        Self { tolerance, cap, components: start, last: None, rounds: 0, dropped: 0, done: None }
    }

    /// Gives the components that the next pass goes by.
    pub(super) fn components(&self) -> &[Component] {
        &self.components
    }

    /// Takes the sums over all rows; says nothing more once it is done.
    pub(super) fn absorb_statistics(&mut self, statistics: MixtureStatistics) -> Result<()> {
        if self.done.is_some() || statistics.weights.len() != self.components.len() || statistics.rows == 0 {
            return Err(Error::bug("sums of a mixture were not asked for"));
        }
        self.rounds += 1;
        let now = statistics.mean_log_likelihood();
        let stop = match self.last {
            Some(last) if now - last < self.tolerance => Some(MixtureStop::Converged),
            _ => (self.rounds >= self.cap).then_some(MixtureStop::Cap),
        };
        if let Some(stop) = stop {
            let (components, rounds, dropped) = (std::mem::take(&mut self.components), self.rounds, self.dropped);
            self.done = Some(MixtureResult { components, statistics, rounds, stop, dropped });
            return Ok(());
        }
        let (components, died) = components_of(&statistics);
        self.dropped += died;
        // Without a component that died, the likelihood may be lower than before.
        self.last = (died == 0).then_some(now);
        self.components = components;
        Ok(())
    }

    /// Says whether the fit is done.
    pub(super) fn is_done(&self) -> bool {
        self.done.is_some()
    }
}

impl Rounds for MixtureFit {
    type Request = v1::MixtureRequest;
    type Answer = v1::MixtureAnswer;
    type Output = MixtureResult;

    fn next_request(&self) -> Option<v1::MixtureRequest> {
        let components = self.components().iter().map(Component::to_message).collect();
        self.done.is_none().then_some(v1::MixtureRequest { components })
    }

    fn absorb(&mut self, answer: v1::MixtureAnswer) -> Result<()> {
        self.absorb_statistics(MixtureStatistics::from_message(&answer)?)
    }

    fn watched(&self) -> Option<Watched> {
        let done = self.done.as_ref().map(|done| done.statistics.mean_log_likelihood());
        done.or(self.last).map(|value| Watched { name: "log likelihood", value })
    }

    fn finish(self) -> Result<MixtureResult> {
        self.done.ok_or_else(|| Error::bug("a mixture was ended before its last round"))
    }
}
