//! Are segments large enough, and none nearly everything?

use super::criterion::{Criterion, Figure, ScorecardScope, Segment, percent};

/// Number and shares of the segments.
#[derive(Debug)]
pub(super) struct Size;

impl Criterion for Size {
    fn name(&self) -> &'static str {
        "size"
    }

    fn figures(&self, scope: &ScorecardScope<'_>) -> Vec<Figure> {
        let in_scope = scope.in_scope();
        let taken: Vec<&Segment<'_>> = scope.taken().collect();
        let covered = if scope.customers > 0 { in_scope as f64 / scope.customers as f64 } else { 0.0 };
        let words = scope.words;
        let told = words.say("scorecard-segments", [("segments", taken.len().into())]);
        let mut figures = vec![
            Figure::known("segments", taken.len() as f64, in_scope, told),
            Figure::known(
                "in_scope_share",
                covered,
                scope.customers,
                words.say("scorecard-in-scope", [("share", percent(words, covered).into())]),
            ),
        ];
        let equal = 1.0 / taken.len().max(1) as f64;
        let most = taken.iter().rev().max_by_key(|segment| segment.customers);
        let least = taken.iter().min_by_key(|segment| segment.customers);
        let sizes = [("largest_share", "scorecard-largest", most), ("smallest_share", "scorecard-smallest", least)];
        for (measure, sentence, found) in sizes {
            let Some(segment) = found else {
                figures.push(Figure::unknown(measure, in_scope, "no segment has customers"));
                continue;
            };
            let share = segment.customers as f64 / in_scope as f64;
            let sentence = words.say(
                sentence,
                [
                    ("segment", segment.key.into()),
                    ("share", percent(words, share).into()),
                    ("segments", taken.len().into()),
                    ("equal", percent(words, equal).into()),
                ],
            );
            let figure = Figure::known(measure, share, segment.customers, sentence);
            figures.push(figure.of(segment).beside("equal_shares", equal));
        }
        figures
    }
}
