//! Would other customers have given the same segments?

use super::criterion::{Criterion, Figure, ScorecardScope};

/// How well clusters are found again where customers are drawn again: the least stable one, or their mean where each is not told.
#[derive(Debug)]
pub(super) struct Stability;

const MEASURE: &str = "jaccard";
/// Above it a cluster is stable (Hennig 2007, Computational Statistics and Data Analysis 52, 258–271).
const STABLE: f64 = 0.75;

impl Criterion for Stability {
    fn name(&self) -> &'static str {
        "stability"
    }

    fn figures(&self, scope: &ScorecardScope<'_>) -> Vec<Figure> {
        let (n, words) = (scope.in_scope(), scope.words);
        let limit = || ("limit", words.written(&STABLE.to_string()).into());
        if !scope.is_clustered {
            return vec![Figure::unknown(
                MEASURE,
                n,
                "segments are not clusters: they follow from what the job says of each customer",
            )];
        }
        let of_segments = scope.selection.iter().filter(|figure| figure.chosen && figure.metric == MEASURE);
        let known = of_segments.filter_map(|figure| Some((figure, figure.segment_key.as_deref()?, figure.value?)));
        let Some((figure, key, value)) = known.min_by(|(.., left), (.., right)| left.total_cmp(right)) else {
            // Of nested clusters only the mean is told.
            if let Some(mean) = scope.figures.iter().find(|figure| figure.name == MEASURE) {
                let told = [("value", words.fixed(mean.value, 2).into()), limit()];
                let sentence = words.say("scorecard-stability-mean", told);
                return vec![Figure::known(MEASURE, mean.value, n, sentence).beside("convention", STABLE)];
            }
            return vec![Figure::unknown(
                MEASURE,
                n,
                "this run drew no customers again to see which clusters come back",
            )];
        };
        let told = [("segment", key.into()), ("value", words.fixed(value, 2).into()), limit()];
        let sentence = words.say("scorecard-stability", told);
        let mut row = Figure::known(MEASURE, value, figure.n, sentence).beside("convention", STABLE);
        row.segment_key = Some(key.to_owned());
        vec![row]
    }
}
