//! Are segments large enough, and none nearly everything?

use super::criterion::{Criterion, Figure, ScorecardScope, Segment, counted, percent};

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
        let told = counted(taken.len(), "segment has customers", "segments have customers");
        let mut figures = vec![
            Figure::known("segments", taken.len() as f64, in_scope, format!("{told}.")),
            Figure::known(
                "in_scope_share",
                covered,
                scope.customers,
                format!("{} of the customers are in scope.", percent(covered)),
            ),
        ];
        let equal = 1.0 / taken.len().max(1) as f64;
        let most = taken.iter().rev().max_by_key(|segment| segment.customers);
        let least = taken.iter().min_by_key(|segment| segment.customers);
        for (measure, word, found) in [("largest_share", "largest", most), ("smallest_share", "smallest", least)] {
            let Some(segment) = found else {
                figures.push(Figure::unknown(measure, in_scope, "no segment has customers"));
                continue;
            };
            let share = segment.customers as f64 / in_scope as f64;
            let sentence = format!(
                "The {word} segment, {}, has {} of the customers in scope; of {} equal ones each would have {}.",
                segment.key,
                percent(share),
                taken.len(),
                percent(equal)
            );
            let figure = Figure::known(measure, share, segment.customers, sentence);
            figures.push(figure.of(segment).beside("equal_shares", equal));
        }
        figures
    }
}
