//! Experiments: who was given what, and what came of it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// An experiment within the outcome window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Experiment {
    /// Its name, unique among experiments.
    pub name: String,
    /// SQL that gives the arms of each customer: `customer_id`, `arm`, `arms` (different ones, up to the end) and `assignments`.
    pub arms_query: String,
    /// The arm that the others are compared with.
    pub control: String,
    /// Arms with their planned shares of those in the experiment, by name; the control among them.
    pub arms: Vec<(String, f64)>,
    /// Whether chance decided on the arms, so that differences are effects.
    pub randomised: bool,
    /// The first day.
    pub start: NaiveDate,
    /// The day before which it ends.
    pub end: NaiveDate,
    /// Names of metrics.
    pub metrics: Vec<String>,
}

impl Experiment {
    /// Gives its length in days.
    pub fn days(&self) -> u32 {
        u32::try_from((self.end - self.start).num_days()).unwrap_or_default()
    }

    /// Gives the position of the control among the arms.
    pub fn control(&self) -> Option<usize> {
        self.arms.iter().position(|(arm, _)| *arm == self.control)
    }
}
