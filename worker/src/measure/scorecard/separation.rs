//! Do segments differ from each other?

use super::criterion::{Criterion, Figure, ScorecardScope, Segment};

/// How far clusters lie apart, and how much the two that are most alike differ.
#[derive(Debug)]
pub(super) struct Separation;

/// Below it there is no substantial structure (Kaufman and Rousseeuw 1990, Finding Groups in Data, table 4).
const NO_STRUCTURE: f64 = 0.25;

impl Criterion for Separation {
    fn name(&self) -> &'static str {
        "separation"
    }

    fn figures(&self, scope: &ScorecardScope<'_>) -> Vec<Figure> {
        vec![silhouette(scope), closest_pair(scope)]
    }
}

fn silhouette(scope: &ScorecardScope<'_>) -> Figure {
    const MEASURE: &str = "silhouette";
    let n = scope.in_scope();
    if !scope.is_clustered {
        return Figure::unknown(MEASURE, n, "distances are measured between clusters only");
    }
    let chosen = scope.selection.iter().filter(|figure| figure.chosen && figure.segment_key.is_none());
    let of_sample = chosen.clone().find(|figure| figure.metric == MEASURE && figure.value.is_some());
    let found = of_sample.or_else(|| chosen.clone().find(|figure| figure.metric == "simplified_silhouette"));
    let Some((figure, value)) = found.and_then(|figure| Some((figure, figure.value?))) else {
        return Figure::unknown(MEASURE, n, "this run measured no distances of clusters");
    };
    let words = scope.words;
    let limit = words.written(&NO_STRUCTURE.to_string());
    let told = [("value", words.fixed(value, 2).into()), ("limit", limit.into())];
    let sentence = words.say("scorecard-silhouette", told);
    Figure::known(MEASURE, value, figure.n, sentence).beside("convention", NO_STRUCTURE)
}

/// Of each pair of segments the feature in which their means differ most, in standard deviations of all customers; of all pairs the least.
fn closest_pair(scope: &ScorecardScope<'_>) -> Figure {
    const MEASURE: &str = "closest_pair";
    let n = scope.in_scope();
    let named: Vec<&Segment<'_>> = scope.named().collect();
    let scores = |segment: &Segment<'_>| -> Vec<(&str, f64)> {
        let own = scope.profiles.iter().filter(|row| row.level.is_none() && row.segment_key == segment.key);
        own.filter_map(|row| Some((row.feature.as_str(), row.z_score?))).collect()
    };
    let scored: Vec<Vec<(&str, f64)>> = named.iter().map(|segment| scores(segment)).collect();
    let mut closest: Option<(usize, usize, &str, f64)> = None;
    for (first, own) in scored.iter().enumerate() {
        for (second, others) in scored.iter().enumerate().skip(first + 1) {
            let both = own.iter().filter_map(|(feature, score)| {
                let other = others.iter().find(|(name, _)| name == feature)?;
                Some((*feature, (score - other.1).abs()))
            });
            // Of equal ones the first.
            let Some((feature, apart)) = both.reduce(|most, next| if next.1 > most.1 { next } else { most }) else {
                continue;
            };
            if closest.is_none_or(|(.., least)| apart < least) {
                closest = Some((first, second, feature, apart));
            }
        }
    }
    let Some((first, second, feature, apart)) = closest else {
        let why = format!("fewer than two segments have {} customers and a number to be compared", scope.min_cell);
        return Figure::unknown(MEASURE, n, why);
    };
    let words = scope.words;
    let sentence = words.say(
        "scorecard-closest-pair",
        [
            ("first", named[first].key.into()),
            ("second", named[second].key.into()),
            ("feature", words.translated("feature", feature).unwrap_or_else(|| feature.to_owned()).into()),
            ("apart", words.fixed(apart, 2).into()),
        ],
    );
    Figure::known(MEASURE, apart, named[first].customers + named[second].customers, sentence)
}
