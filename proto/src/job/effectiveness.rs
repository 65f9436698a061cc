//! What is measured of the segments.

use super::{Attribution, Experiment};
use serde::{Deserialize, Serialize};

/// What is measured of the segments.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Effectiveness {
    /// Days from `as_of` on whose rows judge the segments; features never see them.
    pub outcome_days: Option<u32>,
    /// Level of intervals.
    #[serde(default, skip_serializing_if = "Confidence::is_default")]
    pub confidence: Confidence,
    /// Which message a purchase is credited to.
    #[serde(default, skip_serializing_if = "Attribution::is_default")]
    pub attribution: Attribution,
    /// Metrics of the user's own over those rows, in the order of the file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub metrics: Vec<OwnMetric>,
    /// Experiments within that window, in the order of the file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub experiments: Vec<Experiment>,
}

/// A metric of the user's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnMetric {
    /// Its name, unique among metrics.
    pub name: String,
    /// What is made of the customers' values.
    pub kind: MetricKind,
    /// SQL over the rows of the outcome window that gives `customer_id` and `value`, and `per` for a ratio.
    pub query: String,
    /// What it counts.
    #[serde(default, skip_serializing_if = "MetricUnit::is_default")]
    pub unit: MetricUnit,
}

/// What a metric counts that is no share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MetricUnit {
    /// Only the user knows.
    #[default]
    Value,
    /// Amounts in the job's currency.
    Currency,
    /// The same for each customer.
    CurrencyPerCustomer,
    /// Scores on the source's own scale.
    Score,
    /// From -100 to 100.
    Points,
}

impl MetricUnit {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// What a metric makes of the customers' values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MetricKind {
    /// The share of customers whose value is above 0.
    Rate,
    /// The mean over all customers in scope.
    Mean,
    /// The sum of values over the sum of what they are divided by.
    Ratio,
    /// The sum.
    Total,
}

impl MetricKind {
    /// Gives the columns of the query beside `customer_id`.
    pub fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Rate | Self::Mean | Self::Total => &["value"],
            Self::Ratio => &["value", "per"],
        }
    }
}

impl Effectiveness {
    /// Says whether the job says nothing of it.
    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// The level of intervals, in ten-thousandths: so it is one number in the job and everywhere else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confidence(u16);

impl Default for Confidence {
    fn default() -> Self {
        Self(9500)
    }
}

impl Confidence {
    /// The lowest and the highest that is taken.
    pub const RANGE: [f64; 2] = [0.5, 0.9999];

    /// Takes a level within [`Self::RANGE`] of at most four digits behind the point; none otherwise.
    pub fn of(level: f64) -> Option<Self> {
        let [lowest, highest] = Self::RANGE;
        if !(lowest..=highest).contains(&level) {
            return None;
        }
        let of = Self((level * 10_000.0).round() as u16);
        (of.level() == level).then_some(of)
    }

    /// Gives the level, such as 0.95.
    pub fn level(self) -> f64 {
        f64::from(self.0) / 10_000.0
    }

    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_taken_as_it_is_written_or_not_at_all() {
        for level in [0.5, 0.8, 0.9, 0.95, 0.975, 0.99, 0.999, 0.9999] {
            assert_eq!(Confidence::of(level).map(Confidence::level), Some(level));
        }
        for wrong in [0.0, 0.4999, 0.95005, 0.99995, 1.0, 95.0, f64::NAN] {
            assert_eq!(Confidence::of(wrong), None, "{wrong}");
        }
        assert_eq!(Confidence::default().level(), 0.95);
    }
}
