//! Are customers of a segment alike?

use super::criterion::{Criterion, Figure, ScorecardScope, percent};
use std::collections::BTreeMap;

/// The share of the differences in features that lies between segments.
#[derive(Debug)]
pub(super) struct Homogeneity;

const MEASURE: &str = "eta_squared";

impl Criterion for Homogeneity {
    fn name(&self) -> &'static str {
        "homogeneity"
    }

    fn figures(&self, scope: &ScorecardScope<'_>) -> Vec<Figure> {
        let n = scope.customers;
        if scope.overlapping {
            return vec![Figure::unknown(
                MEASURE,
                n,
                "segments overlap, so that differences do not lie either between or within them",
            )];
        }
        // The same in all segments; levels of texts are not numbers.
        let numbers = scope.profiles.iter().filter(|row| row.level.is_none());
        let by_feature: BTreeMap<&str, f64> =
            numbers.filter_map(|row| Some((row.feature.as_str(), row.eta_squared?))).collect();
        let groups = scope.segments.iter().filter(|segment| segment.customers > 0).count();
        if by_feature.is_empty() || n < 2 {
            return vec![Figure::unknown(MEASURE, n, "no feature is a number that differs between customers")];
        }
        let mean = by_feature.values().sum::<f64>() / by_feature.len() as f64;
        // What groups of any sizes explain by chance, on average over all ways to form them.
        let random = (groups as f64 - 1.0) / (n as f64 - 1.0);
        let words = scope.words;
        let sentence = words.say(
            "scorecard-homogeneity",
            [
                ("features", by_feature.len().into()),
                ("share", percent(words, mean).into()),
                ("random", percent(words, random).into()),
            ],
        );
        vec![Figure::known(MEASURE, mean, n, sentence).beside("random_groups", random)]
    }
}
