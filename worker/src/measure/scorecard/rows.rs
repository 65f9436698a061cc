//! All criteria, and the rows of `scorecard.parquet`.

use super::{
    criterion::{Criterion, Figure, ScorecardScope},
    homogeneity::Homogeneity,
    predictive_power::Power,
    reachability::Reachability,
    separation::Separation,
    size::Size,
    stability::Stability,
};
use crate::results::ScorecardRow;

/// Names of all criteria, in the order of the table.
pub const CRITERIA: [&str; 6] = ["size", "homogeneity", "separation", "stability", "reachability", "predictive_power"];

const REGISTRY: [&dyn Criterion; CRITERIA.len()] =
    [&Size, &Homogeneity, &Separation, &Stability, &Reachability, &Power];

/// Gives the rows of one segmentation, by criterion.
pub fn scorecard_rows(scope: &ScorecardScope<'_>) -> Vec<ScorecardRow> {
    let of_criterion = |criterion: &&dyn Criterion| {
        let figures = criterion.figures(scope).into_iter();
        figures.map(|figure| row(scope, *criterion, figure)).collect::<Vec<_>>()
    };
    REGISTRY.iter().flat_map(of_criterion).collect()
}

fn row(scope: &ScorecardScope<'_>, criterion: &dyn Criterion, figure: Figure) -> ScorecardRow {
    let verdict = figure.difference.and_then(|(_, (low, high))| match (low > 0.0, high < 0.0) {
        (true, _) => Some("better"),
        (_, true) => Some("worse"),
        _ => None,
    });
    let sentence = match &figure.value {
        Ok(_) => figure.sentence,
        Err(why) => scope.words.say("not-known", [("reason", scope.words.retold(why).into_owned().into())]),
    };
    ScorecardRow {
        segmentation: scope.segmentation.to_owned(),
        basis: if criterion.is_of_outcome() { "outcome" } else { "in_sample" }.to_owned(),
        criterion: criterion.name().to_owned(),
        measure: figure.measure.to_owned(),
        comparison: figure.comparison.map(|(what, _)| what.to_owned()),
        segment_key: figure.segment_key,
        value: figure.value.as_ref().ok().copied(),
        n: i64::try_from(figure.n).unwrap_or(i64::MAX),
        comparison_value: figure.comparison.map(|(_, value)| value),
        difference: figure.difference.map(|(difference, _)| difference),
        ci_low: figure.difference.map(|(_, (low, _))| low),
        ci_high: figure.difference.map(|(_, (_, high))| high),
        ci_level: figure.difference.map(|_| scope.level),
        verdict: verdict.map(str::to_owned),
        sentence,
        reason: figure.value.err(),
    }
}
