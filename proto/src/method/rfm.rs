//! Scores of recency, frequency and monetary, and the groups made of them: what the job says, and what `model.json` has.

use super::{MethodSpec, Model, SegmentName};
use serde::{Deserialize, Serialize};

/// Scores of recency, frequency and monetary.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RfmMethod {
    /// The features that are scored, from the preset `rfm` (its names with its suffix).
    pub recency: String,
    /// See `recency`.
    pub frequency: String,
    /// See `recency`.
    pub monetary: String,
    /// Bins of recency; score 1 is the longest ago.
    pub recency_bins: Bins,
    /// Bins of frequency.
    pub frequency_bins: Bins,
    /// Bins of monetary.
    pub monetary_bins: Bins,
}

/// How a value is cut into scores.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bins {
    /// This many quantiles, 2 to 10.
    Quantiles(u32),
    /// Cuts by hand, rising.
    Cuts(Vec<f64>),
}

impl MethodSpec for RfmMethod {}

/// One feature of an rfm segmentation with its cuts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RfmCuts {
    /// The feature.
    pub feature: String,
    /// Cuts, not falling; equal ones occur where many customers share a value.
    pub cuts: Vec<f64>,
}

impl RfmCuts {
    /// Gives the number of scores: cuts + 1.
    pub fn bins(&self) -> usize {
        self.cuts.len() + 1
    }

    /// Gives 1 + the number of cuts strictly below the value; equal values share a score.
    pub fn score(&self, value: f64) -> u8 {
        1 + self.cuts.iter().filter(|cut| **cut < value).count() as u8
    }

    /// Gives the score counted from the other end: the smallest values score highest.
    pub fn reversed_score(&self, value: f64) -> u8 {
        self.bins() as u8 + 1 - self.score(value)
    }
}

/// An rfm segmentation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RfmModel {
    /// The segmentation's name.
    pub segmentation: String,
    /// Recency in days: the fewest days score highest.
    pub recency: RfmCuts,
    /// Orders.
    pub frequency: RfmCuts,
    /// Money.
    pub monetary: RfmCuts,
}

impl Model for RfmModel {
    fn segmentation(&self) -> &str {
        &self.segmentation
    }

    fn segments(&self) -> Vec<SegmentName> {
        RfmGroup::ALL.iter().map(|group| SegmentName::reserved(group.key())).collect()
    }
}

impl RfmModel {
    /// Gives the r, f and m scores of a customer with a purchase.
    pub fn scores(&self, recency: f64, frequency: f64, monetary: f64) -> (u8, u8, u8) {
        (self.recency.reversed_score(recency), self.frequency.score(frequency), self.monetary.score(monetary))
    }

    /// Gives the group of r and f scores as [`Self::scores`] gives them.
    pub fn group(&self, r_score: u8, f_score: u8) -> RfmGroup {
        let r = five_point(r_score, self.recency.bins());
        let f = five_point(f_score, self.frequency.bins());
        RECENCY_FREQUENCY_GROUPS[usize::from(r - 1)][usize::from(f - 1)]
    }
}

/// A group of an rfm segmentation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RfmGroup {
    /// R3, F1–2.
    AboutToSleep,
    /// R1–2, F3–4.
    AtRisk,
    /// R1–2, F5.
    CantLose,
    /// R5, F4–5.
    Champions,
    /// R1–2, F1–2.
    Hibernating,
    /// R3–4, F4–5.
    Loyal,
    /// R3, F3.
    NeedAttention,
    /// R5, F1.
    New,
    /// No purchase in the window.
    NoPurchases,
    /// R4–5, F2–3.
    PotentialLoyalist,
    /// R4, F1.
    Promising,
}

impl RfmGroup {
    /// All groups, by key.
    pub const ALL: [Self; 11] = [
        Self::AboutToSleep,
        Self::AtRisk,
        Self::CantLose,
        Self::Champions,
        Self::Hibernating,
        Self::Loyal,
        Self::NeedAttention,
        Self::New,
        Self::NoPurchases,
        Self::PotentialLoyalist,
        Self::Promising,
    ];

    /// Gives the `segment_key`.
    pub fn key(self) -> &'static str {
        match self {
            Self::AboutToSleep => "about_to_sleep",
            Self::AtRisk => "at_risk",
            Self::CantLose => "cant_lose",
            Self::Champions => "champions",
            Self::Hibernating => "hibernating",
            Self::Loyal => "loyal",
            Self::NeedAttention => "need_attention",
            Self::New => "new",
            Self::NoPurchases => "no_purchases",
            Self::PotentialLoyalist => "potential_loyalist",
            Self::Promising => "promising",
        }
    }
}

/// The group of every R (row) and F (column) score from 1 to 5.
pub const RECENCY_FREQUENCY_GROUPS: [[RfmGroup; 5]; 5] = {
    use RfmGroup::*;
    [
        [Hibernating, Hibernating, AtRisk, AtRisk, CantLose],
        [Hibernating, Hibernating, AtRisk, AtRisk, CantLose],
        [AboutToSleep, AboutToSleep, NeedAttention, Loyal, Loyal],
        [Promising, PotentialLoyalist, PotentialLoyalist, Loyal, Loyal],
        [New, PotentialLoyalist, PotentialLoyalist, Champions, Champions],
    ]
};

/// Gives a score of `bins` as one of five: 1 + round(4·(score − 1)/(bins − 1)), half away from zero.
///
/// So the lowest stays 1 and the highest becomes 5; a score without alternatives is the middle, 3.
pub fn five_point(score: u8, bins: usize) -> u8 {
    let last = bins.saturating_sub(1);
    if last == 0 {
        return 3;
    }
    let steps = 4 * usize::from(score.saturating_sub(1)).min(last);
    1 + ((2 * steps + last) / (2 * last)) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(cuts: usize) -> RfmModel {
        let cuts =
            |feature: &str| RfmCuts { feature: feature.into(), cuts: (1..=cuts).map(|c| c as f64 * 10.0).collect() };
        RfmModel {
            segmentation: "value".into(),
            recency: cuts("recency_days"),
            frequency: cuts("frequency"),
            monetary: cuts("monetary"),
        }
    }

    #[test]
    fn a_value_on_a_cut_scores_below_it() {
        let model = model(4);
        assert_eq!(model.scores(10.0, 10.0, 10.1), (5, 1, 2));
        assert_eq!(model.scores(40.1, 40.1, -3.0), (1, 5, 1));
    }

    #[test]
    fn equal_values_share_a_score_even_where_cuts_coincide() {
        let cuts = RfmCuts { feature: "frequency".into(), cuts: vec![1.0, 1.0, 1.0, 4.0] };
        assert_eq!([0.0, 1.0, 2.0, 4.0, 5.0].map(|value| cuts.score(value)), [1, 1, 4, 4, 5]);
        assert_eq!([1.0, 2.0, 5.0].map(|value| cuts.reversed_score(value)), [5, 2, 1]);
    }

    #[test]
    fn groups_are_those_of_the_contract() {
        let keys = |r: u8| [1, 2, 3, 4, 5].map(|f| model(4).group(r, f).key());
        for r in [1, 2] {
            assert_eq!(keys(r), ["hibernating", "hibernating", "at_risk", "at_risk", "cant_lose"]);
        }
        assert_eq!(keys(3), ["about_to_sleep", "about_to_sleep", "need_attention", "loyal", "loyal"]);
        assert_eq!(keys(4), ["promising", "potential_loyalist", "potential_loyalist", "loyal", "loyal"]);
        assert_eq!(keys(5), ["new", "potential_loyalist", "potential_loyalist", "champions", "champions"]);
    }

    #[test]
    fn other_numbers_of_bins_become_five() {
        let all = |bins: usize| (1..=bins as u8).map(|score| five_point(score, bins)).collect::<Vec<_>>();
        assert_eq!(all(2), [1, 5]);
        assert_eq!(all(3), [1, 3, 5]);
        assert_eq!(all(4), [1, 2, 4, 5]);
        assert_eq!(all(5), [1, 2, 3, 4, 5]);
        assert_eq!(all(10), [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
        assert_eq!(all(1), [3]);
    }

    #[test]
    fn groups_are_listed_by_key() {
        assert!(RfmGroup::ALL.windows(2).all(|pair| pair[0].key() < pair[1].key()));
    }
}
